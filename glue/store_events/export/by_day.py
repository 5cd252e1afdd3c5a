"""Groups rows by day. Rows are sorted in memory, or in files that are merged if they exceed the memory."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from tempfile import TemporaryFile
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

_MEMORY = 32 << 20  # Bytes of rows in memory. More are sorted and written to a file.
_BLOCK = 1 << 20  # Approximate bytes of a record batch in a file,
_TOGETHER = 64 << 10  # and the maximum number of its rows.


class ByDay:
    """Rows grouped by day. `column` has the days, and `files` closes the files."""

    def __init__(self, column: str, files: ExitStack) -> None:
        self._column, self._files = column, files
        self._held: list[pa.RecordBatch] = []
        self._size = 0
        self._sorted: list[IO[bytes]] = []

    def add(self, rows: pa.RecordBatch) -> None:
        """Add rows of any days."""
        self._held.append(rows)
        self._size += rows.nbytes
        if self._size >= _MEMORY:
            self._spill()

    def days(self) -> Iterator[tuple[str, Iterator[pa.RecordBatch]]]:
        """Yield the days in order, each with its rows in insertion order. Consume a day's rows before the next day."""
        if self._sorted and self._held:
            self._spill()
        stored = [pa.ipc.open_stream(file) for file in map(_rewound, self._sorted)]
        runs = stored or ([self._take()] if self._held else [])
        # The merge is stable: for equal days, rows of an earlier run are first.
        merged = heapq.merge(*(_pieces(run, self._column) for run in runs), key=itemgetter(0))
        for day, pieces in groupby(merged, itemgetter(0)):
            yield day, (rows for _, rows in pieces)

    def _spill(self) -> None:
        file = self._file()
        with pa.ipc.new_stream(file, self._held[0].schema) as out:
            for rows in self._take():
                out.write_batch(rows)
        self._sorted.append(file)

    def _file(self) -> IO[bytes]:
        return self._files.enter_context(TemporaryFile())

    def _take(self) -> Iterator[pa.RecordBatch]:
        """Remove the rows in memory, and yield them sorted by day, in small batches."""
        rows, size = pa.concat_batches(self._held), self._size
        self._held, self._size = [], 0
        order = pc.sort_indices(rows.column(self._column))  # Stable.
        together = max(min(_TOGETHER, _BLOCK * len(rows) // (size or 1)), 1)
        for start in range(0, len(rows), together):
            yield rows.take(order.slice(start, together))


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


def _pieces(run: Iterable[pa.RecordBatch], column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Split sorted rows where the day changes."""
    for rows in run:
        days = pc.run_end_encode(rows.column(column))
        start = 0
        for day, end in zip(days.values.to_pylist(), days.run_ends.to_pylist(), strict=True):
            yield day, rows.slice(start, end - start)
            start = end
