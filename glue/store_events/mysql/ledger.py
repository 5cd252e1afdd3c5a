"""The ledger: a record of loaded lines and batches, committed in the same transaction as the rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from operator import attrgetter

import numpy as np
import pymysql

from store_events.contract import Contract
from store_events.mysql import database
from store_events.mysql.profile import Profile
from store_events.source.line_ranges import merged
from store_events.source.objects import Committed, Progress, SourceObject, identity
from store_events.sql import quoted


class BalanceError(Exception):
    """Counts that must be equal differ, for example lines read and rows new + duplicate + quarantined."""


@dataclass
class LineRange:
    """A range of an object version's lines in one batch. `complete` is set in the version's last range when all its
    lines are committed.
    """

    source_object: str
    version: str
    version_id: str | None
    first_line: int
    last_line: int
    rows_read: int = 0
    rows_quarantined: int = 0
    complete: bool = False
    replaces: bool = False


# The columns of an entry, which are attributes of LineRange.
_RANGE = (
    "source_object", "version", "version_id", "first_line", "last_line", "rows_read", "rows_quarantined", "complete",
)  # fmt: skip
_range = attrgetter(*_RANGE)


@dataclass
class BatchCounts:
    """Counts of one batch. `duplicates` are the positions of rows whose events the database already had."""

    rows_read: int = 0
    rows_new: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    ranges: list[LineRange] = field(default_factory=list)
    duplicates: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32), compare=False)
    profile: Profile = field(default_factory=Profile)

    def check(self) -> None:
        arrived = self.rows_new + self.rows_duplicate + self.rows_quarantined
        if self.rows_read != arrived:
            raise BalanceError(
                f"{self.rows_read} lines read, but {self.rows_new} rows new + {self.rows_duplicate} already there "
                f"+ {self.rows_quarantined} quarantined are {arrived}"
            )


@dataclass(frozen=True)
class Batch:
    """A batch's counts in the ledger."""

    batch_id: int
    rows_read: int
    rows_new: int
    rows_duplicate: int
    rows_quarantined: int


_BATCHES_PER_PARTITION = 10_000  # And the limit of partitions per run.
_RUN = _BATCHES_PER_PARTITION * _BATCHES_PER_PARTITION
_COLUMNS = "batch_id, rows_read, rows_new, rows_duplicate, rows_quarantined"


def record(connection: pymysql.Connection, contract: Contract, run_id: str, batch_id: int, counts: BatchCounts) -> None:
    """Insert the batch's entries in the open transaction.

    The primary key of the line ranges prevents two attempts of a task, or two runs, from recording the same lines.
    """
    values = (counts.rows_read, counts.rows_new, counts.rows_duplicate, counts.rows_quarantined)
    statement = (
        f"insert into {contract.batches_table} (batch_id, run_id, rows_read, rows_new, rows_duplicate,"
        " rows_quarantined, committed_at, profile) values (%s, %s, %s, %s, %s, %s, utc_timestamp(3), %s)"
    )
    database.execute(connection, statement, batch_id, run_id, *values, counts.profile.text())
    first, _ = ids(run_of(batch_id))
    for one in counts.ranges:
        if one.replaces:
            statement = f"delete from {contract.objects_table} where object_id=%s and version=%s and batch_id < %s"
            database.execute(connection, statement, identity(one.source_object), one.version, first)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {contract.objects_table} (object_id, {', '.join(_RANGE)}, batch_id)"
            f" values (%s, {'%s, ' * len(_RANGE)}%s)",
            [(identity(r.source_object), *_range(r), batch_id) for r in counts.ranges],
        )


def mark_complete(
    connection: pymysql.Connection, contract: Contract, run_number: int, objects: Iterable[SourceObject]
) -> None:
    """Mark objects, which several tasks loaded, as complete in the open transaction.

    Entries of later runs are not changed.
    """
    _, last = ids(run_number)
    statement = (
        f"update {contract.objects_table} set complete=true where object_id=%s and version=%s and batch_id <= %s"
        " order by last_line desc, first_line desc limit 1"
    )
    for one in objects:
        database.execute(connection, statement, identity(one.name), one.version, last)


_PROGRESS = "select object_id, version, max(complete) from {} {} group by object_id, version"
_LINES = "select object_id, version, first_line, last_line, complete from {} where {}"
_MAX_OBJECTS = 1_000  # Per query.


def committed(connection: pymysql.Connection, contract: Contract) -> Committed:
    """Return the progress of all object versions, without the lines of complete ones."""
    found = _progress(database.rows(connection, _PROGRESS.format(contract.objects_table, "")))
    return found | _with_lines(connection, contract, (one for (one, _), known in found.items() if not known.complete))


def committed_of(connection: pymysql.Connection, contract: Contract, names: Iterable[str]) -> Committed:
    """Return the progress of all versions of these objects."""
    return _with_lines(connection, contract, {identity(name) for name in names})


