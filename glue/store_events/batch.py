"""One batch: lines streamed by LOAD DATA LOCAL, checked, recorded and committed together."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from store_events import csvtext, curate, database, ledger
from store_events.contract import Contract
from store_events.database import Target, quoted
from store_events.infile import Connection
from store_events.intake import Blocks, Intake
from store_events.ledger import Tally
from store_events.lock import Lock

_DUPLICATE_KEY = 1062
_DUPLICATE_ENTRY = re.compile(r"Duplicate entry '(.*)' for key '[^']*PRIMARY'")
# As many warnings as a server can be made to keep; a statement has fewer rows, so that none goes unseen.
_MAX_WARNINGS = 65535
_STATEMENT_ROWS = 40_000


class LoadError(Exception):
    """The database did not take a row as it was sent."""


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know. It is serialised with the function, so nothing in it is secret.

    A batch is committed after `commit_rows` lines or a few thousand more.
    """

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


def load(connection: Connection, plan: Plan, batch_id: int, intake: Intake) -> Tally:
    """Load one batch, commit it and write its Parquet. On an exception before the commit nothing of it is there.

    A batch without any line or end of an object is not recorded.
    """
    tally = Tally()
    database.execute(connection, f"set session max_error_count={_MAX_WARNINGS}")
    with tempfile.TemporaryFile() as rows:
        connection.begin()
        while not _complete(tally, intake, plan):
            _statement(connection, plan, batch_id, _kept(_feed(intake, tally, plan), rows), tally)
        if not tally.parts:
            connection.rollback()
            return tally
        intake.pause()
        tally.check()
        ledger.record(connection, plan.contract, plan.run_id, batch_id, tally)
        plan.lock.check(connection)
        connection.commit()
        intake.committed()
        curate.sent(connection, plan.curation, batch_id, rows, tally)
    return tally


def _complete(tally: Tally, intake: Intake, plan: Plan) -> bool:
    return intake.ended or (tally.rows_read >= plan.commit_rows and not intake.at_end)


def _kept(blocks: Blocks, rows: IO[bytes]) -> Blocks:
    """The blocks, each also written to a file: the Parquet is made of it once they are committed."""
    for block in blocks:
        rows.write(block)
        yield block


def _feed(intake: Intake, tally: Tally, plan: Plan) -> Blocks:
    """The rows of one statement, as text."""
    end = tally.rows_read + _STATEMENT_ROWS
    while tally.rows_read < end and not _complete(tally, intake, plan):
        yield from intake.rows(tally)


def _statement(connection: Connection, plan: Plan, batch_id: int, feed: Blocks, tally: Tally) -> None:
    columns = ", ".join(quoted(f.name) for f in csvtext.columns(plan.contract))
    connection.infile = feed
    tally.rows_new += database.execute(
        connection,
        f"load data local infile 'rows' ignore into table {quoted(plan.target.table)} {csvtext.LOAD}"
        f" ({columns}) set batch_id=%s",
        batch_id,
    )
    repeated = list(_duplicates(connection))
    tally.rows_duplicate += len(repeated)
    tally.repeated.update(repeated)


def _duplicates(connection: Connection) -> Iterator[str]:
    """The keys of the last statement's rows that were there already. Any other warning is an error."""
    other = []
    for _, code, text in database.rows(connection, "show warnings"):
        match = _DUPLICATE_ENTRY.match(text) if code == _DUPLICATE_KEY else None
        if match:
            yield match[1]
        else:
            other.append(f"{text} ({code})")
    if other:
        raise LoadError(f"the database took {len(other)} values otherwise than sent, first: {other[0]}")
