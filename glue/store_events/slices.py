"""A partition's Arrow batches, cut where the source object changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Slice:
    """Consecutive lines of one source object: plain ones as rows, the others as they are."""

    source_object: str
    count: int
    rows: pa.Array
    lines: pa.Array

    def encoded(self) -> memoryview:
        """All plain rows, one after the other; no copy of the text."""
        rows = self.rows.drop_null()
        _, offsets, data = rows.buffers()
        if len(rows) == 0 or data is None:
            return memoryview(b"")
        ends = memoryview(offsets).cast("i")
        return memoryview(data)[ends[rows.offset] : ends[rows.offset + len(rows)]]

    def others(self) -> list[bytes]:
        return list(self.lines.drop_null().to_pylist())


class Slices:
    """The slices of a partition, with a look at the next one."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._slices = _cut(batches)
        self.next: Slice | None = next(self._slices, None)

    def take(self) -> Slice:
        """The next slice; there must be one."""
        taken = self.next
        if taken is None:
            raise LookupError("the partition has no more lines")
        self.next = next(self._slices, None)
        return taken


def _cut(batches: Iterable[pa.RecordBatch]) -> Iterator[Slice]:
    for batch in batches:
        if batch.num_rows == 0:
            continue
        runs = pc.run_end_encode(batch.column("source_object"))
        start = 0
        for end, source_object in zip(runs.run_ends.to_pylist(), runs.values.to_pylist(), strict=True):
            part = batch.slice(start, end - start)
            yield Slice(source_object, end - start, part.column("row"), part.column("line"))
            start = end