def _with_lines(connection: pymysql.Connection, contract: Contract, objects: Iterable[bytes]) -> Committed:
    """Return the progress of all versions of the objects with these identities."""
    identities, found = list(objects), Committed()
    for start in range(0, len(identities), _MAX_OBJECTS):
        chunk = identities[start : start + _MAX_OBJECTS]
        condition = f"object_id in ({', '.join(['%s'] * len(chunk))})"
        found |= _lines(database.rows(connection, _LINES.format(contract.objects_table, condition), *chunk))
    return found


def of_task(
    connection: pymysql.Connection, contract: Contract, run_number: int, partition: int
) -> tuple[Committed, int, int]:
    """Return what earlier attempts of a task committed, the number of its next batch, and the lines in its batches."""
    first, last = ids_of_task(run_number, partition)
    query = _LINES.format(contract.objects_table, "batch_id between %s and %s")
    [(number, lines)] = database.rows(
        connection,
        "select coalesce(max(batch_id) + 1, %s), coalesce(sum(rows_read), 0)"
        f" from {contract.batches_table} where batch_id between %s and %s",
        first, first, last,
    )  # fmt: skip
    return _lines(database.rows(connection, query, first, last)), int(number) - first, int(lines)


def ids_of_task(run_number: int, partition: int) -> tuple[int, int]:
    """Return the range of a task's batch ids, inclusive."""
    first = batch_id(run_number, partition, 0)
    return first, first + _BATCHES_PER_PARTITION - 1


@dataclass(frozen=True)
class Versions:
    """Queries the ledger's current entries of single object versions."""

    connection: pymysql.Connection
    contract: Contract

    def progress(self, name: str, version: str) -> Progress | None:
        """Return the progress of a version, or None if it has no entries."""
        query = _LINES.format(self.contract.objects_table, "object_id=%s and version=%s")
        found = _lines(database.rows(self.connection, query, identity(name), version))
        return next(iter(found.values()), None)

    def committed_ranges(self, name: str, version: str) -> list[tuple[int, int, str]]:
        """Return the committed line ranges as first line, last line and run id."""
        query = (
            f"select first_line, last_line, run_id from {self.contract.objects_table}"
            f" join {self.contract.batches_table} using (batch_id) where object_id=%s and version=%s"
        )
        return [(int(first), int(last), by) for first, last, by in
                database.rows(self.connection, query, identity(name), version)]  # fmt: skip


def _progress(rows: list[tuple[bytes, str, int]]) -> Committed:
    return {(bytes(one), version): Progress((), bool(complete)) for one, version, complete in rows}


def _lines(rows: list[tuple[bytes, str, int, int, int]]) -> Committed:
    ranges, complete = defaultdict[tuple[bytes, str], list[tuple[int, int]]](list), set()
    for one, version, first, last, ends in rows:
        ranges[bytes(one), version].append((int(first), int(last)))
        if ends:
            complete.add((bytes(one), version))
    return {version: Progress(merged(pairs), version in complete) for version, pairs in ranges.items()}


def with_quarantine(connection: pymysql.Connection, contract: Contract, before: int) -> set[tuple[bytes, str]]:
    """Return the object versions with quarantined lines in entries of runs with a number less than `before`."""
    query = (
        f"select distinct object_id, version from {contract.objects_table} where rows_quarantined > 0 and batch_id < %s"
    )
    return {(bytes(one), version) for one, version in database.rows(connection, query, ids(before)[0])}


def last_run(connection: pymysql.Connection, contract: Contract, table: str) -> int:
    """Return the highest run number in the ledger or the table, or 0. The table may have batches the ledger lacks."""
    query = "select coalesce(max(batch_id), 0) from {}"
    last = max(database.rows(connection, query.format(t))[0][0] for t in (contract.batches_table, quoted(table)))
    return run_of(int(last))


def delete_all(connection: pymysql.Connection, contract: Contract) -> None:
    """Delete all entries, so that everything is loaded again. The caller commits."""
    for table in (contract.collisions_table, contract.objects_table, contract.batches_table):
        database.execute(connection, f"delete from {table}")


def batch_id(run_number: int, partition: int, number: int) -> int:
    """Return a batch's id: the run's number, then four digits each for partition and batch."""
    if not 0 <= partition < _BATCHES_PER_PARTITION or not 0 <= number < _BATCHES_PER_PARTITION:
        raise ValueError(f"partition {partition}, batch {number}: a run has at most {_BATCHES_PER_PARTITION} of each")
    return run_number * _RUN + partition * _BATCHES_PER_PARTITION + number


def run_of(batch_id: int) -> int:
    """Return the run number of a batch."""
    return batch_id // _RUN


def same_run(one: str, other: str) -> str:
    """Return an SQL condition for two batch ids of the same run."""
    return f"{one} div {_RUN} = {other} div {_RUN}"


