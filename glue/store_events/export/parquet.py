"""The Parquet of a batch: from the rows as they were sent, or, for a batch of a dead run, from the table."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa
from pymysql.cursors import SSCursor

from store_events import csv_codec
from store_events.contract import Contract
from store_events.export import parquet_writer
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.ledger import BatchCounts
from store_events.rows.sorted_rows import Rows
from store_events.settings import Target
from store_events.sql import quoted

_TOGETHER = 64 << 10  # Rows that are written at once.


@dataclass(frozen=True)
class Destination:
    """Where Parquet goes, and whose."""

    contract: Contract
    target: Target
    bucket: str
    region: str

    def writer(self, batch_id: int, first: bool = False) -> parquet_writer.Writer:
        return parquet_writer.Writer(self.contract, self.bucket, self.region, batch_id, first)


def write_sent(connection: Connection, to: Destination, batch_id: int, rows: Rows, counts: BatchCounts) -> None:
    """Write the Parquet of a batch that was just committed; `rows` are all that were read.

    The batch stays marked as lacking its Parquet if, while this worker was held up, a later run has made it from the
    table, or has moved rows to or from the batch. If a later run has loaded into another table, which removed all
    Parquet of this one, nothing is left.
    """
    if counts.rows_new == 0:
        ledger.mark_parquet_written(connection, to.contract, batch_id, counts.rows_new)
        return
    try:
        with to.writer(batch_id, first=True) as out:
            for new in rows.columns(counts.duplicates):
                for start in range(0, len(new), _TOGETHER):
                    out.write(new.slice(start, _TOGETHER))
    except parquet_writer.WrittenError:
        return
    if out.rows != counts.rows_new:
        return
    marked = ledger.mark_parquet_written(connection, to.contract, batch_id, counts.rows_new)
    if not marked and not ledger.is_of(connection, to.contract, to.target.table):
        out.remove()


def recoverer(to: Destination) -> Callable[[int], int]:
    """Return a function that rewrites one batch's Parquet from the table and returns the number of rows."""

    def recover(batch_id: int) -> int:
        with database.connect(to.target) as connection, to.writer(batch_id) as out:
            for some in _committed(connection, to, batch_id):
                out.write(some)
        with database.connect(to.target) as connection:
            ledger.mark_parquet_written(connection, to.contract, batch_id)
        return out.rows

    return recover


def reset_days(connection: Connection, to: Destination, days: Iterable[str]) -> None:
    """Rewrite the Parquet of days that follow each other: of batches that have rows there; remove that of others."""
    batches = {day: set[int]() for day in days}
    if not batches:
        return
    table, day_column = quoted(to.target.table), quoted(to.contract.partition_key)
    query = f"select distinct {day_column}, batch_id from {table} where {day_column} between %s and %s"
    with connection.unhurried():  # No index has the days, so this reads the whole table.
        for day, batch_id in database.rows(connection, query, min(batches), max(batches)):
            batches[str(day)].add(batch_id)
    for day, some in batches.items():
        for left in parquet_writer.batches(to.contract, to.bucket, to.region, day) - some:
            to.writer(left).clear(day)
    ledger.mark_parquet_missing(connection, to.contract, sorted(set[int]().union(*batches.values())))


def restore(connection: Connection, to: Destination, stored: set[tuple[str, int]], all_of_it: bool) -> None:
    """Remove Parquet of rows that the table no longer has, and rewrite missing Parquet, or `all_of_it`.

    `stored` are the days and batches that have Parquet. That of rows which the ledger lacks may be the only sign of a
    restore of the database, so it is removed when the ledger says what is to be written.
    """
    query = f"select distinct {quoted(to.contract.partition_key)}, batch_id from {quoted(to.target.table)}"
    rows = {(str(day), int(batch_id)) for day, batch_id in database.rows(connection, query)}
    missing = rows if all_of_it else rows - stored
    ledger.mark_parquet_missing(connection, to.contract, sorted({batch_id for _, batch_id in missing}))
    for day, batch_id in sorted(stored - rows):
        to.writer(batch_id).clear(day)


def _committed(connection: Connection, to: Destination, batch_id: int) -> Iterable[pa.RecordBatch]:
    """Yield a batch's rows in the table, in no particular order: a sort of long rows needs more than the server's sort
    buffer. They go through a file, one row per line, which is all that Python handles.
    """
    fields = csv_codec.columns(to.contract)
    query = f"select {csv_codec.expression(fields)} from {quoted(to.target.table)} where batch_id=%s"
    with tempfile.TemporaryFile() as file, connection.cursor(SSCursor) as cursor:
        cursor.execute(query, (batch_id,))
        for (text,) in cursor:  # One at a time, as a row can have a megabyte.
            file.write(f"{text}\n".encode())
        if file.tell() == 0:
            return
        file.seek(0)
        yield from csv_codec.tables(file, fields)
