"""The partition date of a row."""

import pytest

from store_events.source import partition_date


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("s3://bucket/events/dt=2024-05-01/a.json", "2024-05-01"),
        ("s3://bucket/events/dt=2024-05-01/hour=07/a.json", "2024-05-01"),
        ("s3://bucket/dt=2023-01-01/dt=2024-05-01/a.json", "2024-05-01"),
        ("s3://bucket/events/dt=2024-02-30/a.json", None),
        ("s3://bucket/events/dt=20240501/a.json", None),
        ("s3://bucket/events/adt=2024-05-01/a.json", None),
        ("s3://bucket/events/a.json", None),
    ],
)
def test_folder_of_the_object_has_priority(name: str, day: str | None) -> None:
    assert partition_date.of_object(name) == day
    assert partition_date.of_row(name, "2022-03-04 05:06:07.890", "2021-01-01") == (day or "2022-03-04")
    assert partition_date.of_row(name, None, "2021-01-01") == (day or "2021-01-01")
