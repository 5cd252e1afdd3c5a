"""What a worker reads, as a sequence: where an object begins and ends, and the lines between."""

from bisect import bisect_right
from dataclasses import dataclass


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
class Lines:
    """Lines of an object that follow each other but for blank ones; `numbers` count from 1, with the blank ones."""

    numbers: list[int]
    lines: list[bytes]

    def split(self, at: int) -> tuple["Lines", "Lines"]:
        """The first `at` lines, and the others."""
        return Lines(self.numbers[:at], self.lines[:at]), Lines(self.numbers[at:], self.lines[at:])

    def until(self, number: int) -> int:
        """How many of the lines have this number or a smaller one."""
        return bisect_right(self.numbers, number)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Refused:
    """A line that cannot be read as one: its number, the reason, its first bytes and how many it has."""

    number: int
    reason: str
    sample: bytes
    size: int


@dataclass(frozen=True)
class End:
    """The end of an object, and how many lines of it were sent, refused ones too."""

    count: int


@dataclass(frozen=True)
class Gone:
    """An object that was deleted after it was listed."""

    name: str


Item = Begin | Lines | Refused | End | Gone
