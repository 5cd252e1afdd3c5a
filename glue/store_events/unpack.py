"""An object's bytes as lines with their numbers, however damaged they are."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from store_events.stream import Lines, Refused

MAX_LINE = 1 << 20  # Bytes; no event comes near it, and a row that long fits in no packet of the database.
SAMPLE = 4 << 10  # Bytes that are kept of a longer line.
_GZIP = b"\x1f\x8b"
_OUTPUT = 1 << 20
_BLANK = b" \t\r"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CutShortError(Exception):
    """A compressed object ends too early or is damaged."""


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes, decompressed if they are gzip by their first two: names tell less. Raises CutShortError."""
    source = iter(chunks)
    first = next(source, b"")
    everything = chain([first], source)
    return _gunzip(everything) if first.startswith(_GZIP) else everything


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """All members of a gzip file, in pieces of bounded size. https://www.rfc-editor.org/rfc/rfc1952#section-2.2"""
    member = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        while chunk:
            if member.eof:
                chunk = chunk.lstrip(b"\0")  # Zeros after the last member are padding.
                if not chunk:
                    break
                member = zlib.decompressobj(wbits=31)
            before = member.copy()
            try:
                yield member.decompress(chunk, _OUTPUT)
            except zlib.error as error:
                yield from _salvaged(before, chunk)
                raise CutShortError(str(error)) from error
            chunk = member.unused_data or member.unconsumed_tail
    if not member.eof:
        yield member.flush()
        raise CutShortError("the stream ends before its end")


def _salvaged(member: Any, chunk: bytes) -> Iterator[bytes]:
    """What comes before the damage in a chunk: a call that fails keeps what it had."""
    for i in range(len(chunk)):
        try:
            yield member.decompress(chunk[i : i + 1])
        except zlib.error:
            return


class Splitter:
    """Cuts bytes into lines; holds one chunk and one line at most."""

    def __init__(self) -> None:
        self._rest = b""
        self._number = 0  # Of the last line that was ended.
        self._skipped = 0  # Bytes of an over-long line that are not in _rest.

    def feed(self, chunk: bytes) -> Iterator[Lines | Refused]:
        """What the chunk ends."""
        if self._skipped:
            head, end, chunk = chunk.partition(b"\n")
            self._skipped += len(head)
            if not end:
                return
            yield self._refused()
        *ended, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest
        yield from self._lines(ended)
        if len(rest) > MAX_LINE:
            self._rest, self._skipped = rest[:SAMPLE], len(rest) - SAMPLE

    def end(self) -> Iterator[Lines | Refused]:
        """The last line, if no end of line follows it."""
        if self._skipped:
            yield self._refused()
        elif self._rest:
            yield from self._lines([self._rest])
        self._rest = b""

    def cut(self) -> Refused:
        """What there is of a line that the object's damage ends."""
        size = len(self._rest) + self._skipped
        return Refused(self._number + 1, "cut_short", self._rest[:SAMPLE], size)

    def _lines(self, ended: list[bytes]) -> Iterator[Lines | Refused]:
        if all(line[:1] == b"{" and len(line) <= MAX_LINE for line in ended):  # As they mostly are.
            first, self._number = self._number + 1, self._number + len(ended)
            yield Lines(list(range(first, first + len(ended))), ended)
        else:
            yield from self._examined(ended)

    def _examined(self, ended: list[bytes]) -> Iterator[Lines | Refused]:
        numbers: list[int] = []
        lines: list[bytes] = []
        for number, line in enumerate(ended, self._number + 1):
            if len(line) > MAX_LINE:
                yield Lines(numbers, lines)
                yield Refused(number, "line_too_long", line[:SAMPLE], len(line))
                numbers, lines = [], []
            elif line.removeprefix(_BYTE_ORDER_MARK).strip(_BLANK):
                numbers.append(number)
                lines.append(line)
        self._number += len(ended)
        yield Lines(numbers, lines)

    def _refused(self) -> Refused:
        self._number += 1
        refused = Refused(self._number, "line_too_long", self._rest, len(self._rest) + self._skipped)
        self._rest, self._skipped = b"", 0
        return refused
