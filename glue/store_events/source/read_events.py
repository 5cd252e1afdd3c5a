"""The items that a worker reads from objects, in sequence: begin, lines, end, and errors."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from store_events.source.line_ranges import Ranges
from store_events.source.objects import Part


@dataclass(frozen=True)
class Begin:
    """The start of an object version or of a part of it. `done`, `reread` and `part` are those of SourceObject.
    `listed` means that the version is the listed one.

    `size` is the stored size of the object or part in bytes, and `share` the part's share of the object, 0 to 1.
    """

    name: str
    version: str
    version_id: str | None
    done: Ranges
    reread: bool
    listed: bool
    size: int = 0
    part: Part | None = None
    share: float = 1.0


class Text(Sequence[bytes]):
    """Lines in one string, each with its line feed, at the offsets `ends`."""

    def __init__(self, text: bytes, ends: np.ndarray) -> None:
        self.text, self.ends = text, ends

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> "Text": ...
    def __getitem__(self, at: int | slice) -> "bytes | Text":
        if isinstance(at, int):
            return self.text[self._start(range(len(self))[at]) : self.ends[at]]
        first, end, _ = at.indices(len(self))
        if first >= end:
            return Text(b"", self.ends[:0])
        start = self._start(first)
        return Text(self.text[start : self.ends[end - 1] + 1], self.ends[first:end] - start)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    @property
    def starts(self) -> np.ndarray:
        """The offsets of the lines."""
        return np.concatenate(([0], self.ends[:-1] + 1)) if len(self) else self.ends

    def _start(self, line: int) -> int:
        return int(self.ends[line - 1]) + 1 if line else 0


@dataclass(frozen=True)
class Lines:
    """Values of an object in order, usually one per line, with their numbers, which also count blank lines, from 1."""

    numbers: Sequence[int]
    lines: Sequence[bytes]

    def split(self, at: int) -> tuple["Lines", "Lines"]:
        """Return the first `at` lines and the rest."""
        return Lines(self.numbers[:at], self.lines[:at]), Lines(self.numbers[at:], self.lines[at:])

    def cut(self, ranges: Ranges) -> Iterator[tuple["Lines", bool]]:
        """Yield the lines in pieces, in order, each with whether it is in the ranges."""
        lines = self
        for first, last in ranges:
            if not lines or first > lines.numbers[-1]:
                break
            if last < lines.numbers[0]:
                continue
            before, lines = lines.split(lines.until(first - 1))
            inside, lines = lines.split(lines.until(last))
            yield from ((piece, within) for piece, within in ((before, False), (inside, True)) if piece)
        if lines:
            yield lines, False

    def until(self, number: int) -> int:
        """Return the number of lines up to this line number."""
        return bisect_right(self.numbers, number)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Unreadable:
    """A value that is too long or truncated, with its number, the reason, its first bytes and its size."""

    number: int
    reason: str
    sample: bytes
    size: int


@dataclass(frozen=True)
class End:
    """The end of an object, with the number of its lines, including unreadable ones."""

    count: int


@dataclass(frozen=True)
class Unread:
    """An object that cannot be read to its end. It replaces the object's items, or the rest of them.

    `reason` is one of the constants below, and `detail` the service's error.
    """

    name: str
    version: str
    reason: str
    detail: str = ""


# Deleted after the listing, overwritten while several workers read parts of it, or by a version that is loaded already.
GONE = "gone"
ARCHIVED = "archived"  # In a storage class that requires a restore first.
FORBIDDEN = "forbidden"
FAILED = "failed"

Item = Begin | Lines | Unreadable | End | Unread
