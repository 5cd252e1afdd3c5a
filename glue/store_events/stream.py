"""What a worker is sent, as a sequence of marks and slices of lines."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Begin:
    """The start of an object's version. `done` and `reload` are SourceObject's; `listed` tells if that was it."""

    name: str
    version: str
    version_id: str | None
    done: int
    reload: bool
    listed: bool


@dataclass(frozen=True)
class Slice:
    """Consecutive lines of an object: plain ones as rows, the others as they are."""

    numbers: pa.Array
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

    def others(self) -> list[tuple[int, bytes]]:
        """The lines that are not plain, with their numbers."""
        if self.lines.null_count == len(self.lines):
            return []
        given = self.lines.is_valid()
        return list(zip(self.numbers.filter(given).to_pylist(), self.lines.filter(given).to_pylist(), strict=True))

    @property
    def first(self) -> int:
        return int(self.numbers[0].as_py())

    @property
    def last(self) -> int:
        return int(self.numbers[-1].as_py())

    def split(self, number: int) -> tuple["Slice", "Slice"]:
        """The lines up to a number, and those after it."""
        at = int(np.searchsorted(self.numbers.to_numpy(), number, side="right"))
        return self._part(0, at), self._part(at, len(self.numbers) - at)

    def _part(self, start: int, count: int) -> "Slice":
        return Slice(*(c.slice(start, count) for c in (self.numbers, self.rows, self.lines)))

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Bad:
    """A line that could not be read as one; `size` are its bytes, of which `sample` are the first."""

    number: int
    reason: str
    sample: bytes
    size: int


@dataclass(frozen=True)
class End:
    """The end of an object, and how many rows it was sent as."""

    count: int


@dataclass(frozen=True)
class Gone:
    """An object that was deleted after it was listed."""

    name: str


Item = Begin | Slice | Bad | End | Gone


def items(batches: Iterable[pa.RecordBatch]) -> Iterator[Item]:
    """The items in Arrow batches with columns number, note, row, line: `reader.SCHEMA` after the fast path."""
    for batch in batches:
        columns = [batch.column(name) for name in ("number", "row", "line")]
        start = 0
        for at in np.flatnonzero(batch.column("note").is_valid()):
            mark = int(at)
            if mark > start:
                yield Slice(*(c.slice(start, mark - start) for c in columns))
            number, _, line = (c[mark].as_py() for c in columns)
            yield _marked(json.loads(batch.column("note")[mark].as_py()), number, line)
            start = mark + 1
        if start < batch.num_rows:
            yield Slice(*(c.slice(start) for c in columns))


def _marked(note: dict[str, Any], number: int, line: bytes) -> Item:
    if "object" in note:
        return Begin(**note["object"])
    if "end" in note:
        return End(note["end"])
    if "gone" in note:
        return Gone(note["gone"])
    return Bad(number, note["refused"], line, note["bytes"])
