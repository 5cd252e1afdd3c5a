"""Many lines of few shapes, taken apart at their quotes, all lines of a shape at once.

The lines of one producer have the same members in the same order with the same white space, so they differ in their
values only. The first line of a shape, its example, has to be plain. Of the others, all bytes that are not part of a
value must be equal to the example's. What is in quotes is returned without escapes: it is UTF-8, and has no quote, no
backslash and no control character. Other values are for the caller to check, as anything but a quote may be in them.
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
_TOKEN = re.compile(rb'("[^"]*")[ \t\r]*:|("[^"]*"|[^][{}:,"\s]+)|([][{},])')  # A name, a value or a mark.
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_MOST = 8  # Shapes that are known, and lines that are tried as examples at once.
_WORD = 8  # Bytes that are compared at once.
_PAD = 1 << 10  # Bytes; a shape with a longer literal is not used.


@dataclass(frozen=True)
class ShapeColumn:
    """A string or scalar of each line, strings without their quotes."""

    column: pa.Array
    quoted: bool


Json = list[str | ShapeColumn]  # The parts of JSON text without white space, those of strings within their quotes.


@dataclass(frozen=True)
class ShapeColumns:
    """Values of lines of one shape: the places of these lines in the text, and by the member's name its JSON."""

    places: np.ndarray
    members: dict[str, Json]

    def value(self, name: str) -> ShapeColumn | None:
        """Return the value of a member that is a string or a scalar."""
        return next((part for part in self.members.get(name, ()) if isinstance(part, ShapeColumn)), None)

    def only(self, kept: np.ndarray) -> "ShapeColumns":
        mask = pa.array(kept)

        def cut(part: str | ShapeColumn) -> str | ShapeColumn:
            return part if isinstance(part, str) else ShapeColumn(part.column.filter(mask), part.quoted)

        return ShapeColumns(self.places[kept], {name: list(map(cut, parts)) for name, parts in self.members.items()})


@dataclass(frozen=True)
class _Shape:
    example: dict[str, str]  # The JSON of the example's members.
    members: dict[str, list[str | int]]  # As in ShapeColumns, with the numbers of the values.
    quoted: list[bool]
    literals: list[bytes]  # What is before each value, and after the last one.

    @property
    def quotes(self) -> int:
        return sum(literal.count(b'"') for literal in self.literals)


class Shapes:
    """The shapes that were seen lately."""

    def __init__(self, plain: Callable[[bytes, dict[str, str]], bool], few: int) -> None:
        """Prepare to find shapes. `plain` reports whether a line is an object with members of some JSON, and can be a
        row. Of shapes with fewer than `few` lines no values are returned.
        """
        self._plain, self._few = plain, max(few, 1)
        self._known: list[_Shape] = []

    def values(self, text: Text) -> Iterator[ShapeColumns]:
        """Yield the values of most lines, each line once."""
        given = np.frombuffer(text.text + bytes(_PAD + _WORD), np.uint8)
        quotes = np.flatnonzero(given == _QUOTE)
        starts = text.starts
        first = np.searchsorted(quotes, starts)
        counts = np.diff(first, append=len(quotes))
        left = np.ones(len(text), bool)
        left[_lines_to_skip(given, text)] = False
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
            values = _cut(text.text, shape, same, bounds)
            yield _unescaped(values) if b"\\" in text.text else values

    def _shapes(self, text: Text, left: np.ndarray) -> Iterator[_Shape]:
        """Yield shapes to try, first those that are known; they are known again if they are found."""
        known, self._known = self._known[:_MOST], []
        yield from known
        tried = left.copy()
        for _ in range(_MOST):
            tried &= left
            if np.count_nonzero(tried) < self._few:
                return
            place = int(tried.argmax())
            tried[place] = False
            if (shape := _shape(text[place])) and self._plain(text[place], shape.example):
                yield shape


def _not_utf8(text: Text) -> slice | list[int]:
    """Return the lines that are not UTF-8; all, if there are many."""
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


def _lines_to_skip(given: np.ndarray, text: Text) -> np.ndarray:
    """Return the lines with a backslash before a quote, or a control character that is not part of the line's end."""
    given = given[: len(text.text) + 1]
    control = given < _SPACE
    if np.count_nonzero(control) == len(text) + 1 and b"\\" not in text.text:
        return text.ends[:0]
    escaped = np.append(given[1:] == _QUOTE, False) & (given == _BACKSLASH)
    odd = np.flatnonzero(escaped | (control & (given != _LF)))[:-1]
    odd = odd[(given[odd] != _CR) | (given[odd + 1] != _LF)]
    lines: np.ndarray = np.searchsorted(text.ends, odd)
    return lines


def _shape(example: bytes) -> _Shape | None:
    """Return the shape of a line, if it has one. It is right if the line is the JSON object that its `example` says."""
    members, values, literals = dict[str, list[str | int]](), list[str](), list[bytes]()
    parts, quoted, depth, at = list[str | int](), list[bool](), 0, 0
    for token in _TOKEN.finditer(example):
        name, value, mark = (some.decode() if some else "" for some in token.groups())
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
    said = {name: "".join(p if isinstance(p, str) else values[p] for p in some) for name, some in members.items()}
    return _Shape(said, members, quoted, literals)


def _unescaped_text(escaped: str) -> str | None:
    """Return what is in a string's quotes, without escapes. None if it needs some, or is not JSON."""
    if "\\" not in escaped:
        return escaped
    try:
        text: str = json.loads(f'"{escaped}"')
    except ValueError:
        return None
    return text if _PLAIN.fullmatch(text) else None


def _bounds(
    given: np.ndarray, shape: _Shape, starts: np.ndarray, ends: np.ndarray, quotes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the values of each line start and end, a row each; and whether the line fits the shape.

    `quotes` has a row for each line too. By each value, all quotes before it are those of the example, so the next
    quote ends the value, or is in the literal after it.
    """
    words = np.lib.stride_tricks.as_strided(given[:_WORD].view("<u8"), (len(given) - _WORD + 1,), (1,))
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
    """Clear `fits` where the bytes are not those of a literal. They are compared as words, which may overlap."""
    for offset in range(0, len(literal), _WORD):
        offset = max(min(offset, len(literal) - _WORD), 0)
        part = literal[offset : offset + _WORD]
        found = words[at + offset]
        if len(part) < _WORD:
            found = found & np.uint64((1 << (8 * len(part))) - 1)
        fits &= found == np.uint64(int.from_bytes(part, "little"))


def _cut(text: bytes, shape: _Shape, places: np.ndarray, bounds: np.ndarray) -> ShapeColumns:
    """Return the values as columns. An array over the text has each value, and what is between two of them, as an
    element.
    """
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
    """Return values with what their escapes stand for, without lines where something needs escapes or is not JSON."""
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
