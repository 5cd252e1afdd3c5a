"""Parses many lines with the same shape at once, by the offsets of their quotes.

The lines of one producer have the same members in the same order with the same white space, so only their values
differ. The first line of a shape, its example, is parsed. In other lines of the shape, all bytes outside of values must
equal the example's. Strings are returned unescaped: UTF-8 without quotes, backslashes and control characters. The
caller must validate other values, which can contain anything except quotes.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store_events.source.read_events import Text

_LF, _CR, _QUOTE, _BACKSLASH, _SPACE = b'\n\r"\\ '
_TOKEN = re.compile(rb'("[^"]*")[ \t\r]*:|("[^"]*"|[^][{}:,"\s]+)|([][{},])')  # Name, value or punctuation.
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_MOST = 8  # Known shapes, and lines tried as examples per call.
_WORD = 8  # Bytes compared at once.
_PAD = 1 << 10  # Bytes. Shapes with a longer literal are not used.


@dataclass(frozen=True)
class ShapeColumn:
    """The values of one string or scalar in each line. Strings are without quotes."""

    column: pa.Array
    quoted: bool


Json = list[str | ShapeColumn]  # JSON without white space, as constant text and values.


@dataclass(frozen=True)
class ShapeColumns:
    """The values of lines with the same shape: the lines' indexes in the text, and the JSON of each member."""

    places: np.ndarray
    members: dict[str, Json]

    def value(self, name: str) -> ShapeColumn | None:
        """Return the values of a member that is a string or a scalar."""
        return next((part for part in self.members.get(name, ()) if isinstance(part, ShapeColumn)), None)

    def only(self, kept: np.ndarray) -> "ShapeColumns":
        mask = pa.array(kept)

        def cut(part: str | ShapeColumn) -> str | ShapeColumn:
            return part if isinstance(part, str) else ShapeColumn(part.column.filter(mask), part.quoted)

        return ShapeColumns(self.places[kept], {name: list(map(cut, parts)) for name, parts in self.members.items()})


@dataclass(frozen=True)
class _Shape:
    example: dict[str, str]  # The JSON of the example's members.
    members: dict[str, list[str | int]]  # As in ShapeColumns, with indexes of values.
    quoted: list[bool]
    literals: list[bytes]  # The bytes before each value, and after the last one.

    @property
    def quotes(self) -> int:
        return sum(literal.count(b'"') for literal in self.literals)


class Shapes:
    """Parses lines by shape, and caches recent shapes."""

    def __init__(self, plain: Callable[[bytes, dict[str, str]], bool], min_lines: int) -> None:
        """Initialize. `plain` reports whether a line is an object with the given members, as JSON, and is a valid row.
        Shapes with fewer than `min_lines` lines are ignored.
        """
        self._plain, self._min_lines = plain, max(min_lines, 1)
        self._known: list[_Shape] = []

    def values(self, text: Text) -> Iterator[ShapeColumns]:
        """Yield the values of lines by shape, each line at most once."""
        data = np.frombuffer(text.text + bytes(_PAD + _WORD), np.uint8)
        quotes = np.flatnonzero(data == _QUOTE)
        starts = text.starts
        first = np.searchsorted(quotes, starts)
        counts = np.diff(first, append=len(quotes))
        left = np.ones(len(text), bool)
        left[_lines_to_skip(data, text)] = False
        left[_not_utf8(text)] = False
        for shape in self._shapes(text, left):
            same = np.flatnonzero(left & (counts == shape.quotes))
            if len(same) < self._min_lines:
                continue
            found = quotes[first[same][:, None] + np.arange(shape.quotes)]
            bounds, fits = _bounds(data, shape, starts[same], text.ends[same], found)
            if not fits.any():
                continue
            if not fits.all():
                same, bounds = same[fits], bounds[fits]
            left[same] = False
            self._known.insert(0, shape)
            values = _cut(text.text, shape, same, bounds)
            yield _unescaped(values) if b"\\" in text.text else values

    def _shapes(self, text: Text, left: np.ndarray) -> Iterator[_Shape]:
        """Yield shapes to try, beginning with known ones. The caller adds shapes that match to the known ones."""
        known, self._known = self._known[:_MOST], []
        yield from known
        tried = left.copy()
        for _ in range(_MOST):
            tried &= left
            if np.count_nonzero(tried) < self._min_lines:
                return
            place = int(tried.argmax())
            tried[place] = False
            if (shape := _shape(text[place])) and self._plain(text[place], shape.example):
                yield shape


def _not_utf8(text: Text) -> slice | list[int]:
    """Return the indexes of lines that are not UTF-8, or a slice of all lines if there are many."""
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


