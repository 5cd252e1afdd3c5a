"""Resolves events with the same key in one run: the one with the smallest batch id wins, in any order of commits.

Batch ids follow the order of the source objects (objects.partitions), and rows within a batch follow the order of their
lines. The database keeps the row that is inserted first. A task whose row precedes that row stores it in a second
table, in the batch's transaction, and at the end of the run it replaces the row in the table.
"""

import logging
from collections import Counter
from contextlib import suppress

import numpy as np

from store_events import csv_codec
from store_events.contract import Contract, Field
from store_events.export import parquet_writer
from store_events.export.parquet import Destination
from store_events.mysql import database, ledger, tables
from store_events.mysql.database import Connection
from store_events.rows.sorted_rows import Rows
from store_events.sql import quoted

_log = logging.getLogger(__name__)


def record(connection: Connection, contract: Contract, batch_id: int, rows: Rows, positions: list[int]) -> None:
    """Store rows of the batch in the collisions table. Raise BalanceError if the database changes or rejects any."""
    if not positions:
        return
    columns = ", ".join(quoted(f.name) for f in csv_codec.sent_columns(contract))
    connection.infile = rows.at(np.array(positions, np.int32))
    kept = database.execute(
        connection,
        f"load data local infile 'rows' into table {quoted(contract.collisions_table)} {csv_codec.LOAD}"
        f" ({columns}) set batch_id=%s",
        batch_id,
    )
    [(warnings,)] = database.rows(connection, "show count(*) warnings")
    if kept != len(positions) or warnings:
        raise ledger.BalanceError(f"{kept} of {len(positions)} collisions were stored, with {warnings} warnings")


def apply_winners(connection: Connection, to: Destination) -> set[int]:
    """Replace rows in the table with collisions that precede them. Return the batches whose Parquet must be rewritten.

    Each step is committed and idempotent, so that the next run continues if this one dies. The Parquet is marked as
    missing before anything changes. Requires the run's lock, and no running tasks.
    """
    contract = to.contract
    if not database.rows(connection, f"select 1 from {quoted(contract.collisions_table)} limit 1"):
        return set()
    database.transaction(connection, lambda: _drop_others(connection, to))
    database.commit(connection)
    # Number of rows by old batch, day, and new batch.
    moves = {(int(old), str(day), int(new)): int(count) for old, day, new, count in _moves(connection, to)}
    if not moves:
        return set()
    batches = {one for old, _, new in moves for one in (old, new)}
    ledger.mark_parquet_missing(connection, contract, sorted(batches))
    first_days: dict[int, str] = {}
    for _, day, new in moves:
        first_days[new] = min(day, first_days.get(new, day))
    for new, day in sorted(first_days.items()):
        # If the database is restored to a point before this batch, its Parquet is the only evidence.
        with suppress(parquet_writer.WrittenError), to.writer(new) as out:
            out.ensure_object(day)
    for old in sorted({old for old, _, _ in moves}):
        _replace_by_empty(connection, to, old, sorted({day for one, day, _ in moves if one == old}))
    database.transaction(connection, lambda: _move(connection, to, moves))
    to.lock.check(connection)
    database.commit(connection)
    _log.info("replaced %d rows with rows of earlier objects", sum(moves.values()))
    return batches


def _replace_by_empty(connection: Connection, to: Destination, batch_id: int, days: list[str]) -> None:
    """Store empty Parquet, even for days that lose their last row, so that a delayed worker does not write it.

    Repeat it once if an object has changed, because the response to a request that S3 has processed may be lost.
    """
    for remaining in (1, 0):
        try:
            with to.writer(batch_id, connection) as out:
                for day in days:
                    out.ensure_object(day)
        except parquet_writer.WrittenError:
            if not remaining:
                raise
        else:
            return


def _pairs(to: Destination, kind: str = "straight_join") -> str:
    """Return SQL for a join of the collisions, c, with the rows of the same key in the table, t. There are few
    collisions, so they are the first table.

    Without the index hint, MariaDB searches all rows of a batch for each row, which takes quadratic time.
    """
    digest, key = quoted(to.contract.key_hash), quoted(to.contract.key)
    return (
        f"{quoted(to.contract.collisions_table)} c {kind}"
        f" {quoted(to.target.table)} t force index ({tables.EVENT_INDEX})"
        f" on t.{digest} = c.{digest} and t.{key} = c.{key}"
    )


def _drop_others(connection: Connection, to: Destination) -> None:
    """Delete collisions that do not win, or that would change nothing."""
    aside, key = quoted(to.contract.collisions_table), quoted(to.contract.key)
    together, same = ledger.same_run("c.batch_id", "d.batch_id"), ledger.same_run("c.batch_id", "t.batch_id")
    database.execute(
        connection,
        f"delete c from {aside} c join {aside} d on c.{key} = d.{key} and {together} and d.batch_id < c.batch_id",
    )
    equal = " and ".join(_equal(f) for f in csv_codec.columns(to.contract))
    database.execute(
        connection,
        f"delete c from {_pairs(to, 'left join')}"
        f" where t.{key} is null or not {same} or t.batch_id <= c.batch_id or ({equal})",
    )


def _equal(field: Field) -> str:
    name = quoted(field.name)
    if field.kind != "string":
        return f"t.{name} <=> c.{name}"
    # Otherwise strings that differ only in trailing spaces would be equal.
    return f"cast(t.{name} as binary) <=> cast(c.{name} as binary)"


def _moves(connection: Connection, to: Destination) -> list[tuple[int, object, int, int]]:
    day = quoted(to.contract.partition_key)
    query = f"select t.batch_id, t.{day}, c.batch_id, count(*) from {_pairs(to)} group by 1, 2, 3"
    return database.rows(connection, query)


def _move(connection: Connection, to: Destination, moves: dict[tuple[int, str, int], int]) -> None:
    """Replace rows and update counts. Raise BalanceError if the number of rows differs from `moves`.

    A row gets the position at which the table rejected its batch's row.
    """
    contract = to.contract
    names = [quoted(f.name) for f in csv_codec.sent_columns(contract) if f.name != contract.key]
    names.append("batch_id")
    values = ", ".join(f"t.{name} = c.{name}" for name in names)
    changed = database.execute(connection, f"update {_pairs(to)} set {values}")
    if changed != sum(moves.values()):
        raise ledger.BalanceError(f"{changed} rows were changed instead of {sum(moves.values())}")
    gains = Counter[int]()
    for (old, _, new), count in moves.items():
        gains[old] -= count
        gains[new] += count
    with connection.cursor() as cursor:
        cursor.executemany(
            f"update {contract.batches_table} set rows_new = rows_new + %s, rows_duplicate = rows_duplicate - %s"
            " where batch_id = %s",
            [(gain, gain, one) for one, gain in sorted(gains.items())],
        )
    database.execute(connection, f"delete c from {_pairs(to)} where t.batch_id = c.batch_id")
