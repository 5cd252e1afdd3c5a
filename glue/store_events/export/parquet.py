"""Writes a batch's Parquet from the rows sent to the database, or, for a batch of a killed run, from the table."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from pymysql.cursors import SSCursor

from store_events import csv_codec
from store_events.contract import Contract
from store_events.export import parquet_writer
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.ledger import BatchCounts
from store_events.mysql.lock import Lock
from store_events.rows.sorted_rows import Rows
from store_events.settings import Target
from store_events.sql import quoted

_TOGETHER = 64 << 10  # Rows that are written at once.
_TOO_LONG = 1301  # The warning of a function that returns null, because the string exceeds max_allowed_packet.


class ReadError(Exception):
    """The database does not return rows of a batch as they are."""


@dataclass(frozen=True)
class Destination:
    """The bucket for Parquet, the table whose rows it has, and the lock of the run that writes it."""

    contract: Contract
    target: Target
    bucket: str
    region: str
    lock: Lock

    def writer(self, batch_id: int, replacing: Connection | None = None) -> parquet_writer.Writer:
        """Return a writer. With a connection, it replaces Parquet while the run has its lock."""
        check = None if replacing is None else lambda: self.lock.check(replacing)
        return parquet_writer.Writer(self.contract, self.bucket, self.region, batch_id, check)


def write_sent(connection: Connection, to: Destination, batch_id: int, rows: Rows, counts: BatchCounts) -> None:
    """Write the Parquet of a batch that was just committed; `rows` are all rows that were read.

    If this worker was delayed, a later run may have written the Parquet from the table, or moved rows to or from the
    batch: then the batch stays marked as lacking its Parquet. If a later run has loaded into another table or found the
    database restored, and removed all Parquet of this batch, this Parquet is removed too.
    """
    if counts.rows_new == 0:
        ledger.mark_parquet_written(connection, to.contract, batch_id, counts.rows_new)
        connection.commit()
        return
    new = (
        part.slice(start, _TOGETHER)
        for part in rows.columns(counts.duplicates)
        for start in range(0, len(part), _TOGETHER)
    )
    _write_first(connection, to, batch_id, new, counts.rows_new)


def write_committed(connection: Connection, to: Destination, batches: dict[int, int]) -> None:
    """Write the Parquet of batches that earlier attempts of this task committed, from the table, if there is none.
    `batches` are their numbers of rows. As in `write_sent`, this worker may be delayed.
    """

    def committed(batch_id: int) -> Iterator[pa.RecordBatch]:
        yield from _committed(connection, to, batch_id)
        connection.commit()  # Before the upload, or tasks that wait for rows would report this transaction.

    for batch_id, rows_new in batches.items():
        _write_first(connection, to, batch_id, committed(batch_id), rows_new)


def _write_first(
    connection: Connection, to: Destination, batch_id: int, rows: Iterable[pa.RecordBatch], rows_new: int
) -> None:
    try:
        with to.writer(batch_id) as out:
            for some in rows:
                out.write(some)
    except parquet_writer.WrittenError:
        return
    if out.rows != rows_new:
        return
    _mark_written(connection, to, batch_id, out, rows_new)


def _mark_written(
    connection: Connection, to: Destination, batch_id: int, out: parquet_writer.Writer, rows: int | None = None
) -> None:
    """Mark Parquet in the ledger, or remove it if the ledger has lost its batch. Without `rows`, require the lock."""
    marked = ledger.mark_parquet_written(connection, to.contract, batch_id, rows)
    if not marked and ledger.is_lost(connection, to.contract, to.target.table, batch_id):
        out.remove()
    elif rows is None:
        to.lock.check(connection)
    connection.commit()


def recoverer(to: Destination) -> Callable[[int], int]:
    """Return a function that rewrites one batch's Parquet from the table and returns the number of rows."""

    def recover(batch_id: int) -> int:
        with database.connect(to.target) as connection, to.writer(batch_id, connection) as out:
            for rows in _committed(connection, to, batch_id):
                out.write(rows)
        with database.connect(to.target) as connection:
            _mark_written(connection, to, batch_id, out)
        return out.rows

    return recover


def reset_days(connection: Connection, to: Destination, first: str, last: str) -> None:
    """Mark the Parquet of the days from `first` to `last` as missing, and remove Parquet of batches that have no rows
    there.

    List before the query: if the run has lost its lock, later runs may commit more rows, and then store their Parquet.
    """
    stored = parquet_writer.stored(to.contract, to.bucket, to.region, first, last)
    table, day_column = quoted(to.target.table), quoted(to.contract.partition_key)
    query = f"select distinct {day_column}, batch_id from {table} where {day_column} between %s and %s"
    with connection.without_timeout():  # The days have no index, so this reads the whole table.
        rows = {(str(day), int(batch_id)) for day, batch_id in database.rows(connection, query, first, last)}
    to.lock.check(connection)
    for day, batch_id in sorted(stored - rows):
        to.writer(batch_id).clear(day)
    ledger.mark_parquet_missing(connection, to.contract, sorted({batch_id for _, batch_id in rows}))


def restore(connection: Connection, to: Destination, stored: set[tuple[str, int]], all_of_it: bool) -> None:
    """Remove Parquet of rows that the table no longer has, and mark missing Parquet, or `all_of_it`, as missing.

    `stored` are the days and batches that have Parquet. Parquet of rows that the ledger lacks may be the only evidence
    of a restore of the database, so the ledger is updated first.
    """
    query = f"select distinct {quoted(to.contract.partition_key)}, batch_id from {quoted(to.target.table)}"
    rows = {(str(day), int(batch_id)) for day, batch_id in database.rows(connection, query)}
    missing = rows if all_of_it else rows - stored
    ledger.mark_parquet_missing(connection, to.contract, sorted({batch_id for _, batch_id in missing}))
    for day, batch_id in sorted(stored - rows):
        to.writer(batch_id).clear(day)


def _committed(connection: Connection, to: Destination, batch_id: int) -> Iterable[pa.RecordBatch]:
    """Yield a batch's rows from the table, unsorted, because sorting long rows can exceed the server's sort buffer. The
    server formats the rows as CSV, which Arrow reads from a temporary file.
    """
    fields = csv_codec.columns(to.contract)
    query = f"select {csv_codec.expression(fields)} from {quoted(to.target.table)} where batch_id=%s"
    with tempfile.TemporaryFile() as file, connection.cursor(SSCursor) as cursor:
        cursor.execute(query, (batch_id,))
        for (text,) in cursor:  # One at a time, because a row can have a megabyte.
            file.write(f"{text}\n".encode())
        [(warnings,)] = database.rows(connection, "show count(*) warnings")
        details = database.rows(connection, "show warnings") if warnings else []
        others = [code for _, code, _ in details if code != _TOO_LONG]
        if warnings > len(others):  # The server may drop the message of a warning.
            [(limit,)] = database.rows(connection, "select @@max_allowed_packet")
            raise ReadError(f"max_allowed_packet, {limit} bytes, is too small for the rows of batch {batch_id}")
        if file.tell() == 0:
            return
        file.seek(0)
        yield from csv_codec.tables(file, fields)
