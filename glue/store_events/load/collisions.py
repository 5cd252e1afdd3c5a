"""Events with one key in one run: that of the smallest batch id stays, whichever was committed first.

Batch ids follow the order of the source objects (objects.partitions), and a batch takes its rows in the order of
their lines. The database keeps the row that arrives first. A task whose row comes before that one leaves it in a
second table, in the batch's transaction; at the end of the run it takes the other one's place.
"""

import logging
from collections import Counter

import numpy as np

from store_events import csv_codec
from store_events.contract import Contract, Field
from store_events.export.parquet import Destination
from store_events.mysql import database, ledger, tables
from store_events.mysql.database import Connection
from store_events.mysql.lock import Lock
from store_events.rows.sorted_rows import Rows
from store_events.sql import quoted

_log = logging.getLogger(__name__)


def record(connection: Connection, contract: Contract, batch_id: int, rows: Rows, positions: list[int]) -> None:
    """Put some of the batch's rows aside. Raise BalanceError if the database does not take them as they are."""
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
        raise ledger.BalanceError(f"{kept} of {len(positions)} rows were put aside, with {warnings} warnings")


def apply_winners(connection: Connection, to: Destination, lock: Lock) -> set[int]:
    """Replace rows of the table by rows of the same events that were put aside and come before them; return the batches
    whose Parquet has to be made again.

    Each step is committed and can be repeated, so that the next run goes on after one that died: the Parquet is marked
    as missing before anything changes. Needs the run's lock, and no task at work.
    """
    contract = to.contract
    if not database.rows(connection, f"select 1 from {quoted(contract.collisions_table)} limit 1"):
        return set()
    database.transaction(connection, lambda: _drop_others(connection, to))
    database.commit(connection)
    # By the batch that has the row, its day, and the batch that is to have it: how many.
    moves = {(int(old), str(day), int(new)): int(count) for old, day, new, count in _moves(connection, to)}
    if not moves:
        return set()
    batches = {one for old, _, new in moves for one in (old, new)}
    ledger.mark_parquet_missing(connection, contract, sorted(batches))
    for old in sorted({old for old, _, _ in moves}):
        # A day that loses its last row keeps an object, which a worker that was held up does not replace.
        with to.writer(old) as out:
            for day in sorted({day for one, day, _ in moves if one == old}):
                out.ensure_object(day)
    database.transaction(connection, lambda: _move(connection, to, moves))
    lock.check(connection)
    database.commit(connection)
    _log.info("%d rows are those of earlier objects now", sum(moves.values()))
    return batches


def _pairs(to: Destination, kind: str = "straight_join") -> str:
    """Return SQL for a join of rows that were put aside, c, with those of the same key in the table, t. The former are
    few: they come first.

    MariaDB would look for a row of t among all rows of its batch, which takes quadratic time.
    """
    digest, key = quoted(to.contract.key_hash), quoted(to.contract.key)
    return (
        f"{quoted(to.contract.collisions_table)} c {kind}"
        f" {quoted(to.target.table)} t force index ({tables.EVENT_INDEX})"
        f" on t.{digest} = c.{digest} and t.{key} = c.{key}"
    )


def _drop_others(connection: Connection, to: Destination) -> None:
    """Drop the rows that do not win, or that would change nothing."""
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
    # Otherwise strings that differ in trailing spaces would be equal.
    return f"cast(t.{name} as binary) <=> cast(c.{name} as binary)"


def _moves(connection: Connection, to: Destination) -> list[tuple[int, object, int, int]]:
    day = quoted(to.contract.partition_key)
    query = f"select t.batch_id, t.{day}, c.batch_id, count(*) from {_pairs(to)} group by 1, 2, 3"
    return database.rows(connection, query)


def _move(connection: Connection, to: Destination, moves: dict[tuple[int, str, int], int]) -> None:
    """Change rows and counts. Raise BalanceError if these are not the rows of `moves`.

    A row takes the position at which its batch was refused one.
    """
    contract = to.contract
    names = [quoted(f.name) for f in csv_codec.sent_columns(contract) if f.name != contract.key]
    names.append("batch_id")
    values = ", ".join(f"t.{name} = c.{name}" for name in names)
    changed = database.execute(connection, f"update {_pairs(to)} set {values}")
    if changed != sum(moves.values()):
        raise ledger.BalanceError(f"{changed} rows were changed, but {sum(moves.values())} were to be")
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
