"""The record of what was loaded, committed together with the rows."""

from dataclasses import astuple, dataclass, field

import pymysql

from store_events import database
from store_events.contract import Contract


class BalanceError(Exception):
    """Lines read are not rows new + rows already there + lines quarantined."""


@dataclass
class Tally:
    """Counts of one batch. `objects` are lines read by source object; `taken` are all lines, also blank ones."""

    taken: int = 0
    rows_read: int = 0
    rows_new: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0
    objects: dict[str, int] = field(default_factory=dict)

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

    batch_id: str
    rows_read: int
    rows_new: int
    rows_duplicate: int
    rows_quarantined: int


_COLUMNS = "batch_id, rows_read, rows_new, rows_duplicate, rows_quarantined"


def rows_read(connection: pymysql.Connection, contract: Contract, batch_id: str) -> int | None:
    """The lines of a batch that is committed, or None."""
    query = f"select rows_read from {contract.batches_table} where batch_id=%s"
    found = database.rows(connection, query, batch_id)
    return int(found[0][0]) if found else None


def record(connection: pymysql.Connection, contract: Contract, run_id: str, batch_id: str, tally: Tally) -> None:
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


def of_run(connection: pymysql.Connection, contract: Contract, prefix: str) -> list[Batch]:
    """The batches whose id begins with `prefix`."""
    query = f"select {_COLUMNS} from {contract.batches_table} where batch_id like %s order by batch_id"
    return [Batch(*row) for row in database.rows(connection, query, prefix + "%")]


def without_parquet(connection: pymysql.Connection, contract: Contract) -> list[str]:
    """Ids of the batches, of any run, whose Parquet is not known to be whole."""
    query = f"select batch_id from {contract.batches_table} where parquet_at is null order by batch_id"
    return [batch_id for (batch_id,) in database.rows(connection, query)]


def mark_parquet(connection: pymysql.Connection, contract: Contract, batch_id: str) -> None:
    statement = f"update {contract.batches_table} set parquet_at=utc_timestamp(3) where batch_id=%s"
    database.execute(connection, statement, batch_id)
    connection.commit()


def totals(batches: list[Batch]) -> dict[str, int]:
    """Sums of the counts by their names."""
    names = _COLUMNS.split(", ")[1:]
    return {name: sum(astuple(b)[i] for b in batches) for i, name in enumerate(names, 1)}
