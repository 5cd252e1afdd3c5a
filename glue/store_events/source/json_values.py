"""Finds where a JSON value in a string ends, without parsing it: `framing.py` cuts strings there."""

import re
from dataclasses import dataclass, field

import numpy as np

MAX_LEVELS = 32  # Of a value that goes over several lines. Deeper ones are not valid events anyway.

MARK = b"\xef\xbb\xbf"
MORE, DONE, BROKEN = range(3)

_IN_STRING = rb'(?:[^"\\\n]++|\\[^\n])*+'
_STRING = rb'"' + _IN_STRING + rb'"'
_SIMPLE = rb'(?:[^{}\[\]"]++|' + _STRING + rb")*+"


def _nested(levels: int) -> bytes:
    """An object or array with at most so many levels within it, whatever kinds its brackets are."""
    inner = b"|" + _nested(levels - 1) if levels else b""
    return rb'[{\[](?:[^{}\[\]"]++|' + _STRING + inner + rb")*+[}\]]"


BLANKS = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
SEPARATORS = re.compile(rb"(?:[ \t\r,\[\]]++|\xef\xbb\xbf)*+")
# A line with one value and nothing else. Brackets that do not match break the value, which is the same line then.
ONE = re.compile(rb"(?:[ \t\r]++|\xef\xbb\xbf)*+(?=\{)" + _nested(3) + rb"(?:[ \t\r]++|\xef\xbb\xbf)*+")
# Most values: an object with simple members, or arrays and objects of such.
COMMON = re.compile(
    rb'\{(?:[^{}\[\]":]++|' + _STRING + rb"|:[ \t\r\n]*+(?:\[" + _SIMPLE + rb"\]|\{" + _SIMPLE + rb"\})?+)*+\}"
)
SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^\s,\[\]{}":]++)(?=[ \t\r]*+[,\]\n])')
_TOKEN = re.compile(rb'["{}\[\]]')
_REST_OF_STRING = re.compile(_IN_STRING)
_PAIRS = {b"}": b"{", b"]": b"["}
LF, _CR, _OPEN, _CLOSE, _QUOTE = b'\n\r{}"'


@dataclass
class Value:
    """A value whose end is looked for: the brackets that are open, and what was read last."""

    at: int  # Its first byte in the text that is held.
    position: int  # What comes before was read.
    open: bytearray = field(default_factory=bytearray)
    in_string: bool = False
    last: bytes = b""  # The last byte that is not white space.
    several_lines: bool = False
    done: bool = False

    def read(self, text: bytes) -> int:
        """Go on reading; DONE with `position` behind the end, BROKEN with `position` where it is, or MORE."""
        while True:
            if self.in_string:
                end = _REST_OF_STRING.match(text, self.position).end()  # type: ignore[union-attr]
                self.position = end
                if end == len(text) or (text[end : end + 1] == b"\\" and end + 1 == len(text)):
                    return MORE
                if text[end : end + 1] != b'"':
                    self.position = text.index(b"\n", end)
                    return BROKEN
                self.in_string, self.last, self.position = False, b'"', end + 1
            found = _TOKEN.search(text, self.position)
            gap = text[self.position : found.start() if found else len(text)]
            self.position += len(gap)
            self.last = gap.rstrip(b" \t\r\n")[-1:] or self.last
            if b"\n" in gap:
                self.several_lines = True
                if len(self.open) > MAX_LEVELS:
                    self.position += gap.index(b"\n") - len(gap)
                    return BROKEN
            if found is None:
                return MORE
            if (ended := self._bracket(found[0])) != MORE:
                return ended

    def _bracket(self, token: bytes) -> int:
        if token == b'"':
            self.in_string = True
        elif token in _PAIRS:
            if not self.open.endswith(_PAIRS[token]):
                return BROKEN
            self.open.pop()
        elif (self.open and self.last not in ((b":",) if self.open.endswith(b"{") else (b",", b"["))) or (
            self.several_lines and len(self.open) == MAX_LEVELS
        ):
            return BROKEN
        else:
            self.open += token
        self.position, self.last = self.position + 1, token
        return MORE if self.open else DONE


def ends_of_values(text: bytes, start: int, end: int) -> np.ndarray | None:
    """The places of the line feeds, from `start`, if each line is one value for certain: its braces, none of which is
    in a string, open once and close at its end. What else it has can break the value, but the line stays one.
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
    """Whether the text ends within a byte order mark."""
    return len(text) - at < len(MARK) and text[at] == MARK[0] and MARK.startswith(text[at:])
