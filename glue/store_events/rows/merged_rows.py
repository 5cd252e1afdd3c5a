"""The rows of a batch that is larger than a worker's memory: an external merge sort.

A commit reads and writes nearly every page of an index that is larger than the database's memory, so larger commits
cost less per row.
"""

import io
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store_events import csv_codec
from store_events.contract import Contract, Field
from store_events.rows.row_buffer import RowBuffer
from store_events.rows.sorted_rows import Hashes, Rows, SentRows, SortedRows, append, at_once, starts, texts

_TOGETHER = 64 << 10  # Rows per record batch.
_KEYS_TEXT = 4 << 20  # Bytes of rows read at once for their keys.
_HASHES = 1 << 64  # Number of values of the first half of a hash.
# A row of a chunk: its hash, the offset of its text, and the index of its columns.
_ROW = np.dtype([("high", "u8"), ("low", "u8"), ("start", "i8"), ("place", "i4")])


@dataclass(frozen=True)
class _Chunk:
    """Rows sorted by hash: `count` records in a file, from record `first` on, and a record for the end of the text."""

    file: IO[bytes]
    first: int
    count: int

    def rows(self, start: int, end: int) -> np.ndarray:
        """Return the records from `start` to `end`, inclusive."""
        self.file.seek((self.first + start) * _ROW.itemsize)
        return np.frombuffer(self.file.read((end - start + 1) * _ROW.itemsize), _ROW)

    def cuts(self, bounds: np.ndarray) -> list[int]:
        """Return the indexes at which hashes exceed each bound, with 0 first and the number of rows last."""
        return [0, *np.searchsorted(self.rows(0, self.count)["high"][:-1], bounds).tolist(), self.count]


class Chunks:
    """Rows in sorted chunks, stored in temporary files, which `files` closes."""

    def __init__(self, contract: Contract, files: ExitStack) -> None:
        self._key, self._fields, self._files = contract.key, csv_codec.columns(contract), files
        self._chunks: list[_Chunk] = []
        self._count = 0
        self.size = 0  # Approximate bytes.

    def add(self, gathered: RowBuffer) -> None:
        """Sort and store the buffer's rows, which follow those of earlier chunks, and empty the buffer."""
        if not self._chunks:
            self._texts, self._stored, self._rows = self._file(), self._file(), self._file()
            self._columns = pa.ipc.new_stream(self._stored, csv_codec.schema(self._fields))
        self.size += gathered.size
        quotes = gathered.quotes
        columns, numbers = gathered.take()
        hashes = Hashes.of(columns.column(self._key))
        order = hashes.order(numbers)
        begin = self._texts.tell()
        lengths = [append(self._texts, text) for text in texts(columns, self._fields, order, quotes)]
        rows = np.zeros(len(order) + 1, _ROW)
        rows["high"][:-1], rows["low"][:-1] = hashes.high[order], hashes.low[order]
        rows["start"], rows["place"][:-1] = begin + starts(lengths), order + self._count
        self._chunks.append(_Chunk(self._rows, self._count + len(self._chunks), len(order)))
        self._rows.write(rows.tobytes())
        self._count += len(order)
        for start in range(0, len(order), _TOGETHER):
            self._columns.write_batch(columns.slice(start, _TOGETHER))

    def sorted(self, last: RowBuffer) -> Rows:
        """Return all rows sorted by hash, including those of the buffer `last`."""
        if not self._chunks:
            return SortedRows(last, self._file())
        self.add(last)
        self._columns.close()
        pa.default_memory_pool().release_unused()  # Merging needs as much memory again.
        return MergedRows(self._key, self._fields, self._stored, self._file(), _merged(self._chunks, self._texts))

    def _file(self) -> IO[bytes]:
        return self._files.enter_context(TemporaryFile())


class MergedRows(SentRows):
    """Rows with their columns in a file."""

    def __init__(
        self, key: str, fields: list[Field], columns: IO[bytes], file: IO[bytes], rows: "Iterable[_Rows]"
    ) -> None:
        """Write rows to a file, numbered in order. `columns` is the file with their columns."""
        self._key, self._fields, self._stored = key, fields, columns
        places = array("i")
        super().__init__(file, _numbered(rows, places))
        self._places = np.frombuffer(places, np.int32)  # Indexes of the columns, by position.

    def keys(self, positions: np.ndarray) -> list[str]:
        """See Rows. Rows are read in groups, because a row can have a megabyte."""
        return [key for group in self._split(positions, _KEYS_TEXT) for key in self._keys_at(group)]

    def _keys_at(self, positions: np.ndarray) -> Iterator[str]:
        text = io.BytesIO(b"".join(self.at(positions)))
        for rows in csv_codec.tables(text, [csv_codec.POSITION, *self._fields]):
            yield from rows.column(self._key).to_pylist()

    def columns(self, without: np.ndarray) -> Iterator[pa.RecordBatch]:
        """See Rows."""
        kept = np.ones(len(self), bool)
        kept[self._places[without - 1]] = False
        self._stored.seek(0)
        begin = 0
        for rows in pa.ipc.open_stream(self._stored):
            end = begin + len(rows)
            yield rows.filter(pa.array(kept[begin:end])) if len(without) else rows
            begin = end


@dataclass(frozen=True)
class _Rows:
    """Rows as text, and the indexes of their columns."""

    text: pa.Array
    places: np.ndarray


def _merged(chunks: list[_Chunk], file: IO[bytes]) -> Iterator[_Rows]:
    """Yield all rows sorted by hash. Read one range of hashes from all chunks at a time, which is about as much data as
    one chunk.
    """
    count = len(chunks)
    bounds = np.array([_HASHES * i // count for i in range(1, count)], np.uint64)
    cuts = [one.cuts(bounds) for one in chunks]
    for i in range(count):
        records = [one.rows(cut[i], cut[i + 1]) for one, cut in zip(chunks, cuts, strict=True)]
        rows = np.concatenate([one[:-1] for one in records])
        # For equal hashes, rows of an earlier chunk are first.
        order = Hashes(rows["high"], rows["low"]).order(np.arange(len(rows)))
        text, places = _read(file, [one["start"] for one in records]), rows["place"]
        together = at_once(text.nbytes, len(order))
        for start in range(0, len(order), together):
            now = order[start : start + together]
            yield _Rows(text.take(pa.array(now)).cast(pa.string()), places[now])


def _numbered(rows: Iterable[_Rows], places: "array[int]") -> Iterator[pa.Array]:
    """Yield the rows with their positions, and append the indexes of their columns to `places`."""
    first = 1
    for group in rows:
        positions = pa.array(np.arange(first, first + len(group.places)))
        yield pc.binary_join_element_wise(positions.cast(pa.string()), group.text, ",")
        places.frombytes(group.places.tobytes())
        first += len(group.places)


def _read(file: IO[bytes], chunks: list[np.ndarray]) -> pa.Array:
    """Return the concatenated rows of several chunks, given by the offsets of each chunk's rows and of their end."""
    ends = starts(np.diff(one) for one in chunks)
    text = memoryview(bytearray(int(ends[-1])))
    begin = 0
    for one in chunks:
        end = begin + int(one[-1] - one[0])
        file.seek(int(one[0]))
        if file.readinto(text[begin:end]) != end - begin:  # type: ignore[attr-defined]
            raise EOFError("a temporary file was truncated")
        begin = end
    return pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(text))
