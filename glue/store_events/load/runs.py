"""The history of runs: each run has a number from the ledger, and a row with its outcome.

Marks in the bucket record the last run's number when it begins, and when it ends. If the database lacks this run or its
end, it was restored to an earlier point, emptied or replaced, and the Parquet is updated to match the table.
"""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import pymysql
from botocore.exceptions import BotoCoreError, ClientError

from store_events.contract import Contract
from store_events.export import parquet, parquet_writer
from store_events.export.parquet import Destination
from store_events.load import ledger_owner, run_stats
from store_events.load.expectations import Result
from store_events.load.ledger_owner import Mark
from store_events.load.run_stats import RunStats
from store_events.mysql import columns, database, ledger, migrate, tables
from store_events.mysql.columns import Change
from store_events.mysql.database import Connection
from store_events.mysql.lock import Lock, LockError
from store_events.settings import Settings, Target
from store_events.sql import quoted

_log = logging.getLogger(__name__)


@dataclass
class RecordedRun:
    """The run in the history. `listing` is the kind of its listing, None until it is known. `stats` are set when its
    end is recorded, and `expectations` are None if they were not checked.
    """

    number: int = 0
    expectations: list[Result] | None = None
    stats: RunStats = field(default_factory=RunStats)
    listing: str | None = None
    findings: list[dict[str, str]] = field(default_factory=list)

    @property
    def expectations_failed(self) -> int | None:
        """The number of failed expectations, None if they were not checked."""
        return None if self.expectations is None else sum(not one.met for one in self.expectations)


@contextmanager
def recorded(settings: Settings, contract: Contract, lock: Lock) -> Iterator[RecordedRun]:
    """Record a run's start and end. `lock` is the run's lock.

    On entry, create missing tables, assign the run's number, alter and migrate tables of earlier contracts and
    releases, and restore the Parquet if the database lacks the last run or a column's type changes. On exit, record the
    outcome. Raise LockError if the run has lost its lock.
    """
    to = Destination(contract, settings.target, settings.bucket, settings.region, lock)
    run = RecordedRun()
    with _altering(to.target) as connection:
        ledger_owner.refuse_other_bucket(connection, to)
        changes = tables.ensure(connection, to.target.table, contract, settings.migrate_columns)
        mark = _begin(connection, to, settings.run_id, run)
    try:
        with _altering(to.target) as connection:
            _convert(connection, to, changes)
            migrate.run(connection, to.target.table, contract)
        yield run
    except Exception:
        try:
            _end(to, mark, run, "failed", lock)
        except (pymysql.Error, LockError) as error:  # Raise the original error. The next run records a death.
            _log.warning("cannot record the end of run %d: %s", run.number, error)
        raise
    _end(to, mark, run, "succeeded", lock)


@contextmanager
def _altering(target: Target) -> Iterator[Connection]:
    """Yield a connection for statements that change tables."""
    with database.connect(target) as connection, connection.without_timeout():
        database.execute(connection, f"set session lock_wait_timeout={database.TABLE_WAIT_S}")
        yield connection


def _convert(connection: Connection, to: Destination, changes: dict[str, list[Change]]) -> None:
    """Change the types of columns, by table. Restores of the database must be detected before, because the removed
    Parquet may be the only evidence.
    """
    if columns.changes_parquet(changes[to.target.table]):
        # Also remove Parquet of batches without rows: it would keep the old type, and queries could not read both.
        stored = parquet_writer.stored(to.contract, to.bucket, to.region)
        parquet.restore(connection, to, stored, all_of_it=False)
    for table, changed in changes.items():
        columns.change(connection, table, to.contract, changed)


