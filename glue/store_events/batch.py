"""One batch: lines streamed by LOAD DATA LOCAL, checked, recorded and committed together."""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from store_events import csvtext, curate, database, ledger
from store_events.contract import Contract
from store_events.database import Target, quoted
from store_events.infile import Connection
from store_events.intake import Intake
from store_events.ledger import Tally
from store_events.lock import Lock

_DUPLICATE_KEY = 1062
_DUPLICATE_ENTRY = re.compile(r"Duplicate entry '(.*)' for key '[^']*PRIMARY'")
# As many warnings as a server can be made to keep; a statement has fewer rows, so that none goes unseen.
_MAX_WARNINGS = 65535
_STATEMENT_ROWS = 40_000
# Bad lines wait for the end of their batch: so many bytes of them end it.
_PENDING_BYTES = 32 << 20


class LoadError(Exception):
    """The database did not take a row as it was sent."""


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know. It is serialised with the function, so nothing in it is secret.

    A batch is committed after `commit_rows` lines.
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
    with tempfile.TemporaryFile() as kept:
        connection.begin()
        while not _complete(tally, intake, plan):
            gathered = _gathered(intake, tally, plan)
            kept.writelines(gathered)  # The Parquet is made of them once they are committed.
            if gathered:
                _statement(connection, plan, batch_id, gathered, tally)
        if not tally.parts:
            connection.rollback()
            return tally
        if intake.ended:
            intake.finish()
        tally.check()
        # First, so that of two attempts only the one that will commit stores its quarantine.
        ledger.record(connection, plan.contract, plan.run_id, batch_id, tally)
        intake.store()
        plan.lock.check(connection)
        connection.commit()
        intake.committed()
        curate.sent(connection, plan.curation, batch_id, kept, tally)
    return tally


def _complete(tally: Tally, intake: Intake, plan: Plan) -> bool:
    if intake.ended or intake.pending > _PENDING_BYTES:
        return True
    return tally.rows_read >= plan.commit_rows and not intake.at_end


def _gathered(intake: Intake, tally: Tally, plan: Plan) -> list[bytes]:
    """The rows of one statement, by key: then they go into the table's pages one after the other.

    Of one key, the order stays.
    """
    rows: list[bytes] = []
    end = tally.rows_read + _STATEMENT_ROWS
    while tally.rows_read < end and not _complete(tally, intake, plan):
        most = min(end, max(plan.commit_rows, tally.rows_read + 1)) - tally.rows_read
        rows.extend(intake.rows(tally, most))
    rows.sort(key=_key)
    return rows


def _key(row: bytes) -> bytes:
    return row[: row.index(b'"', 1)]


def _statement(connection: Connection, plan: Plan, batch_id: int, rows: list[bytes], tally: Tally) -> None:
    columns = ", ".join(quoted(f.name) for f in csvtext.columns(plan.contract))
    connection.infile = [b"".join(rows)]
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
