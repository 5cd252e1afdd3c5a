"""The client for long listings returns the same objects as the ordinary client."""

from datetime import UTC, datetime

import pytest

from store_events import aws
from store_events.source import objects
from testsupport.stack import Stack


@pytest.mark.parametrize(
    "value",
    ["2026-05-01T10:20:30.000Z", "2026-05-01T10:20:30Z", "Fri, 01 May 2026 10:20:30 GMT", 1777630830, "1777630830"],
)
def test_formats_of_a_time(value: object) -> None:
    assert aws._timestamp(value) == datetime(2026, 5, 1, 10, 20, 30, tzinfo=UTC)


def test_invalid_time() -> None:
    with pytest.raises(ValueError, match="soon"):
        aws._timestamp("soonZ")


def test_same_objects(stack: Stack) -> None:
    stack.put("sale_events/dt=2026-05-01/a b+ü.json", [b"{}"])
    clients = [aws.client("s3", stack.settings.region), aws.listing_client(stack.settings.region)]
    one, other = (list(objects.listed(client, f"s3://{stack.bucket}/sale_events/")) for client in clients)
    assert one == other and one[0].modified > 0
