"""Rows of lines, by the fast path and one by one."""

from store_events import contract
from store_events.export import partition_date
from store_events.load import csv_codec
from store_events.source import validate
from store_events.source.fast_path import FastPath

OBJECT = "s3://bucket/sale_events/dt=2024-05-02/x.json"
RUN_DAY = "2024-05-03"


def plain_rows(lines: list[bytes], source_object: str = OBJECT) -> list[str | None]:
    rows = FastPath(contract.load(), RUN_DAY, few=0).rows(lines, partition_date.of_object(source_object))
    return [row.decode() if row is not None else None for row in rows]


def rule_row(line: bytes, source_object: str = OBJECT) -> str | None:
    event = validate.line(line, contract.load())
    if not isinstance(event, validate.Event):
        return None
    day = partition_date.of_row(source_object, event.values[3], RUN_DAY)
    return csv_codec.row(csv_codec.columns(contract.load()), [*event.values, event.extra, day]).decode()