def _begin(connection: Connection, to: Destination, run_id: str, run: RecordedRun) -> Mark:
    """Set the number of the run, and return its mark."""
    contract, mark = to.contract, ledger_owner.read_mark(to, ledger_owner.BEGUN)
    known = ledger_owner.last(connection, contract)
    moved, left = ledger_owner.moved(to, mark, known), ledger_owner.left_table(connection, to, known)
    if moved or left:
        run.findings.append(ledger_owner.finding(to, left))
    last = known.mark if known else None
    emptied = moved or _emptied(connection, to)
    if mark and not last and not emptied:
        last = _without_history(connection, to)
    own = last.ledger if last and not emptied else uuid.uuid4().hex
    same = mark is not None and mark.ledger == own and _known(connection, to, mark)
    stored = set() if same else parquet_writer.stored(contract, to.bucket, to.region)
    if emptied:
        ledger.delete_all(connection, contract)  # After the listing, as this locks the ledger until `_insert` commits.
    numbers = [0, *(m.number for m in (last, mark) if m), *(ledger.run_of(batch_id) for _, batch_id in stored)]
    number = max(*numbers, ledger.last_run(connection, contract, to.target.table)) + 1
    if last and not same and number == last.number + 1:
        number += 1  # A gap, which `last_restore` looks for.
    begun = Mark(own, number)
    run.number = number
    _insert(connection, to, begun, run_id)
    if moved:  # Workers of the previous run may have stored more until the ledger was deleted.
        stored |= parquet_writer.stored(contract, to.bucket, to.region)
    if not same:
        if mark:
            _log.warning("the database lacks run %d of ledger %s in this bucket, or part of it: it was restored,"
                         " emptied or replaced, or the bucket was; the Parquet is made again from the table, and"
                         " objects with invalid lines are read again", mark.number, mark.ledger)  # fmt: skip
        ledger_owner.replace_other_marks(to, number)
        parquet.restore(connection, to, stored, all_of_it=moved or left is not None or mark is not None)
    ledger_owner.write_mark(to, begun, ledger_owner.BEGUN)
    return begun


def _without_history(connection: Connection, to: Destination) -> Mark | None:
    """Insert a row for the last run of a release without a history, with the time of its last batch. Return its mark,
    or None if the ledger is empty. The row has no outcome, and becomes "died". The numbers can have a gap after it.
    """
    batches = to.contract.batches_table
    query = f"select batch_id, run_id, committed_at from {batches} order by batch_id desc limit 1"
    for batch_id, run_id, at in database.rows(connection, query):
        run = Mark(uuid.uuid4().hex, ledger.run_of(batch_id))
        _insert(connection, to, run, run_id, at)
        return run
    return None


def _known(connection: Connection, to: Destination, mark: Mark) -> bool:
    """Report whether the database has the marked run completely. It lacks part of it if it was restored to a point
    within the run, and all of it if the bucket replaced another one.
    """
    query = (
        f"select outcome from {to.contract.runs_table}"
        " where run_number=%s and ledger_id=%s and coalesce(bucket, %s) = %s"
    )
    found = database.rows(connection, query, mark.number, mark.ledger, to.bucket, to.bucket)
    if not found or found[0][0] in ("succeeded", "failed"):
        return bool(found)
    if ledger_owner.read_mark(to, ledger_owner.ENDED) == mark:
        return False
    # The run died. Batches with Parquet were committed.
    stored = {batch_id for _, batch_id in parquet_writer.stored(to.contract, to.bucket, to.region)}
    batches = {one.batch_id for one in ledger.of_run(connection, to.contract, mark.number)}
    return not any(ledger.run_of(batch_id) == mark.number for batch_id in stored - batches)


def full_listing_due(connection: Connection, contract: Contract, number: int, hours: int) -> bool:
    """Report whether run `number` has to list all objects: no full listing of its ledger succeeded in the last `hours`,
    a later one failed, so that objects may be partly read again, or the database was restored since.
    """
    last = _last_full(connection, contract, number, f"started_at >= utc_timestamp(3) - interval {hours} hour")
    if not last or _failed(connection, contract, last, number):
        return True
    return last_restore(connection, contract, last) > 0


def last_restore(connection: Connection, contract: Contract, since: int = 0) -> int:
    """Return the number of the last run after run `since` that found the database restored or replaced, or 0. The
    history has a gap before such a run. The first row does not count.
    """
    runs = contract.runs_table
    query = (
        f"select run_number from {runs} one where run_number > greatest(%s, (select min(run_number) from {runs}))"
        f" and not exists (select 1 from {runs} where run_number = one.run_number - 1)"
        " order by run_number desc limit 1"
    )
    return next((int(number) for (number,) in database.rows(connection, query, since)), 0)


