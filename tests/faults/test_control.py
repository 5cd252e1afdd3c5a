"""The points that count as database statements."""

import pytest

from faults import hooks
from faults.control import Point


@pytest.mark.parametrize("prefix", ["sale_events", *hooks.PREFIXES])
@pytest.mark.parametrize("operation", hooks.CALLS)
def test_call_of_aws_is_not_a_statement(operation: str, prefix: str) -> None:
    name = hooks._call(None, operation, {"Bucket": "b", "Key": f"{prefix}/a.json"})
    assert not matches(name)
    assert not matches(hooks._call(None, operation, {}))


def test_statements() -> None:
    assert matches("load")
    assert matches("select")


def matches(name: str | None) -> bool:
    event = {"label": "worker", "point": name, "when": "before"}
    return Point("", "statement").matches(event)
