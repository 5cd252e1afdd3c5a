"""The record of what was loaded, committed together with the rows."""

import time
from dataclasses import astuple, dataclass, field

import pymysql

from store_events import database
from store_events.contract import Contract


class BalanceError(Exception):
    """Lines read are not rows new + rows already there + lines quarantined."""


@dataclass
class Tally:
    """Counts of one batch. `objects` are lines read by source object; `taken` are all lines, also blank ones.

    `repeated` are the keys of the rows that the database refused as duplicates.
    """

    taken: int = 0
    rows_read: int = 0
    rows_new: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    objects: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)

    def check(self) -> None:
        arrived = self.rows_new + self.rows_duplicate + self.rows_quarantined
        if self.rows_read != arrived:
            raise BalanceError(
                f"{self.rows_read} lines read, but {self.rows_new} rows new + {self.rows_duplicate} already there "
                f"+ {self.rows_quarantined} quarantined are {arrived}"
            )


@dataclass(frozen=True)
class Batch:
    """A row of the ledger."""

    batch_id: int
    rows_read: int
    rows_new: int
    rows_duplicate: int
    rows_quarantined: int


_PART = 10_000
_RUN = _PART * _PART
_COLUMNS = "batch_id, rows_read, rows_new, rows_duplicate, rows_quarantined"


def rows_read(connection: pymysql.Connection, contract: Contract, batch_id: int) -> int | None:
    """The lines of a batch that is committed, or None."""
    query = f"select rows_read from {contract.batches_table} where batch_id=%s"
    found = database.rows(connection, query, batch_id)
    return int(found[0][0]) if found else None


def record(connection: pymysql.Connection, contract: Contract, run_id: str, batch_id: int, tally: Tally) -> None:
    """Write the batch into the open transaction."""
    counts = (tally.rows_read, tally.rows_new, tally.rows_duplicate, tally.rows_quarantined)
    statement = (
        f"insert into {contract.batches_table} (batch_id, run_id, rows_read, rows_new, rows_duplicate,"
        " rows_quarantined, committed_at) values (%s, %s, %s, %s, %s, %s, utc_timestamp(3))"
    )
    database.execute(connection, statement, batch_id, run_id, *counts)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into {contract.objects_table} (source_object, batch_id, rows_read) values (%s, %s, %s)",
            [(name, batch_id, lines) for name, lines in tally.objects.items()],
        )


def next_run(connection: pymysql.Connection, contract: Contract) -> int:
    """A number that no run had before: the time in seconds, or one more than the last. Needs the run's lock."""
    [(last,)] = database.rows(connection, f"select coalesce(max(batch_id), 0) from {contract.batches_table}")
    return max(int(time.time()), int(last) // _RUN + 1)


def batch_id(run_number: int, partition: int, number: int) -> int:
    """A batch's id, the same in every attempt of a task: ten digits of the run, four each of partition and batch."""
    if not 0 <= partition < _PART or not 0 <= number < _PART:
        raise ValueError(f"partition {partition}, batch {number}: a run has at most {_PART} of each")
    return run_number * _RUN + partition * _PART + number


def of_run(connection: pymysql.Connection, contract: Contract, run_number: int) -> list[Batch]:
    """The batches of a run."""
    query = f"select {_COLUMNS} from {contract.batches_table} where batch_id between %s and %s order by batch_id"
    return [Batch(*row) for row in database.rows(connection, query, *ids(run_number))]


def ids(run_number: int) -> tuple[int, int]:
    """The first and the last id that a run's batches can have."""
    return run_number * _RUN, run_number * _RUN + _RUN - 1


def without_parquet(connection: pymysql.Connection, contract: Contract) -> list[int]:
    """Ids of the batches, of any run, whose Parquet is not known to be whole."""
    query = f"select batch_id from {contract.batches_table} where parquet_at is null order by batch_id"
    return [batch_id for (batch_id,) in database.rows(connection, query)]


def mark_parquet(connection: pymysql.Connection, contract: Contract, batch_id: int) -> None:
    statement = f"update {contract.batches_table} set parquet_at=utc_timestamp(3) where batch_id=%s"
    database.execute(connection, statement, batch_id)
    connection.commit()


def totals(batches: list[Batch]) -> dict[str, int]:
    """Sums of the counts by their names."""
    names = _COLUMNS.split(", ")[1:]
    return {name: sum(astuple(b)[i] for b in batches) for i, name in enumerate(names, 1)}
