"""Rows of lines, by the fast path and by the rule."""

from store_events import contract, csvtext, days, rule
from store_events.plain import Plain

OBJECT = "s3://bucket/sale_events/dt=2024-05-02/x.json"
RUN_DAY = "2024-05-03"


def plain_rows(lines: list[bytes], source_object: str = OBJECT) -> list[str | None]:
    rows = Plain(contract.load(), RUN_DAY, few=0).rows(lines, days.of_object(source_object))
    return [row.decode() if row is not None else None for row in rows]


def rule_row(line: bytes, source_object: str = OBJECT) -> str | None:
    event = rule.judge(line, contract.load())
    if not isinstance(event, rule.Event):
        return None
    day = days.of_row(source_object, event.values[3], RUN_DAY)
    return csvtext.row(csvtext.columns(contract.load()), [*event.values, event.extra, day]).decode()