def of_run(connection: pymysql.Connection, contract: Contract, run_number: int) -> list[Batch]:
    """Return the batches of a run."""
    query = f"select {_COLUMNS} from {contract.batches_table} where batch_id between %s and %s order by batch_id"
    return [Batch(*row) for row in database.rows(connection, query, *ids(run_number))]


def profile_of_run(connection: pymysql.Connection, contract: Contract, run_number: int) -> Profile:
    """Return the merged profile of the run's batches."""
    query = f"select profile from {contract.batches_table} where batch_id between %s and %s and profile is not null"
    return Profile.merged(text for (text,) in database.rows(connection, query, *ids(run_number)))


def ids(run_number: int) -> tuple[int, int]:
    """Return the range of a run's batch ids, inclusive."""
    return run_number * _RUN, run_number * _RUN + _RUN - 1


def without_parquet(
    connection: pymysql.Connection, contract: Contract, ids: tuple[int, int] = (0, 2**63 - 1)
) -> dict[int, int]:
    """Return the batches in a range of ids whose Parquet may be missing or incomplete, with their numbers of rows."""
    query = (
        f"select batch_id, rows_new from {contract.batches_table} where batch_id between %s and %s"
        " and parquet_at is null order by batch_id"
    )
    return dict(database.rows(connection, query, *ids))


def mark_parquet_written(
    connection: pymysql.Connection, contract: Contract, batch_id: int, rows: int | None = None
) -> bool:
    """Mark the Parquet of a batch as complete in the open transaction; with `rows`, only if the batch still has that
    many rows. Return whether the ledger has such a batch.
    """
    statement = f"update {contract.batches_table} set parquet_at=utc_timestamp(3) where batch_id=%s"
    if rows is None:
        found = database.execute(connection, statement, batch_id)
    else:
        found = database.execute(connection, f"{statement} and rows_new=%s", batch_id, rows)
    return found > 0


def mark_parquet_missing(connection: pymysql.Connection, contract: Contract, batches: list[int]) -> None:
    """Mark the Parquet of batches as missing. Insert an entry without counts for batches that the ledger lacks."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {contract.batches_table} (batch_id, run_id, rows_read, rows_new, rows_duplicate,"
            " rows_quarantined, committed_at) values (%s, '', 0, 0, 0, 0, utc_timestamp(3))"
            " on duplicate key update parquet_at=null",
            [(one,) for one in batches],
        )
    connection.commit()


def is_lost(connection: pymysql.Connection, contract: Contract, table: str, batch_id: int) -> bool:
    """Return whether a later run has loaded into another table, or has found the database without this batch."""
    query = f"select run_number, target_table from {contract.runs_table} order by run_number desc limit 1"
    for number, last in database.rows(connection, query):
        if last not in (None, table):
            return True
        found = f"select 1 from {contract.batches_table} where batch_id=%s"
        return number > run_of(batch_id) and not database.rows(connection, found, batch_id)
    return False


def restore_batches(connection: pymysql.Connection, contract: Contract, table: str) -> int:
    """If the ledger is empty, insert an entry for each batch in the table, and return the number of entries.

    The batches' Parquet is marked as missing, because it may be incomplete.
    """
    if database.rows(connection, f"select 1 from {contract.batches_table} limit 1"):
        return 0
    batches = [one for (one,) in database.rows(connection, f"select distinct batch_id from {quoted(table)}")]
    mark_parquet_missing(connection, contract, batches)
    return len(batches)


def delete_gone(connection: pymysql.Connection, contract: Contract, present: set[bytes], days: int) -> int:
    """Delete the entries of objects that no longer exist and were last loaded over `days` days ago. Return the number
    of objects.

    `present` are the identities of all existing objects, whose entries are kept.
    """
    query = (
        f"select o.object_id from {contract.objects_table} o join {contract.batches_table} b using (batch_id)"
        " group by o.object_id having max(b.committed_at) < utc_timestamp(3) - interval %s day"
    )
    gone = [one for (one,) in database.rows(connection, query, days) if bytes(one) not in present]
    with connection.cursor() as cursor:
        cursor.executemany(f"delete from {contract.objects_table} where object_id=%s", [(one,) for one in gone])
    database.execute(
        connection,
        f"delete b from {contract.batches_table} b left join {contract.objects_table} o using (batch_id)"
        " where o.batch_id is null and b.parquet_at is not null"
        " and b.committed_at < utc_timestamp(3) - interval %s day",
        days,
    )
    connection.commit()
    return len(gone)


def totals(batches: list[Batch]) -> dict[str, int]:
    """Return the sum of each count by name."""
    names = _COLUMNS.split(", ")[1:]
    return {name: sum(astuple(b)[i] for b in batches) for i, name in enumerate(names, 1)}
