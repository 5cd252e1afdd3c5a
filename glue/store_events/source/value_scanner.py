"""Finds the end of a JSON value in text without parsing the value. `framing.py` splits text there."""

import re
from dataclasses import dataclass, field

import numpy as np

MAX_LEVELS = 32  # Deeper values are not valid events.

MARK = b"\xef\xbb\xbf"
MORE, DONE, BROKEN = range(3)

_IN_STRING = rb'(?:[^"\\\n]++|\\[^\n])*+'
_STRING = rb'"' + _IN_STRING + rb'"'
_SIMPLE = rb'(?:[^{}\[\]"]++|' + _STRING + rb")*+"


def _nested(levels: int) -> bytes:
    """Return a pattern for an object or array with at most so many nested levels. It does not check bracket types."""
    inner = b"|" + _nested(levels - 1) if levels else b""
    return rb'[{\[](?:[^{}\[\]"]++|' + _STRING + inner + rb")*+[}\]]"


BLANKS = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
SEPARATORS = re.compile(rb"(?:[ \t\r,\[\]]++|\xef\xbb\xbf)*+")
# A line with one value. If its brackets do not match, the value is invalid, and is still the whole line.
ONE = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+(?=\{)" + _nested(3) + rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
_PLAIN = rb"[ \t\r\n]*+(?:\[" + _SIMPLE + rb"\]|\{" + _SIMPLE + rb"\})?+"
# By the open bracket: scalar members or elements, and arrays and objects of scalars.
_MEMBERS = rb'(?:[^{}\[\]":]++|' + _STRING + rb"|:" + _PLAIN + rb")*+"
_ELEMENTS = rb'(?:[^{}\[\]",]++|' + _STRING + rb"|," + _PLAIN + rb")*+"
_WITHIN = {b"{"[0]: re.compile(_MEMBERS), b"["[0]: re.compile(_ELEMENTS)}
COMMON = re.compile(rb"\{" + _MEMBERS + rb"\}")  # Most values.
SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^\s,\[\]{}":]++)(?=[ \t\r]*+[,\]\n])')
_GAP = re.compile(rb'[^"{}\[\]]*+')
_REST_OF_STRING = re.compile(_IN_STRING)
_PAIRS = {b"}": b"{", b"]": b"["}
LF, _CR, _OPEN, _CLOSE, _QUOTE, _BACKSLASH = b'\n\r{}"\\'
# Bytes counted at once. The first block is small, because the value may end soon.
_FIRST, _MOST = 256, 64 << 10


@dataclass
class ValueScanner:
    """The scan of one value.

    A value with more than MAX_LEVELS is not an event. Beyond that, only strings and braces count, which takes little
    time and no memory, and the value ends with its line at the latest.
    """

    at: int  # Offset of the first byte in the current text.
    position: int  # Offset of the next byte to read.
    open: bytearray = field(default_factory=bytearray)
    places: list[int] = field(default_factory=list)  # Offsets of the open brackets, relative to `at`.
    in_string: bool = False
    last: bytes = b""  # The last byte that is not white space.
    several_lines: bool = False
    done: bool = False
    levels: int | None = None  # Number of open braces, once only these count.
    escaped: bool = False  # The next byte is escaped, once only braces count.

    def read(self, text: bytes, until: int) -> int:
        """Continue reading up to `until`. Return DONE with `position` after the value's end, BROKEN with `position` at
        the error, or MORE.
        """
        while self.levels is None:
            if self.in_string:
                end = _REST_OF_STRING.match(text, self.position, until).end()  # type: ignore[union-attr]
                self.position = end
                if end == until or (text[end : end + 1] == b"\\" and end + 1 == until):
                    return MORE
                if text[end : end + 1] != b'"':
                    self.position = text.index(b"\n", end)
                    return BROKEN
                self.in_string, self.last, self.position = False, b'"', end + 1
            self._pass(text, until)
            if self.position == until:
                return MORE
            if (ended := self._bracket(text[self.position : self.position + 1])) != MORE:
                return ended
        return self._count(text, until)

    def only_count(self) -> None:
        """Count only strings and braces from here on, as `ends_of_values` does."""
        if self.levels is None:
            self.levels = self.open.count(b"{")

    def within(self, text: bytes, at: int) -> "ValueScanner | None":
        """Return a scanner for the nested value at `at`, with the progress of this scan, or None if no open bracket is
        there.
        """
        if at - self.at not in self.places:
            return None
        outer = self.places.index(at - self.at)
        places = [place + self.at - at for place in self.places[outer:]]
        lines = text.find(b"\n", at, self.position) >= 0
        return ValueScanner(at, self.position, self.open[outer:], places, self.in_string, self.last, lines)

    def _pass(self, text: bytes, until: int) -> None:
        """Skip to the next bracket that the pattern does not match, or to a string that does not end in the text."""
        plain = _WITHIN[self.open[-1]] if 0 < len(self.open) < MAX_LEVELS else _GAP
        end = plain.match(text, self.position, until).end()  # type: ignore[union-attr]
        if end > self.position:
            part, self.position = text[self.position : end], end
            self.last = part.rstrip(b" \t\r\n")[-1:] or self.last
            self.several_lines = self.several_lines or b"\n" in part

    def _bracket(self, token: bytes) -> int:
        if token == b'"':
            self.in_string = True
        elif token in _PAIRS:
            if not self.open.endswith(_PAIRS[token]):
                return BROKEN
            self.open.pop()
            self.places.pop()
        elif (self.open and self.last not in ((b":",) if self.open.endswith(b"{") else (b",", b"["))) or (
            self.several_lines and len(self.open) == MAX_LEVELS
        ):
            return BROKEN
        else:
            self.open += token
            self.places.append(self.position - self.at)
        self.position, self.last = self.position + 1, token
        if len(self.open) > MAX_LEVELS:
            self.only_count()
        return MORE if self.open else DONE

    def _count(self, text: bytes, until: int) -> int:
        """Continue reading, where only strings and braces count, and a line feed makes the value invalid."""
        size = _FIRST
        while self.position < until:
            piece = min(self.position + size, until)
            line = text.find(b"\n", self.position, piece)
            stop = piece if line < 0 else line
            end = self._end(text, stop) if stop > self.position else None
            self.position = end or stop
            if end or line >= 0:
                return DONE if end else BROKEN
            size = min(2 * size, _MOST)
        return MORE

    def _end(self, text: bytes, until: int) -> int | None:
        """Return the offset after the brace that ends the value. If the value does not end before `until`, count its
        braces and return None.
        """
        data = np.frombuffer(text, np.uint8, until - self.position, self.position)
        if self.escaped or text.find(b"\\", self.position, until) >= 0:
            data, self.escaped = _without_escapes(data, self.escaped)
        quoted = np.bitwise_xor.accumulate((data == _QUOTE).view(np.uint8)).view(bool)
        outside = quoted if self.in_string else ~quoted
        opened, closed = (data == _OPEN) & outside, (data == _CLOSE) & outside
        levels, closing = self.levels or 0, int(np.count_nonzero(closed))
        if closing >= levels:
            places = np.flatnonzero(opened | closed)
            depth = levels + np.cumsum(np.where(opened[places], 1, -1))
            ends = np.flatnonzero(depth == 0)
            if len(ends):
                return self.position + int(places[ends[0]]) + 1
        self.levels = levels + int(np.count_nonzero(opened)) - closing
        self.in_string = not outside[-1]
        return None


def _without_escapes(data: np.ndarray, escaped: bool) -> tuple[np.ndarray, bool]:
    """Return the bytes with escaped bytes set to zero, and whether the byte after them is escaped.

    It also applies outside strings, where valid JSON has no backslashes.
    """
    found = data.copy()
    if escaped:
        found[0] = 0
    slashes = np.flatnonzero(found == _BACKSLASH)
    first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
    length = np.diff(first, append=len(slashes))
    after = (slashes[first] + length)[length % 2 == 1]
    found[after[after < len(found)]] = 0
    return found, bool(len(after)) and int(after[-1]) == len(found)


def ends_of_values(text: bytes, start: int, end: int) -> np.ndarray | None:
    """Return the offsets of the line feeds, relative to `start`, if each line is certainly one value: it has no braces
    in strings, and its first brace closes at its end. Such a line can be an invalid value, but is still a single one.
    """
    data = np.frombuffer(text, np.uint8, end - start, start)
    ends = np.flatnonzero(data == LF)
    closing = ends - 1 if text[start + ends[0] - 1] != _CR else ends - 2
    if closing[0] < 0 or data[0] != _OPEN:
        return None
    if not ((data[closing] == _CLOSE).all() and (data[ends[:-1] + 1] == _OPEN).all()):
        return None
    opened, closed = np.count_nonzero(data == _OPEN), np.count_nonzero(data == _CLOSE)
    if opened == closed == len(ends):
        return ends
    if opened != closed or text.find(b"\\", start, end) >= 0:
        return None
    braces = np.flatnonzero((data == _OPEN) | (data == _CLOSE))
    depth = np.cumsum(np.where(data[braces] == _OPEN, 1, -1))
    if not np.array_equal(braces[depth == 0], closing):
        return None
    in_string = np.bitwise_xor.accumulate((data == _QUOTE).view(np.uint8))
    return None if in_string[braces].any() else ends


def ends_within_mark(text: bytes, at: int) -> bool:
    """Report whether the text ends within a byte order mark."""
    return len(text) - at < len(MARK) and text[at] == MARK[0] and MARK.startswith(text[at:])
