"""What a worker reads, as a sequence: where an object begins and ends, and the lines between."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from store_events.source.line_ranges import Ranges
from store_events.source.objects import Part


@dataclass(frozen=True)
class Begin:
    """The start of an object's version, or of a part of it. `done`, `reread` and `part` are SourceObject's; `listed`
    means it is the listed one.

    `size` is the size of what is read in bytes, as it is stored, and `share` how much of the object that is: 1 for all.
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
    """Lines that are not cut apart yet: `text` has each with its line feed, and `ends` the places of these."""

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
        """The places where the lines begin."""
        return np.concatenate(([0], self.ends[:-1] + 1)) if len(self) else self.ends

    def _start(self, line: int) -> int:
        return int(self.ends[line - 1]) + 1 if line else 0


@dataclass(frozen=True)
class Lines:
    """Values of an object in order, a line each as a rule; `numbers` count them and blank lines, from 1."""

    numbers: Sequence[int]
    lines: Sequence[bytes]

    def split(self, at: int) -> tuple["Lines", "Lines"]:
        """Return the first `at` lines, and the others."""
        return Lines(self.numbers[:at], self.lines[:at]), Lines(self.numbers[at:], self.lines[at:])

    def cut(self, ranges: Ranges) -> Iterator[tuple["Lines", bool]]:
        """Yield the lines in pieces, in order, each with whether the ranges have it."""
        lines = self
        for first, last in ranges:
            if not lines or first > lines.numbers[-1]:
                break
            if last < lines.numbers[0]:
                continue
            before, lines = lines.split(lines.until(first - 1))
            inside, lines = lines.split(lines.until(last))
            yield from ((some, found) for some, found in ((before, False), (inside, True)) if some)
        if lines:
            yield lines, False

    def until(self, number: int) -> int:
        """Return how many of the lines have this number or a smaller one."""
        return bisect_right(self.numbers, number)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Unreadable:
    """A value that is too long or cut short: its number, the reason, its first bytes and how many it has."""

    number: int
    reason: str
    sample: bytes
    size: int


@dataclass(frozen=True)
class End:
    """The end of an object, and how many lines of it were sent, unreadable ones too."""

    count: int


@dataclass(frozen=True)
class Unread:
    """An object that cannot be read, or not to its end: instead of all its items, or of those that are left.

    `reason` is one of the constants below; `detail` is what the service said.
    """

    name: str
    version: str
    reason: str
    detail: str = ""


GONE = "gone"  # Deleted after it was listed, or written again while several workers read parts of it.
ARCHIVED = "archived"  # In a storage class that has to be restored first.
FORBIDDEN = "forbidden"
FAILED = "failed"

Item = Begin | Lines | Unreadable | End | Unread
