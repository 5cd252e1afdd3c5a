"""The rows of a batch, sorted by the hash of their key and numbered, and in a file as they are sent.

So a transaction walks through the table's unique index once, appends to its clustered one, and two tasks with the same
keys lock them in one order: they cannot wait for each other.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import IO

import numpy as np
import pyarrow as pa

from store_events.load import csv_codec
from store_events.load.gathered import Gathered

_BLOCK = 1 << 20
_TOGETHER = 10_000  # Rows that become text at once,
_TEXT = 8 << 20  # and about so many bytes.
_HASH = 16  # Bytes.


def key_hash(key: bytes) -> bytes:
    """Return the hash that the table's unique key is over; tables.py has it as SQL."""
    return sha256(key).digest()[:_HASH]


class SortedRows:
    """Rows with their positions, from 1; those with the same key keep their order."""

    def __init__(self, gathered: Gathered, file: IO[bytes]) -> None:
        """Take all rows, and write them to a file."""
        self._file, self._key, quotes = file, gathered.key, gathered.quotes
        self._fields = [csv_codec.POSITION, *gathered.fields]
        self._columns, numbers = gathered.take()
        together = max(min(_TOGETHER, _TEXT * len(numbers) // (self._columns.nbytes or 1)), 1)
        self._order = _order(self._columns.column(gathered.key), numbers)
        lengths = [np.zeros(1, np.int64)]
        for start in range(0, len(self), together):
            lengths.append(self._write(start, together, quotes))
        self._starts = np.cumsum(np.concatenate(lengths))

    def _write(self, start: int, most: int, quotes: bool) -> np.ndarray:
        """Write some rows; their lengths."""
        order = self._order[start : start + most]
        places, positions = pa.array(order), pa.array(np.arange(start + 1, start + 1 + len(order)))
        some = [positions, *(column.take(places) for column in self._columns.columns)]
        batch = pa.RecordBatch.from_arrays(some, [f.name for f in self._fields])
        text = csv_codec.rows(batch, self._fields, quotes)
        _, offsets, data = text.buffers()
        ends = np.frombuffer(offsets, np.int32, len(text) + 1, text.offset * 4)
        self._file.write(memoryview(data)[ends[0] : ends[-1]])
        return np.diff(ends)

    def __len__(self) -> int:
        return len(self._order)

    def blocks(self, without: list[int]) -> Iterator[bytes]:
        """The numbered rows for LOAD DATA, except those at some positions."""
        if without:
            left = np.setdiff1d(np.arange(1, len(self) + 1), np.array(without), assume_unique=True)
            yield from self.at(left.tolist())
            return
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            yield block

    def at(self, positions: list[int]) -> Iterator[bytes]:
        """The numbered rows at some positions, which are in order."""
        for position in positions:
            start, end = self._starts[position - 1 : position + 1].tolist()
            self._file.seek(start)
            yield self._file.read(end - start)

    def keys(self, positions: list[int]) -> list[str]:
        """The keys of the rows at some positions."""
        keys: list[str] = self._columns.column(self._key).take(self._places(positions)).to_pylist()
        return keys

    def columns(self, without: list[int]) -> pa.RecordBatch:
        """The rows as columns, in the order of their lines, except those at some positions."""
        if not without:
            return self._columns
        kept = np.ones(len(self), bool)
        kept[self._order[np.array(without) - 1]] = False
        return self._columns.filter(pa.array(kept))

    def _places(self, positions: list[int]) -> pa.Array:
        return pa.array(self._order[np.array(positions, np.int64) - 1])


def _order(keys: pa.Array, numbers: np.ndarray) -> np.ndarray:
    """The places of the rows in the order of their keys' hashes, and of their numbers where these are the same."""
    hashed = b"".join([sha256(key).digest() for key in _bytes(keys)])
    high, low, _, _ = np.frombuffer(hashed, ">u8").reshape(-1, 4).T.astype(np.uint64)
    order: np.ndarray = np.argsort(high)  # Numbers sort faster than bytes, and alone faster than in pairs.
    ordered = high[order]
    return np.lexsort((numbers, low, high)) if (ordered[1:] == ordered[:-1]).any() else order


def _bytes(keys: pa.Array) -> list[bytes]:
    """Keys, most often all of one length, as Python's bytes. They have no zeros, which numpy would take away."""
    _, offsets, data = keys.buffers()
    ends = np.frombuffer(offsets, np.int32, len(keys) + 1, keys.offset * 4)
    lengths = np.diff(ends)
    if len(keys) and (lengths == lengths[0]).all():
        same: list[bytes] = np.frombuffer(data, f"S{lengths[0]}", len(keys), ends[0]).tolist()
        return same
    several: list[bytes] = keys.cast(pa.binary()).to_pylist()
    return several
