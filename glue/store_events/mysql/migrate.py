"""Migrates an events table of earlier releases, clustered by the event's key, to one clustered by batch and position.

Rows are copied to a new table, one range of keys per transaction, and an atomic RENAME replaces the old table. Readers
use the old table until then, and wait at most _WAIT_S. The caller must hold the run's lock. If a migration dies, the
next run continues it.
"""

import logging
import time

import pymysql

from store_events.contract import Contract
from store_events.mysql import database, tables
from store_events.mysql.database import Connection, LockedError
from store_events.sql import quoted

_log = logging.getLogger(__name__)

CHUNK_ROWS = 50_000
_WAIT_S = 3
_ATTEMPTS = 20
_PAUSE_S = 2.0
_FIRST_POSITION = 4_000_000_000  # For collisions of releases without positions.


class MigrationError(Exception):
    """The copy and the table differ in their number of rows."""


def run(connection: Connection, table: str, contract: Contract) -> bool:
    """Migrate tables of an earlier release, and drop tables that a migration left. Return whether any were migrated."""
    _number_collisions(connection, contract)
    if tables.has_column(connection, table, tables.POSITION_NAME):
        _drop(connection, contract.retired_table)
        _drop(connection, contract.migration_table)
        return False
    started = time.monotonic()
    _fence(connection, table)
    _log.info("copying table %s into a table clustered by batch", table)
    rows = _copy(connection, table, contract)
    _rename(connection, table, contract)
    _drop(connection, contract.retired_table)
    _log.info("migrated table %s: %d rows in %.0f s", table, rows, time.monotonic() - started)
    return True


def _fence(connection: Connection, table: str) -> None:
    """Wait for open transactions on the table, of workers that outlived their run. Later transactions check the lock
    before their commit, and fail.
    """
    _briefly(connection, f"alter table {quoted(table)} comment = 'is being migrated'")


def _copy(connection: Connection, table: str, contract: Contract) -> int:
    """Fill the new table, add its index, and return its number of rows. Raise MigrationError if rows are missing."""
    new, mark = contract.migration_table, _mark(connection, contract)
    if _comment(connection, new) not in (None, mark):
        _log.warning("a run has loaded events since the migration began, restarting the migration")
        _drop(connection, new)
    tables.create_without_index(connection, new, contract, mark)
    copied = 0
    while changed := _copy_chunk(connection, table, contract):
        copied += changed
        connection.commit()
    query = "select count(*) from information_schema.statistics where table_schema=database() and table_name=%s"
    if database.rows(connection, query + " and index_name='event'", new) == [(0,)]:
        database.execute(connection, f"alter table {quoted(new)} add {tables.event_index(contract)}")
    [(rows,)], [(total,)] = (database.rows(connection, f"select count(*) from {quoted(t)}") for t in (table, new))
    if rows != total:
        _drop(connection, new)
        raise MigrationError(f"table {table} has {rows} rows, but its copy has {total}; run the job again to restart")
    return int(total)


def _copy_chunk(connection: Connection, table: str, contract: Contract) -> int:
    """Copy the next rows by key, and return their number. Positions are consecutive; the last one has the last key."""
    new, key = quoted(contract.migration_table), quoted(contract.key)
    last = f"select batch_id, max(batch_position) from {new} group by batch_id order by 2 desc limit 1"
    after, position = "", 0
    for batch_id, position in database.rows(connection, last):
        query = f"select {key} from {new} where batch_id=%s and batch_position=%s"
        [(after,)] = database.rows(connection, query, batch_id, position)
    columns = [quoted(name) for name in tables.column_names(connection, table)]
    names, values = ", ".join(columns), ", ".join(f"t.{name}" for name in columns)
    # The join keeps long columns out of the sort for row_number(), because they can exceed the sort buffer.
    return database.execute(
        connection,
        f"insert into {new} (batch_position, {names}) select %s + n.n, {values} from"
        f" (select {key} as k, row_number() over (order by {key}) as n from"
        f" (select {key} from {quoted(table)} where {key} > %s order by {key} limit {CHUNK_ROWS}) c) n"
        f" straight_join {quoted(table)} t on t.{key} = n.k",
        position,
        after,
    )


def _rename(connection: Connection, table: str, contract: Contract) -> None:
    """Replace the table with the copy."""
    _drop(connection, contract.retired_table)
    old, retired, new = (quoted(t) for t in (table, contract.retired_table, contract.migration_table))
    _briefly(connection, f"rename table {old} to {retired}, {new} to {old}")


def _briefly(connection: Connection, statement: str) -> None:
    """Run a statement that needs an exclusive lock, and retry it with a short timeout, because new readers wait with
    it. Raise LockedError if all attempts time out.
    """
    database.execute(connection, f"set session lock_wait_timeout={_WAIT_S}")
    for remaining in reversed(range(_ATTEMPTS)):
        try:
            database.execute(connection, statement)
            break
        except LockedError as error:
            if not remaining:
                raise
            _log.warning("%s; retrying the migration", error.args[1])
        time.sleep(_PAUSE_S)
    database.execute(connection, f"set session lock_wait_timeout={database.TABLE_WAIT_S}")


def _number_collisions(connection: Connection, contract: Contract) -> None:
    """Assign positions to collisions of releases without positions. They are larger than those of any batch."""
    name, key = contract.collisions_table, quoted(contract.key)
    if not tables.has_column(connection, name, tables.POSITION_NAME):
        columns = f"add column {tables.POSITION} default 0, add column {tables.hash_column(contract)}"
        database.execute(connection, f"alter table {quoted(name)} {columns}")
    numbered = f"select {key}, batch_id, row_number() over (order by batch_id, {key}) as n from {quoted(name)}"
    database.execute(
        connection,
        f"update {quoted(name)} c join ({numbered}) r on r.{key} = c.{key} and r.batch_id = c.batch_id"
        f" set c.batch_position = {_FIRST_POSITION} + r.n where c.batch_position = 0",
    )
    connection.commit()


def _mark(connection: Connection, contract: Contract) -> str:
    """Return a comment for the copy that changes when a run adds batches or applies collisions. Runs of earlier
    releases do not update the copy.
    """
    [(batch,)] = database.rows(connection, f"select coalesce(max(batch_id), 0) from {contract.batches_table}")
    [(collisions,)] = database.rows(connection, f"select count(*) from {quoted(contract.collisions_table)}")
    return f"copied from the former layout after batch {batch}, with {collisions} rows put aside"


def _comment(connection: pymysql.Connection, table: str) -> str | None:
    query = "select table_comment from information_schema.tables where table_schema=database() and table_name=%s"
    found = database.rows(connection, query, table)
    return str(found[0][0]) if found else None


def _drop(connection: pymysql.Connection, table: str) -> None:
    if _comment(connection, table) is not None:
        database.execute(connection, f"drop table {quoted(table)}")
