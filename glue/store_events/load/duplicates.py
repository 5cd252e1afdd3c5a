"""Finds the rows of a batch that the database refused because it had their events already.

A batch's rows are numbered from 1, so that after LOAD DATA … IGNORE the refused ones are the positions that the table
lacks. Unlike warnings, positions have no limit: the server keeps max_error_count of the former, 1024 by default.
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

_KEYS = 5_000  # Looked up at once.
_BITS = 64  # Positions that one row of a query answers for.
_SAMPLE = 200  # Rows.
_MANY = 0.5  # Of the sample.


class RefusedError(Exception):
    """The table refused a row whose event it lacks, as another has the same hash. Nothing of the batch is committed."""


def known(connection: Connection, contract: Contract, table: str, rows: Rows) -> np.ndarray:
    """Return the positions, in order, of rows whose events are committed, if a sample of the batch says that these are
    many: to leave them out takes less time than to have them refused. `table` is quoted.
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
        some = [(at, key_hash(key.encode())) for at, key in with_keys(rows, positions[start : start + _KEYS])]
        query = f"select {digest} from {table} where {digest} in ({_literals({one for _, one in some})})"
        stored = {bytes(one) for (one,) in database.rows(connection, query)}
        found.append(np.array([at for at, one in some if one in stored], np.int32))
    return np.concatenate(found)


def with_keys(rows: Rows, positions: np.ndarray) -> Iterator[tuple[int, str]]:
    """Yield positions, which are in order, with their rows' keys."""
    for start in range(0, len(positions), _KEYS):
        some = positions[start : start + _KEYS]
        yield from zip(some.tolist(), rows.keys(some), strict=True)


def positions(connection: Connection, table: str, batch_id: int, sent: int, new: int) -> np.ndarray:
    """Return the positions, in order, of the rows that a batch lacks: of `sent` rows, `new` were inserted.

    Raise BalanceError if the batch has others, of another attempt. `table` is quoted.
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
    there = np.unpackbits(present.astype("<u8").view(np.uint8), bitorder="little")[1 : sent + 1]
    if int(there.sum()) != new:
        raise BalanceError(f"batch {batch_id}: {new} rows were inserted, but the table has {there.sum()} of them")
    return np.flatnonzero(there == 0).astype(np.int32) + np.int32(1)


def superseded(
    connection: Connection, contract: Contract, table: str, batch_id: int, keys: Iterable[tuple[int, str]]
) -> list[int]:
    """Return the positions of the refused rows that come before those which the table has: rows of a later batch of the
    same run. Of each event only the first. `keys` are the refused positions, in order, with their keys.

    What the table has is committed, or of this transaction, and so can be seen. Raise RefusedError if it lacks one of
    the events. `table` is quoted.
    """
    found: list[int] = []
    distinct = (next(same) for _, same in groupby(keys, itemgetter(1)))  # Equal keys follow each other.
    while some := list(islice(distinct, _KEYS)):
        found += _later(connection, contract, table, batch_id, {key: position for position, key in some})
    return found


def _later(
    connection: Connection, contract: Contract, table: str, batch_id: int, first: dict[str, int]
) -> Iterator[int]:
    key, digest = quoted(contract.key), quoted(contract.key_hash)
    _, last = ledger.ids(ledger.run_of(batch_id))
    names = {name.encode() for name in first}
    # By the hash, which has an index, and by the key: another event with the same hash does not count.
    where = f"{digest} in ({_literals(map(key_hash, names))}) and {key} in ({_literals(names)})"
    query = f"select count(*), coalesce(sum(batch_id > %s and batch_id <= %s), 0) from {table} where {where}"
    [(there, later)] = database.rows(connection, query, batch_id, last)
    if there != len(first):
        stored = {name for (name,) in database.rows(connection, f"select {key} from {table} where {where}")}
        raise RefusedError(
            f"the table refused {contract.key} {sorted(first.keys() - stored)[0]!r}, but does not have it"
        )
    if later:
        query = f"select {key} from {table} where {where} and batch_id > %s and batch_id <= %s"
        yield from sorted(first[name] for (name,) in database.rows(connection, query, batch_id, last))


def _literals(values: Iterable[bytes]) -> str:
    return ",".join(f"x'{value.hex()}'" for value in sorted(values))
