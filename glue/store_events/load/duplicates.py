"""Finds the rows of a batch that the database rejected as duplicates.

A batch's rows are numbered from 1, so after LOAD DATA … IGNORE the rejected rows are the positions that the table
lacks. Warnings would not suffice: the server keeps only max_error_count of them, by default 1024.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter

import numpy as np

from store_events.contract import Contract
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.ledger import BalanceError
from store_events.rows.sorted_rows import NONE, Rows, key_hash
from store_events.sql import quoted

_KEYS = 5_000  # Per query.
_BITS = 64  # Positions per row of the query's result.
_SAMPLE = 200  # Rows.
_MANY = 0.5  # Share of the sample.


class HashCollisionError(Exception):
    """The table rejected a row because another event has the same hash. Nothing of the batch is committed."""


def known(connection: Connection, contract: Contract, table: str, rows: Rows) -> np.ndarray:
    """Return the sorted positions of rows whose events are committed, or none if a sample of the batch has few.
    Omitting many such rows is faster than having the table reject them. `table` is quoted.
    """
    if len(rows) < _SAMPLE:
        return NONE
    sample = np.arange(1, len(rows) + 1, len(rows) // _SAMPLE, dtype=np.int32)
    found = _committed(connection, contract, table, rows, sample)
    if len(found) < len(sample) * _MANY:
        return NONE
    return _committed(connection, contract, table, rows, np.arange(1, len(rows) + 1, dtype=np.int32))


def _committed(connection: Connection, contract: Contract, table: str, rows: Rows, positions: np.ndarray) -> np.ndarray:
    digest, found = quoted(contract.key_hash), [NONE]
    for start in range(0, len(positions), _KEYS):
        hashes = [(at, key_hash(key.encode())) for at, key in with_keys(rows, positions[start : start + _KEYS])]
        query = f"select {digest} from {table} where {digest} in ({_literals({one for _, one in hashes})})"
        stored = {bytes(one) for (one,) in database.rows(connection, query)}
        found.append(np.array([at for at, one in hashes if one in stored], np.int32))
    return np.concatenate(found)


def with_keys(rows: Rows, positions: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield sorted positions with the keys of their rows."""
    for start in range(0, len(positions), _KEYS):
        chunk = positions[start : start + _KEYS]
        yield from zip(chunk.tolist(), rows.keys(chunk), strict=True)


def positions(connection: Connection, table: str, batch_id: int, sent: int, new: int) -> np.ndarray:
    """Return the sorted positions of the batch's rows that the table lacks, if `new` of `sent` rows were inserted.

    Raise BalanceError if the table has a different number of them. `table` is quoted.
    """
    if new == sent:
        return NONE
    query = (
        f"select batch_position div {_BITS}, bit_or(1 << (batch_position mod {_BITS})) from {table}"
        " where batch_id = %s group by 1"
    )
    present = np.zeros(sent // _BITS + 1, np.uint64)
    for word, bits in database.rows(connection, query, batch_id):
        if word < len(present):
            present[int(word)] = int(bits)
    inserted = np.unpackbits(present.astype("<u8").view(np.uint8), bitorder="little")[1 : sent + 1]
    if int(inserted.sum()) != new:
        raise BalanceError(f"batch {batch_id}: {new} rows were inserted, but the table has {inserted.sum()} of them")
    return np.flatnonzero(inserted == 0).astype(np.int32) + np.int32(1)


def superseded(
    connection: Connection, contract: Contract, table: str, batch_id: int, keys: Iterable[tuple[int, str]]
) -> list[int]:
    """Return the positions of rejected rows whose event is in the table from a later batch of the same run. Of rows
    with the same key, return only the first. `keys` are the sorted rejected positions with their keys.

    The rows in the table are committed or inserted by this transaction, so they are visible. Raise HashCollisionError
    if the table lacks one of the events. `table` is quoted.
    """
    found: list[int] = []
    distinct = (next(same) for _, same in groupby(keys, itemgetter(1)))  # Equal keys follow each other.
    while chunk := list(islice(distinct, _KEYS)):
        found += _later(connection, contract, table, batch_id, {key: position for position, key in chunk})
    return found


def _later(
    connection: Connection, contract: Contract, table: str, batch_id: int, first: dict[str, int]
) -> Iterator[int]:
    key, digest = quoted(contract.key), quoted(contract.key_hash)
    _, last = ledger.ids(ledger.run_of(batch_id))
    names = {name.encode() for name in first}
    # The hash has an index. The key excludes other events with the same hash.
    where = f"{digest} in ({_literals(map(key_hash, names))}) and {key} in ({_literals(names)})"
    query = f"select count(*), coalesce(sum(batch_id > %s and batch_id <= %s), 0) from {table} where {where}"
    [(present, later)] = database.rows(connection, query, batch_id, last)
    if present != len(first):
        stored = {name for (name,) in database.rows(connection, f"select {key} from {table} where {where}")}
        raise HashCollisionError(
            f"the table rejected {contract.key} {sorted(first.keys() - stored)[0]!r} as a duplicate, but lacks it"
        )
    if later:
        query = f"select {key} from {table} where {where} and batch_id > %s and batch_id <= %s"
        yield from sorted(first[name] for (name,) in database.rows(connection, query, batch_id, last))


def _literals(values: Iterable[bytes]) -> str:
    return ",".join(f"x'{value.hex()}'" for value in sorted(values))
