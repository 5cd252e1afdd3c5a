"""Validation of lines. The cases are shared with the Go implementation."""

import pytest

from store_events import contract
from store_events.source import validate
from testsupport.cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_line(case: Case) -> None:
    got = validate.line(case.line, contract.load())
    if case.reason == "blank":
        assert got is None
    elif case.reason:
        assert got == validate.Invalid(case.reason)
    else:
        assert isinstance(got, validate.Event)
        assert got.values[0] == case.key
