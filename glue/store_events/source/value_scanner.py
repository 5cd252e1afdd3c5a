"""Finds where a JSON value in a string ends, without parsing it: `framing.py` cuts strings there."""

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
    """Return a pattern for an object or array with at most so many levels within it, of whatever kinds."""
    inner = b"|" + _nested(levels - 1) if levels else b""
    return rb'[{\[](?:[^{}\[\]"]++|' + _STRING + inner + rb")*+[}\]]"


BLANKS = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
SEPARATORS = re.compile(rb"(?:[ \t\r,\[\]]++|\xef\xbb\xbf)*+")
# A line with one value and nothing else. Brackets that do not match break the value, which is the same line then.
ONE = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+(?=\{)" + _nested(3) + rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
_PLAIN = rb"[ \t\r\n]*+(?:\[" + _SIMPLE + rb"\]|\{" + _SIMPLE + rb"\})?+"
# By the bracket that is open: simple members or elements, and arrays and objects of such.
_MEMBERS = rb'(?:[^{}\[\]":]++|' + _STRING + rb"|:" + _PLAIN + rb")*+"
_ELEMENTS = rb'(?:[^{}\[\]",]++|' + _STRING + rb"|," + _PLAIN + rb")*+"
_WITHIN = {b"{"[0]: re.compile(_MEMBERS), b"["[0]: re.compile(_ELEMENTS)}
COMMON = re.compile(rb"\{" + _MEMBERS + rb"\}")  # Most values.
SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^\s,\[\]{}":]++)(?=[ \t\r]*+[,\]\n])')
_GAP = re.compile(rb'[^"{}\[\]]*+')
_REST_OF_STRING = re.compile(_IN_STRING)
_PAIRS = {b"}": b"{", b"]": b"["}
LF, _CR, _OPEN, _CLOSE, _QUOTE, _BACKSLASH = b'\n\r{}"\\'
# Bytes that are counted at once: at first few, as the value may end soon.
_FIRST, _MOST = 256, 64 << 10


@dataclass
class ValueScanner:
    """A value whose end is looked for: the brackets that are open, and what was read last.

    With more than MAX_LEVELS it cannot be an event. From there on only strings and braces count, so that it takes
    little time and no memory, and it ends with its line at the latest.
    """

    at: int  # Its first byte in the text that is held.
    position: int  # What comes before was read.
    open: bytearray = field(default_factory=bytearray)
    places: list[int] = field(default_factory=list)  # Where the open brackets are, from `at`.
    in_string: bool = False
    last: bytes = b""  # The last byte that is not white space.
    several_lines: bool = False
    done: bool = False
    levels: int | None = None  # How many braces are open, once only these count.
    escaped: bool = False  # Then: the next byte belongs to a backslash.

    def read(self, text: bytes, until: int) -> int:
        """Go on reading; return DONE with `position` after the end, BROKEN with `position` where it is, or MORE."""
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
        """Count only strings and braces from here on. `ends_of_values` goes by these too."""
        if self.levels is None:
            self.levels = self.open.count(b"{")

    def within(self, text: bytes, at: int) -> "ValueScanner | None":
        """Return a scanner for the value that begins at `at`, in this one, as far as it was read; None if no open
        bracket is there.
        """
        if at - self.at not in self.places:
            return None
        outer = self.places.index(at - self.at)
        places = [place + self.at - at for place in self.places[outer:]]
        lines = text.find(b"\n", at, self.position) >= 0
        return ValueScanner(at, self.position, self.open[outer:], places, self.in_string, self.last, lines)

    def _pass(self, text: bytes, until: int) -> None:
        """Pass over what is plain; the next byte is a bracket, or begins a string."""
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
        """Read where only strings and braces count, and a line feed breaks the value."""
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
        """Return the place after the brace that ends the value. If there is none, count those before `until`, and
        return None.
        """
        given = np.frombuffer(text, np.uint8, until - self.position, self.position)
        if self.escaped or text.find(b"\\", self.position, until) >= 0:
            given, self.escaped = _without_escapes(given, self.escaped)
        quoted = np.bitwise_xor.accumulate((given == _QUOTE).view(np.uint8)).view(bool)
        outside = quoted if self.in_string else ~quoted
        opened, closed = (given == _OPEN) & outside, (given == _CLOSE) & outside
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


def _without_escapes(given: np.ndarray, escaped: bool) -> tuple[np.ndarray, bool]:
    """Return the bytes with zeros for what backslashes escape, and whether the last one escapes the next byte.

    Outside strings too: there is nothing like it in JSON, and so it need not be known where strings are.
    """
    found = given.copy()
    if escaped:
        found[0] = 0
    slashes = np.flatnonzero(found == _BACKSLASH)
    first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
    length = np.diff(first, append=len(slashes))
    after = (slashes[first] + length)[length % 2 == 1]
    found[after[after < len(found)]] = 0
    return found, bool(len(after)) and int(after[-1]) == len(found)


def ends_of_values(text: bytes, start: int, end: int) -> np.ndarray | None:
    """Return the places of the line feeds, from `start`, if each line is one value for certain: its braces, none of
    which is in a string, open once and close at its end. What else it has can break the value, but the line stays one.
    """
    given = np.frombuffer(text, np.uint8, end - start, start)
    ends = np.flatnonzero(given == LF)
    closing = ends - 1 if text[start + ends[0] - 1] != _CR else ends - 2
    if closing[0] < 0 or given[0] != _OPEN:
        return None
    if not ((given[closing] == _CLOSE).all() and (given[ends[:-1] + 1] == _OPEN).all()):
        return None
    opened, closed = np.count_nonzero(given == _OPEN), np.count_nonzero(given == _CLOSE)
    if opened == closed == len(ends):
        return ends
    if opened != closed or text.find(b"\\", start, end) >= 0:
        return None
    braces = np.flatnonzero((given == _OPEN) | (given == _CLOSE))
    depth = np.cumsum(np.where(given[braces] == _OPEN, 1, -1))
    if not np.array_equal(braces[depth == 0], closing):
        return None
    in_string = np.bitwise_xor.accumulate((given == _QUOTE).view(np.uint8))
    return None if in_string[braces].any() else ends


def ends_within_mark(text: bytes, at: int) -> bool:
    """Return whether the text ends within a byte order mark."""
    return len(text) - at < len(MARK) and text[at] == MARK[0] and MARK.startswith(text[at:])