def _lines_to_skip(data: np.ndarray, text: Text) -> np.ndarray:
    """Return the indexes of lines with an escaped quote, or a control character that is not part of the line's end."""
    data = data[: len(text.text) + 1]
    control = data < _SPACE
    if np.count_nonzero(control) == len(text) + 1 and b"\\" not in text.text:
        return text.ends[:0]
    escaped = np.append(data[1:] == _QUOTE, False) & (data == _BACKSLASH)
    odd = np.flatnonzero(escaped | (control & (data != _LF)))[:-1]
    odd = odd[(data[odd] != _CR) | (data[odd + 1] != _LF)]
    lines: np.ndarray = np.searchsorted(text.ends, odd)
    return lines


def _shape(example: bytes) -> _Shape | None:
    """Return the shape of a line, or None. It is only correct if the line is equivalent to the shape's `example`."""
    members, values, literals = dict[str, list[str | int]](), list[str](), list[bytes]()
    parts, quoted, depth, at = list[str | int](), list[bool](), 0, 0
    for token in _TOKEN.finditer(example):
        name, value, mark = (group.decode() if group else "" for group in token.groups())
        string = (name or value).startswith('"')
        text = _unescaped_text((name or value)[1:-1]) if string else value
        if text is None:
            return None
        if value:
            literals.append(example[at : token.start() + string])
            at = token.end() - string
            parts += ['"', len(values), '"'] if string else [len(values)]
            values.append(text)
            quoted.append(string)
        elif name and depth == 1:
            if text in members:
                return None
            parts = members[text] = []
        elif name:
            parts.append(f'"{text}":')
        else:
            depth -= mark in "}]"
            if depth > (mark == ","):
                parts.append(mark)
            depth += mark in "{["
    literals.append(example[at:])
    if not values or max(map(len, literals)) > _PAD or not all(b'"' in literal for literal in literals[:-1]):
        return None
    json_members = {name: "".join(p if isinstance(p, str) else values[p] for p in ps) for name, ps in members.items()}
    return _Shape(json_members, members, quoted, literals)


def _unescaped_text(escaped: str) -> str | None:
    """Return a string's content without escapes, or None if it requires escapes or is not JSON."""
    if "\\" not in escaped:
        return escaped
    try:
        text: str = json.loads(f'"{escaped}"')
    except ValueError:
        return None
    return text if _PLAIN.fullmatch(text) else None


def _bounds(
    data: np.ndarray, shape: _Shape, starts: np.ndarray, ends: np.ndarray, quotes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets of the values, with a row per line, and whether each line has the shape.

    `quotes` has a row per line too. All quotes before a value are those of the shape, so the next quote ends the value
    or is in the literal after it.
    """
    words = np.lib.stride_tricks.as_strided(data[:_WORD].view("<u8"), (len(data) - _WORD + 1,), (1,))
    bounds = np.empty((len(starts), 2 * len(shape.quoted)), np.int32)
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
    """Clear `fits` for lines whose bytes differ from the literal. Compare words, which may overlap."""
    for offset in range(0, len(literal), _WORD):
        offset = max(min(offset, len(literal) - _WORD), 0)
        part = literal[offset : offset + _WORD]
        found = words[at + offset]
        if len(part) < _WORD:
            found = found & np.uint64((1 << (8 * len(part))) - 1)
        fits &= found == np.uint64(int.from_bytes(part, "little"))


def _cut(text: bytes, shape: _Shape, places: np.ndarray, bounds: np.ndarray) -> ShapeColumns:
    """Return the values as columns of an array over the text, whose elements are values and the text between them."""
    size = bounds.shape[1]
    offsets = np.append(bounds, np.int32(len(text)))
    cut = pa.Array.from_buffers(pa.string(), bounds.size, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    columns = (cut.take(pa.array(np.arange(2 * i, bounds.size, size))) for i in range(len(shape.quoted)))
    values = list(map(ShapeColumn, columns, shape.quoted))
    members = shape.members.items()
    return ShapeColumns(
        places, {name: [p if isinstance(p, str) else values[p] for p in parts] for name, parts in members}
    )


def _unescaped(values: ShapeColumns) -> ShapeColumns:
    """Return the values unescaped, without lines that have a string that requires escapes or is not JSON."""
    kept = np.ones(len(values.places), bool)
    found = {name: [_without_escapes(part, kept) for part in parts] for name, parts in values.members.items()}
    return ShapeColumns(values.places, found).only(kept)


def _without_escapes(part: str | ShapeColumn, kept: np.ndarray) -> str | ShapeColumn:
    if isinstance(part, str) or not part.quoted:
        return part
    escaped = pc.match_substring(part.column, "\\")
    if not escaped.true_count:
        return part
    places = np.flatnonzero(escaped)
    texts = list(map(_unescaped_text, part.column.filter(escaped).to_pylist()))
    kept[places] &= [text is not None for text in texts]
    return ShapeColumn(pc.replace_with_mask(part.column, escaped, pa.array(texts, pa.string())), True)
