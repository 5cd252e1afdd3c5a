"""The rows of a batch, sorted by the hash of their key, numbered, and stored in a file in the format they are sent in.

With this order, a transaction passes over the table's unique index once and appends to the clustered index, and tasks
with the same keys lock them in the same order, which avoids deadlocks.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Protocol

import numpy as np
import pyarrow as pa

from store_events import csv_codec
from store_events.contract import Field
from store_events.rows.row_buffer import RowBuffer

_BLOCK = 1 << 20
_TOGETHER = 10_000  # Rows converted to text at once,
_TEXT = 8 << 20  # and their approximate bytes.
_HASH = 16  # Bytes.
NONE = np.zeros(0, np.int32)  # No positions.


def key_hash(key: bytes) -> bytes:
    """Return the hash in the table's unique index. tables.py has the same function in SQL."""
    return sha256(key).digest()[:_HASH]


class Rows(Protocol):
    """The rows of a batch with their positions, from 1. Rows with the same key keep their order.

    Positions are sorted arrays of int32. A batch can have millions, for which lists would use 36 bytes each.
    """

    def __len__(self) -> int: ...

    def blocks(self, without: np.ndarray) -> Iterator[bytes]:
        """Yield the numbered rows for LOAD DATA, except those at the positions `without`."""

    def at(self, positions: np.ndarray) -> Iterator[bytes]:
        """Yield the numbered rows at the positions, in blocks of any length."""

    def keys(self, positions: np.ndarray) -> list[str]:
        """Return the keys of the rows at the positions."""

    def columns(self, without: np.ndarray) -> Iterator[pa.RecordBatch]:
        """Yield the rows as columns, in the order of their lines, except those at the positions `without`."""


class SentRows:
    """Numbered rows as text in a file. Implements the methods of Rows that need no columns."""

    def __init__(self, file: IO[bytes], texts: Iterable[pa.Array]) -> None:
        self._file = file
        self._starts = starts(append(file, text) for text in texts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def blocks(self, without: np.ndarray) -> Iterator[bytes]:
        """See Rows."""
        ends = np.concatenate(([0], without, [len(self) + 1]), dtype=np.int32)
        for i in np.flatnonzero(np.diff(ends) > 1):
            yield from self._between(int(ends[i]) + 1, int(ends[i + 1]) - 1)

    def at(self, positions: np.ndarray) -> Iterator[bytes]:
        """See Rows."""
        for group in np.split(positions, np.flatnonzero(np.diff(positions) != 1) + 1):
            if len(group):
                yield from self._between(int(group[0]), int(group[-1]))

    def _split(self, positions: np.ndarray, size: int) -> list[np.ndarray]:
        """Split positions into groups whose rows have less than `size` bytes, except for one row."""
        if not len(positions):
            return []
        ends = np.cumsum(self._starts[positions] - self._starts[positions - 1])
        return np.split(positions, np.flatnonzero(np.diff(ends // size)) + 1)

    def _between(self, first: int, last: int) -> Iterator[bytes]:
        start, end = self._starts[[first - 1, last]].tolist()
        while start < end:
            self._file.seek(start)
            block = self._file.read(min(_BLOCK, end - start))
            start += len(block)
            yield block


class SortedRows(SentRows):
    """Rows with their columns in memory."""

    def __init__(self, gathered: RowBuffer, file: IO[bytes]) -> None:
        """Sort the buffer's rows, write them to a file, and empty the buffer."""
        self._key, quotes = gathered.key, gathered.quotes
        fields = [csv_codec.POSITION, *gathered.fields]
        self._columns, numbers = gathered.take()
        self._order = Hashes.of(self._columns.column(self._key)).order(numbers)
        super().__init__(file, texts(self._columns, fields, self._order, quotes))

    def keys(self, positions: np.ndarray) -> list[str]:
        """See Rows."""
        keys: list[str] = self._columns.column(self._key).take(pa.array(self._order[positions - 1])).to_pylist()
        return keys

    def columns(self, without: np.ndarray) -> Iterator[pa.RecordBatch]:
        """See Rows."""
        if not len(without):
            yield self._columns
            return
        kept = np.ones(len(self), bool)
        kept[self._order[without - 1]] = False
        yield self._columns.filter(pa.array(kept))


@dataclass(frozen=True)
class Hashes:
    """The hashes of rows' keys, as two integers each."""

    high: np.ndarray
    low: np.ndarray

    @classmethod
    def of(cls, keys: pa.Array) -> "Hashes":
        """Return the hashes of an array of strings."""
        hashed = b"".join([sha256(key).digest() for key in _bytes(keys)])
        high, low, _, _ = np.frombuffer(hashed, ">u8").reshape(-1, 4).T.astype(np.uint64)
        return cls(high, low)

    def order(self, numbers: np.ndarray) -> np.ndarray:
        """Return the rows' indexes, sorted by hash and then by number."""
        order: np.ndarray = np.argsort(self.high)  # Sorting single integers is faster than pairs or bytes.
        ordered = self.high[order]
        return np.lexsort((numbers, self.low, self.high)) if (ordered[1:] == ordered[:-1]).any() else order


def texts(columns: pa.RecordBatch, fields: list[Field], order: np.ndarray, quotes: bool) -> Iterator[pa.Array]:
    """Yield rows as text in the given order, several at a time. Prepend positions if `fields` begin with POSITION."""
    together = at_once(columns.nbytes, len(order))
    numbered = fields[0] == csv_codec.POSITION
    for start in range(0, len(order), together):
        group = order[start : start + together]
        places = pa.array(group)
        cells = [column.take(places) for column in columns.columns]
        if numbered:
            cells.insert(0, pa.array(np.arange(start + 1, start + 1 + len(group))))
        yield csv_codec.rows(pa.RecordBatch.from_arrays(cells, [f.name for f in fields]), fields, quotes)


def at_once(size: int, count: int) -> int:
    """Return how many of `count` rows with `size` bytes to convert to text at once."""
    return max(min(_TOGETHER, _TEXT * count // (size or 1)), 1)


def append(file: IO[bytes], rows: pa.Array) -> np.ndarray:
    """Write strings to a file, and return their lengths in bytes."""
    _, offsets, data = rows.buffers()
    ends = np.frombuffer(offsets, np.int32, len(rows) + 1, rows.offset * 4)
    file.write(memoryview(data)[ends[0] : ends[-1]])
    return np.diff(ends)


def starts(lengths: Iterable[np.ndarray]) -> np.ndarray:
    """Return the offsets of rows with these lengths, and of the end of the last row."""
    ends = array("q", [0])  # Grows in place.
    for part in lengths:
        ends.frombytes((ends[-1] + np.cumsum(part, dtype=np.int64)).tobytes())
    return np.frombuffer(ends, np.int64)


def _bytes(keys: pa.Array) -> list[bytes]:
    """Return keys, usually all of the same length, as bytes. They have no zeros, which numpy would strip."""
    _, offsets, data = keys.buffers()
    ends = np.frombuffer(offsets, np.int32, len(keys) + 1, keys.offset * 4)
    lengths = np.diff(ends)
    if len(keys) and (lengths == lengths[0]).all():
        same: list[bytes] = np.frombuffer(data, f"S{lengths[0]}", len(keys), ends[0]).tolist()
        return same
    several: list[bytes] = keys.cast(pa.binary()).to_pylist()
    return several
