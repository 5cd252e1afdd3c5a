"""Compares a run's events with the contract's expectations. The results are reported, and never fail a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from store_events.contract import Contract, Field, StreamExpectation
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.profile import FieldProfile, Profile
from store_events.source.listing import Listing
from store_events.source.objects import SourceObject


@dataclass(frozen=True)
class Result:
    """The result of one expectation of a field or stream, with the expected and the observed value as text."""

    about: str
    expectation: str
    expected: str
    observed: str
    met: bool
    of_stream: bool = False


def check(connection: Connection, contract: Contract, number: int, listing: Listing) -> list[Result]:
    """Return the results of a run that has loaded all objects. Only full listings check streams."""
    profile = ledger.profile_of_run(connection, contract, number)
    if listing.kind != contract.listings["full"]:
        return list(of_fields(contract, profile))
    now = datetime.now(UTC).timestamp()
    return [*of_fields(contract, profile), *_of_streams(connection, contract, listing.objects, now)]


def of_fields(contract: Contract, profile: Profile) -> Iterator[Result]:
    """Yield the results of the fields, or none without events."""
    for field in contract.expected_fields:
        if profile.events and field.name in profile.fields:
            yield from _of_field(field, profile.fields[field.name], profile.events)


def _of_field(field: Field, found: FieldProfile, events: int) -> Iterator[Result]:
    expect = field.expect
    if expect is None:
        return
    if expect.max_null_share is not None:
        share = found.nulls / events
        met = share <= expect.max_null_share
        yield Result(field.name, "maxNullShare", f"{expect.max_null_share:g}", f"{share:.4g}", met)
    if expect.low is not None and found.low is not None:
        yield Result(field.name, "min", f"{expect.low:g}", f"{found.low:.15g}", found.low >= expect.low)
    if expect.high is not None and found.high is not None:
        yield Result(field.name, "max", f"{expect.high:g}", f"{found.high:.15g}", found.high <= expect.high)
    if expect.allowed:
        allowed = ", ".join(expect.allowed)
        yield Result(field.name, "allowed", allowed, f"{found.others} other values", found.others == 0)


def _of_streams(
    connection: Connection, contract: Contract, listing: list[SourceObject], now: float
) -> Iterator[Result]:
    """Yield the results of the streams. Ignore streams that have no objects yet."""
    newest: dict[str, float] = {}
    for one in listing:
        stream = one.name.split("/")[3]
        newest[stream] = max(newest.get(stream, 0), one.modified / 1000)
    due = {name: expect for name, expect in contract.expected_streams.items() if name in newest}
    lines = _lines_of_a_day(connection, contract) if any(e.min_lines_per_day for e in due.values()) else {}
    for name, expect in due.items():
        yield from _of_stream(name, expect, (now - newest[name]) / 3600, lines.get(name, 0))


def _of_stream(name: str, expect: StreamExpectation, hours: float, lines: int) -> Iterator[Result]:
    if expect.fresh_hours:
        met = hours <= expect.fresh_hours
        yield Result(name, "freshHours", f"{expect.fresh_hours}", f"{max(hours, 0):.1f}", met, of_stream=True)
    if expect.min_lines_per_day:
        met = lines >= expect.min_lines_per_day
        yield Result(name, "minLinesPerDay", f"{expect.min_lines_per_day}", f"{lines}", met, of_stream=True)


def _lines_of_a_day(connection: Connection, contract: Contract) -> dict[str, int]:
    """Return the number of lines loaded in the last 24 hours, by stream.

    Batch ids begin with the run's number, so only recent runs are read. A job runs for at most seven days:
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
    """
    recent = (
        f"select coalesce(min(run_number), 0) from {contract.runs_table}"
        " where started_at >= utc_timestamp(3) - interval 8 day"
    )
    [(first,)] = database.rows(connection, recent)
    query = (
        "select substring_index(substring_index(o.source_object, '/', 4), '/', -1), sum(o.rows_read)"
        f" from {contract.batches_table} b join {contract.objects_table} o using (batch_id)"
        " where b.batch_id >= %s and b.committed_at >= utc_timestamp(3) - interval 1 day group by 1"
    )
    return {str(name): int(lines) for name, lines in database.rows(connection, query, ledger.ids(first)[0])}
