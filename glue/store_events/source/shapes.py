"""Many lines of few shapes, taken apart at their quotes, all lines of a shape at once.

The lines of one producer have the same members in the same order with the same white space, so they differ in their
values only. The first line of a shape, its example, has to be plain. Of the others, all bytes that are not part of a
value must be equal to the example's. What is in quotes has no quote, no backslash and no control character, and is
UTF-8; other values are for the caller to check, as anything but a quote may be in them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from store_events.source.read_events import Text

_LF, _CR, _QUOTE, _BACKSLASH, _SPACE = b'\n\r"\\ '
_MEMBER = re.compile(rb'"([^"]*)"[ \t\r]*:[ \t\r]*("[^"]*"|[^,}\s]+)')
_MOST = 8  # Shapes that are known, and lines that are tried as examples at once.
_WORD = 8  # Bytes that are compared at once.
_PAD = 1 << 10  # Bytes; a shape with a longer literal is not used.


@dataclass(frozen=True)
class Values:
    """Values of lines of one shape: the places of these lines in the text, and by the member's name the values.

    Strings are without their quotes, and named in `quoted`.
    """

    places: np.ndarray
    values: dict[str, pa.Array]
    quoted: frozenset[str]

    def only(self, kept: np.ndarray) -> "Values":
        values = {name: column.filter(pa.array(kept)) for name, column in self.values.items()}
        return Values(self.places[kept], values, self.quoted)


@dataclass(frozen=True)
class _Shape:
    names: list[str]
    quoted: list[bool]
    literals: list[bytes]  # What is before each value, and behind the last one.

    @property
    def quotes(self) -> int:
        return sum(literal.count(b'"') for literal in self.literals)


class Shapes:
    """The shapes that were seen lately."""

    def __init__(self, plain: Callable[[bytes], bool], few: int) -> None:
        """`plain` reports whether a line is one flat object of known members, each at most once, without a backslash.
        Of shapes with fewer than `few` lines no values are returned.
        """
        self._plain, self._few = plain, max(few, 1)
        self._known: list[_Shape] = []

    def values(self, text: Text) -> Iterator[Values]:
        """The values of most lines, each line once."""
        given = np.frombuffer(text.text + bytes(_PAD + _WORD), np.uint8)
        quotes = np.flatnonzero(given == _QUOTE)
        starts = text.starts
        first = np.searchsorted(quotes, starts)
        counts = np.diff(first, append=len(quotes))
        left = np.ones(len(text), bool)
        left[_odd(given, text)] = False
        left[_not_utf8(text)] = False
        for shape in self._shapes(text, left):
            same = np.flatnonzero(left & (counts == shape.quotes))
            if len(same) < self._few:
                continue
            found = quotes[first[same][:, None] + np.arange(shape.quotes)]
            bounds, fits = _bounds(given, shape, starts[same], text.ends[same], found)
            if not fits.any():
                continue
            if not fits.all():
                same, bounds = same[fits], bounds[fits]
            left[same] = False
            self._known.insert(0, shape)
            yield _cut(text.text, shape, same, bounds)

    def _shapes(self, text: Text, left: np.ndarray) -> Iterator[_Shape]:
        """Shapes to try, first those that are known; they are known again if they are found."""
        known, self._known = self._known[:_MOST], []
        yield from known
        tried = left.copy()
        for _ in range(_MOST):
            tried &= left
            if np.count_nonzero(tried) < self._few:
                return
            place = int(tried.argmax())
            tried[place] = False
            if self._plain(text[place]) and (shape := _shape(text[place])):
                yield shape


def _not_utf8(text: Text) -> slice | list[int]:
    """The lines that are not UTF-8; all, if there are many."""
    lines, start = list[int](), 0
    while not text.text.isascii() and len(lines) <= _MOST:
        try:
            text.text[start:].decode()
        except UnicodeDecodeError as error:
            lines.append(int(np.searchsorted(text.ends, start + error.start)))
            start = int(text.ends[lines[-1]]) + 1
        else:
            return lines
    return slice(None) if lines else lines


def _odd(given: np.ndarray, text: Text) -> np.ndarray:
    """The lines that have a backslash, or a control character that is not part of the line's end."""
    given = given[: len(text.text) + 1]
    control = given < _SPACE
    if np.count_nonzero(control) == len(text) + 1 and b"\\" not in text.text:
        return text.ends[:0]
    odd = np.flatnonzero((given == _BACKSLASH) | (control & (given != _LF)))[:-1]
    odd = odd[(given[odd] != _CR) | (given[odd + 1] != _LF)]
    lines: np.ndarray = np.searchsorted(text.ends, odd)
    return lines


def _shape(example: bytes) -> _Shape | None:
    names, quoted, literals, at = list[str](), list[bool](), list[bytes](), 0
    for member in _MEMBER.finditer(example):
        string = member[2].startswith(b'"')
        start, end = member.span(2)
        names.append(member[1].decode())
        quoted.append(string)
        literals.append(example[at : start + string])
        at = end - string
    literals.append(example[at:])
    if len(set(names)) < len(names) or not names or max(map(len, literals)) > _PAD:
        return None
    return _Shape(names, quoted, literals)


def _bounds(
    given: np.ndarray, shape: _Shape, starts: np.ndarray, ends: np.ndarray, quotes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the values of each line start and end, a row each; and whether the line fits the shape.

    `quotes` has a row for each line too. By each value, all quotes before it are those of the example, so the next
    quote ends the value, or is in the literal behind it.
    """
    words = np.lib.stride_tricks.as_strided(given[:_WORD].view("<u8"), (len(given) - _WORD + 1,), (1,))
    bounds = np.empty((len(starts), 2 * len(shape.names)), np.int32)
    fits = np.ones(len(starts), bool)
    at, quote = starts, 0
    for i, (string, literal, after) in enumerate(zip(shape.quoted, shape.literals, shape.literals[1:], strict=False)):
        _compare(words, at, literal, fits)
        start = at + len(literal)
        quote += literal.count(b'"')
        lead = after.find(b'"')
        at = ends - len(after) if lead < 0 else quotes[:, quote] - lead
        fits &= at >= start if string else at > start
        bounds[:, 2 * i], bounds[:, 2 * i + 1] = start, at
    _compare(words, at, shape.literals[-1], fits)
    return bounds, fits & (at + len(shape.literals[-1]) == ends)


def _compare(words: np.ndarray, at: np.ndarray, literal: bytes, fits: np.ndarray) -> None:
    """Clear `fits` where the bytes are not those of a literal. They are compared as words, which may overlap."""
    for offset in range(0, len(literal), _WORD):
        offset = max(min(offset, len(literal) - _WORD), 0)
        part = literal[offset : offset + _WORD]
        found = words[at + offset]
        if len(part) < _WORD:
            found = found & np.uint64((1 << (8 * len(part))) - 1)
        fits &= found == np.uint64(int.from_bytes(part, "little"))


def _cut(text: bytes, shape: _Shape, places: np.ndarray, bounds: np.ndarray) -> Values:
    """The values as columns. An array over the text has each value, and what is between two of them, as an element."""
    size = bounds.shape[1]
    offsets = np.append(bounds.reshape(-1), np.int32(len(text)))
    cut = pa.Array.from_buffers(pa.string(), bounds.size, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    values = {name: cut.take(pa.array(np.arange(2 * i, bounds.size, size))) for i, name in enumerate(shape.names)}
    quoted = frozenset(name for name, string in zip(shape.names, shape.quoted, strict=True) if string)
    return Values(places, values, quoted)
