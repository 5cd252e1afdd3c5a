"""The rows of a batch in a file, sorted by the hash of their key and numbered.

So a transaction walks through the table's unique index once, appends to its clustered one, and two tasks with the same
keys lock them in one order: they cannot wait for each other.
"""

from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from typing import IO

import numpy as np

from store_events.load import csv_codec

_BLOCK = 1 << 20
_TOGETHER = 2_000  # Rows that are written at once: a call of the file's takes as long as many rows.
_COMMA = ord(",")
_TENS = 10 ** np.arange(1, 10)


def key_hash(key: bytes) -> bytes:
    """Return the hash that the table's unique key is over; tables.py has it as SQL."""
    return sha256(key).digest()[:16]


class SortedRows:
    """Rows with their positions, from 1; those with the same key keep their order."""

    def __init__(self, rows: list[bytes], file: IO[bytes]) -> None:
        """Write rows to a file and clear the list: from here on the file has them."""
        order = _order(rows)
        for start in range(0, len(rows), _TOGETHER):
            some = order[start : start + _TOGETHER].tolist()
            file.write(b"".join([b"%d,%b" % (n, rows[i]) for n, i in enumerate(some, start + 1)]))
        self._lengths = np.fromiter(map(len, rows), np.int64, len(rows))[order]
        rows.clear()
        self.file = file

    def __len__(self) -> int:
        return len(self._lengths)

    def blocks(self, without: list[int]) -> Iterator[bytes]:
        """The numbered rows for LOAD DATA, except those at some positions."""
        if without:
            left = np.setdiff1d(np.arange(1, len(self) + 1), np.array(without), assume_unique=True).tolist()
            yield from (b"%d,%b" % row for row in zip(left, self.at(left), strict=True))
            return
        self.file.seek(0)
        while block := self.file.read(_BLOCK):
            yield block

    def at(self, positions: list[int]) -> Iterator[bytes]:
        """The rows at some positions, which are in order, without their positions."""
        for position in positions:
            length = int(self._lengths[position - 1])
            self.file.seek(int(self._ends[position - 1]) - length)
            yield self.file.read(length)

    @cached_property
    def _ends(self) -> np.ndarray:
        """Where each row ends in the file. Few batches need it, and those more than once."""
        digits = np.searchsorted(_TENS, np.arange(1, len(self) + 1), side="right") + 1
        return np.cumsum(self._lengths + digits + 1)


def _order(rows: list[bytes]) -> np.ndarray:
    """The places of the rows in the order of their keys' hashes: as numbers, which sort faster than bytes."""
    hashes = np.frombuffer(b"".join([_hash(row) for row in rows]), ">u8").reshape(-1, 2)
    order: np.ndarray = np.lexsort((hashes[:, 1], hashes[:, 0]))
    return order


def _hash(row: bytes) -> bytes:
    end = row.index(b'"', 1)
    return key_hash(row[1:end] if row[end + 1] == _COMMA else csv_codec.key(row).encode())