def failed(connection: Connection, contract: Contract, number: int) -> list[str]:
    """Return the ids of the runs before `number` that failed or died after the last successful full listing of the same
    ledger, except feed runs.
    """
    return _failed(connection, contract, _last_full(connection, contract, number), number)


def _failed(connection: Connection, contract: Contract, last: int, number: int) -> list[str]:
    full = contract.listings["full"]
    query = (
        f"select run_id from {contract.runs_table} where run_number > %s and run_number < %s"
        " and outcome <> 'succeeded' and coalesce(listing, %s) = %s"
    )
    return [run_id for (run_id,) in database.rows(connection, query, last, number, full, full)]


def _last_full(connection: Connection, contract: Contract, number: int, condition: str = "true") -> int:
    """Return the number of the last successful full listing of the same ledger, or 0. The query searches backwards,
    because the history may be long.
    """
    full, runs = contract.listings["full"], contract.runs_table
    query = (
        f"select run_number from {runs} where ledger_id = (select ledger_id from {runs} where run_number = %s)"
        f" and outcome = 'succeeded' and coalesce(listing, %s) = %s and {condition} order by run_number desc limit 1"
    )
    return next((int(last) for (last,) in database.rows(connection, query, number, full, full)), 0)


def _emptied(connection: Connection, to: Destination) -> bool:
    """Report whether the table has lost all rows, so that the ledger's entries must be deleted too."""
    if database.rows(connection, f"select 1 from {quoted(to.target.table)} limit 1"):
        return False
    # All rows may be duplicates of rows that an earlier ledger loaded.
    loaded = f"select 1 from {to.contract.batches_table} where rows_new + rows_duplicate > 0 limit 1"
    return bool(database.rows(connection, loaded))


def _insert(connection: Connection, to: Destination, run: Mark, run_id: str, at: datetime | None = None) -> None:
    """Commit a run's row, with the start time `at` or now. Runs without an outcome died: only one run has the lock."""
    contract = to.contract
    died = f"select run_number from {contract.runs_table} where outcome is null"
    for (number,) in database.rows(connection, died):
        _record(connection, contract, number, "died")
    statement = (
        f"insert into {contract.runs_table} (run_number, ledger_id, run_id, bucket, target_table, started_at)"
        " values (%s, %s, %s, %s, %s, coalesce(%s, utc_timestamp(3)))"
    )
    values = (run.number, run.ledger, run_id, to.bucket, to.target.table, at)
    database.execute(connection, statement, *values)
    connection.commit()


def _end(to: Destination, mark: Mark, run: RecordedRun, outcome: str, lock: Lock) -> None:
    """Record the end of a run, in the database that it began in.

    If the database was restored or replaced during the run, the run has lost its lock, and some of its batches may be
    missing. Without an outcome, the next run searches for their Parquet.
    """
    with database.connect(to.target) as connection:
        lock.check(connection)
        _record(connection, to.contract, run.number, outcome)
        statement = (
            f"update {to.contract.runs_table} set ended_at=utc_timestamp(3), expectations_failed=%s, listing=%s"
            " where run_number=%s"
        )
        database.execute(connection, statement, run.expectations_failed, run.listing, run.number)
        connection.commit()
        try:
            ledger_owner.write_mark(to, mark, ledger_owner.ENDED)
        except (BotoCoreError, ClientError) as error:  # Only used after a restore.
            _log.warning("cannot write to the bucket that run %d has ended: %s", run.number, error)
        try:
            run.stats = run_stats.for_run(connection, to.contract, run.number)
        except pymysql.Error as error:  # Only used for metrics.
            _log.warning("cannot read the statistics of run %d: %s", run.number, error)


def _record(connection: Connection, contract: Contract, number: int, outcome: str) -> None:
    """Set a run's outcome and the counts of its committed batches."""
    counts = ledger.totals(ledger.of_run(connection, contract, number))
    columns = ", ".join(f"{name}=%s" for name in counts)
    statement = f"update {contract.runs_table} set outcome=%s, {columns} where run_number=%s"
    database.execute(connection, statement, outcome, *counts.values(), number)
