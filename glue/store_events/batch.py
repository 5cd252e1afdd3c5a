"""One batch: source objects streamed by LOAD DATA LOCAL, checked, recorded and committed together."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from store_events import csvtext, curate, database, days, ledger, quarantine, rule
from store_events.contract import Contract
from store_events.database import Target, quoted
from store_events.infile import Connection
from store_events.ledger import Tally
from store_events.lock import Lock
from store_events.slices import Slice, Slices

_DUPLICATE_KEY = 1062
_DUPLICATE_ENTRY = re.compile(r"Duplicate entry '(.*)' for key '[^']*PRIMARY'")
# As many warnings as a server can be made to keep; a statement has fewer rows, so that none goes unseen.
_MAX_WARNINGS = 65535
_STATEMENT_ROWS = 40_000


class LoadError(Exception):
    """The database did not take a row as it was sent."""


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know. It is serialised with the function, so nothing in it is secret."""

    contract: Contract
    target: Target
    lock: Lock
    bucket: str
    region: str
    run_id: str
    run_day: str
    run_number: int
    commit_rows: int

    @property
    def curation(self) -> curate.Curation:
        return curate.Curation(self.contract, self.target, self.bucket, self.region)


def load(connection: Connection, plan: Plan, batch_id: int, slices: Slices) -> Tally:
    """Load one batch, commit it and write its Parquet. On an exception before the commit nothing of it is there."""
    tally = Tally()
    database.execute(connection, f"set session max_error_count={_MAX_WARNINGS}")
    with tempfile.TemporaryFile() as rows:
        connection.begin()
        with quarantine.Writer(plan.bucket, plan.contract.prefixes["quarantine"], plan.run_id, plan.region) as bad:
            while not _complete(tally, slices, plan.commit_rows):
                _statement(connection, plan, batch_id, _kept(_feed(slices, tally, plan, bad), rows), tally)
            bad.flush()
        tally.check()
        ledger.record(connection, plan.contract, plan.run_id, batch_id, tally)
        plan.lock.check(connection)
        connection.commit()
        curate.sent(connection, plan.curation, batch_id, rows, tally)
    return tally


def _kept(blocks: Iterator[bytes | memoryview], rows: IO[bytes]) -> Iterator[bytes | memoryview]:
    """The blocks, each also written to a file: the Parquet is made of it once they are committed."""
    for block in blocks:
        rows.write(block)
        yield block


def skip(slices: Slices, commit_rows: int) -> None:
    """Pass over the objects of a batch that an earlier attempt committed."""
    tally = Tally()
    while not _complete(tally, slices, commit_rows):
        _count(slices.take(), tally)


def _complete(tally: Tally, slices: Slices, commit_rows: int) -> bool:
    """Whether the batch ends here: only between two objects, when it has enough rows."""
    if slices.next is None:
        return True
    return tally.taken >= commit_rows and slices.next.source_object not in tally.objects


def _count(taken: Slice, tally: Tally) -> None:
    tally.taken += taken.count
    tally.rows_read += taken.count
    tally.objects[taken.source_object] = tally.objects.get(taken.source_object, 0) + taken.count


def _feed(slices: Slices, tally: Tally, plan: Plan, bad: quarantine.Writer) -> Iterator[bytes | memoryview]:
    """The rows of one statement, as text."""
    end = tally.taken + _STATEMENT_ROWS
    while tally.taken < end and not _complete(tally, slices, plan.commit_rows):
        taken = slices.take()
        _count(taken, tally)
        yield taken.encoded()
        yield b"".join(_judged(taken, tally, plan, bad))


def _judged(taken: Slice, tally: Tally, plan: Plan, bad: quarantine.Writer) -> Iterator[bytes]:
    for line in taken.others():
        verdict = rule.judge(line, plan.contract)
        if isinstance(verdict, rule.Event):
            timestamp = next((v for f, v in zip(plan.contract.fields, verdict.values, strict=True)
                              if f.kind == "timestamp"), None)  # fmt: skip
            day = days.of_row(taken.source_object, timestamp, plan.run_day)
            yield csvtext.row(csvtext.columns(plan.contract), [*verdict.values, verdict.extra, day])
        elif verdict is None:
            tally.rows_read -= 1
            tally.objects[taken.source_object] -= 1
        else:
            tally.rows_quarantined += 1
            bad.add(taken.source_object, verdict.reason, line)


def _statement(
    connection: Connection, plan: Plan, batch_id: int, feed: Iterator[bytes | memoryview], tally: Tally
) -> None:
    columns = ", ".join(quoted(f.name) for f in csvtext.columns(plan.contract))
    connection.infile = feed
    tally.rows_new += database.execute(
        connection,
        f"load data local infile 'rows' ignore into table {quoted(plan.target.table)} {csvtext.LOAD}"
        f" ({columns}) set batch_id=%s",
        batch_id,
    )
    repeated = _duplicates(connection)
    tally.rows_duplicate += len(repeated)
    tally.repeated.update(repeated)


def _duplicates(connection: Connection) -> list[str]:
    """The keys of the last statement's rows that were there already. Any other warning is an error."""
    keys, other = [], []
    for _, code, text in database.rows(connection, "show warnings"):
        match = _DUPLICATE_ENTRY.match(text) if code == _DUPLICATE_KEY else None
        if match:
            keys.append(match[1])
        else:
            other.append(f"{text} ({code})")
    if other:
        raise LoadError(f"the database took {len(other)} values otherwise than sent, first: {other[0]}")
    return keys
