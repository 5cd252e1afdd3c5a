r"""Validates and converts common lines with Arrow, many at a time.

A plain line is one object in which each field has the JSON type of its contract type. Lines with the same shape, see
`shapes.py`, are checked by their values. They may have unknown fields, and escapes of characters that need no escape.
Other lines are checked by a regular expression (RE2, linear time), which only matches lines without unknown fields and
backslashes, because Arrow's JSON reader is lenient. Lines that are not plain are left to `validate.py`.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from store_events import csv_codec, json_text
from store_events.contract import Contract, Field
from store_events.source import shapes
from store_events.source.read_events import Text
from store_events.source.validate import MAX_DEPTH

_WS = r"[ \t\r]*"
_TIMESTAMP = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3,6})?Z?"
_STRING = r'[^"\\\x00-\x1f]*'
_FORMS = {"int": r"-?(?:0|[1-9][0-9]{0,8})", "bigint": r"-?(?:0|[1-9][0-9]{0,17})", "boolean": "(?:true|false)"}
_HALVED = 64  # Groups of at most so many lines are not split further: `validate.py` is about as fast.
_KEY = r"[!#-\[\]-~]+"  # Visible ASCII without quotes and backslashes.
_QUOTED = ("string", "timestamp")
_SCALAR = r"\A(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)\z"


def _form(field: Field, contract: Contract) -> str:
    """Return the regular expression (RE2) for a plain value that is not null, without its quotes."""
    if field.name == contract.key:
        return _KEY
    if field.kind in _QUOTED:
        return _STRING if field.kind == "string" else _TIMESTAMP
    if field.kind != "decimal":
        return _FORMS[field.kind]
    precision, scale = field.params
    digits = rf"(?:0|[1-9][0-9]{{0,{precision - scale - 1}}})" if precision > scale else "0"
    return rf"-?{digits}" + (rf"(?:\.[0-9]{{1,{scale}}})?" if scale else "")


def _value(field: Field, contract: Contract) -> str:
    form = _form(field, contract)
    form = f'"{form}"' if field.kind in _QUOTED else form
    return form if field.name == contract.key else f"(?:{form}|null)"


def _pattern(contract: Contract) -> str:
    """Return the regular expression for a plain line. Fields with the same form share a branch."""
    forms: dict[str, list[str]] = {}
    for field in contract.fields:
        forms.setdefault(_value(field, contract), []).append(field.name)
    member = "|".join(f'"(?:{"|".join(names)})"{_WS}:{_WS}{form}' for form, names in forms.items())
    return rf"\A{_WS}\{{{_WS}(?:{member})(?:{_WS},{_WS}(?:{member}))*{_WS}\}}{_WS}\z"


@dataclass(frozen=True)
class FastRows:
    """The rows of plain lines, with the columns csv_codec.columns, and the lines' indexes in the input. All lines have
    the fields `unknown`, which the contract lacks.
    """

    places: np.ndarray
    rows: pa.RecordBatch
    unknown: tuple[str, ...] = ()

    def only(self, kept: np.ndarray) -> "FastRows":
        return FastRows(self.places[kept], self.rows.filter(pa.array(kept)), self.unknown)


class FastPath:
    """Converts the plain lines of one contract."""

    def __init__(self, contract: Contract, run_day: str, min_lines: int = 16) -> None:
        """Initialize. Groups of fewer than `min_lines` lines are left to `validate.py`, which is faster than a call to
        Arrow.
        """
        self._contract, self._run_day, self._min_lines = contract, run_day, min_lines
        self._regex, self._values = _pattern(contract), {f.name: _value(f, contract) for f in contract.fields}
        self._shapes = shapes.Shapes(self._is_plain, min_lines)
        self._schema = pa.schema([(f.name, csv_codec.arrow_type(f)) for f in csv_codec.columns(contract)])
        types = ((f, pa.string() if f.kind == "timestamp" else csv_codec.arrow_type(f)) for f in contract.fields)
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema([(f.name, t) for f, t in types]), unexpected_field_behavior="error"
        )

    def plain(self, lines: Sequence[bytes], day: str | None) -> Iterator[FastRows]:
        """Yield the rows of plain lines, each line once. `day` is the day of their object, or None."""
        if len(lines) < self._min_lines:
            return
        left = np.ones(len(lines), bool)
        if isinstance(lines, Text):
            for values in self._shapes.values(lines):
                for found in self._shape_rows(values, day):
                    left[found.places] = False
                    yield found
        places = np.flatnonzero(left)
        if len(places) >= self._min_lines:
            yield from self._line_rows([lines[i] for i in places.tolist()], places, day)

    def _is_plain(self, line: bytes, members: dict[str, str]) -> bool:
        """Report whether a line has these members, as JSON, and all fields have plain values."""
        found = json_text.read_object(line.decode().strip(json_text.WHITE_SPACE))
        if found is None or json_text.deeper_than(found, MAX_DEPTH):
            return False
        if {name: json_text.write(value) for name, value in found.items()} != members:
            return False
        known = ((self._values[name], text) for name, text in members.items() if name in self._values)
        return all(re.fullmatch(form, text) for form, text in known)

    def _shape_rows(self, values: shapes.ShapeColumns, day: str | None, checked: bool = False) -> Iterator[FastRows]:
        """Yield the rows of a shape's plain lines. Up to _HALVED lines around a day or time that does not exist are
        omitted.
        """
        try:
            columns, kept = self._typed(values)
        except pa.ArrowInvalid:
            if not checked:
                yield from self._shape_rows(values.only(self._plain_values(values)), day, True)
            elif len(values.places) > _HALVED:
                first = np.arange(len(values.places)) < len(values.places) // 2
                yield from self._shape_rows(values.only(first), day, True)
                yield from self._shape_rows(values.only(~first), day, True)
            return
        unknown = tuple(name for name in values.members if name not in self._values)
        if unknown:
            columns[csv_codec.EXTRA.name], plain = _extra(values, unknown)
            kept &= plain
        yield self._rows(FastRows(values.places, self._filled(columns, day, len(values.places)), unknown), kept)

    def _typed(self, values: shapes.ShapeColumns) -> tuple[dict[str, pa.Array], np.ndarray]:
        """Return the values in the types of their columns, and a mask of the plain lines. Raise ArrowInvalid."""
        columns, kept = dict[str, pa.Array](), np.ones(len(values.places), bool)
        for field in self._contract.fields:
            if (value := values.value(field.name)) is None:
                continue
            column = columns[field.name] = _typed(value, field)
            if field.kind in ("int", "bigint", "boolean"):
                # Arrow parses several forms of a value, but formats it in only one.
                kept &= np.asarray(pc.fill_null(pc.equal(column.cast(pa.string()), value.column), True))
            elif form := self._check(field, value.quoted):
                kept &= np.asarray(pc.match_substring_regex(value.column, form))
        return columns, kept

    def _plain_values(self, values: shapes.ShapeColumns) -> np.ndarray:
        kept = np.ones(len(values.places), bool)
        for field in self._contract.fields:
            if (value := values.value(field.name)) and (form := self._check(field, value.quoted)):
                kept &= np.asarray(pc.match_substring_regex(value.column, form))
        return kept

    def _check(self, field: Field, quoted: bool) -> str | None:
        """Return the regular expression for a value in a shape, or None for strings, which `shapes.py` has checked."""
        form = _form(field, self._contract)
        if quoted:
            return rf"\A{form}\z" if form != _STRING else None
        return r"\Anull\z" if field.kind in _QUOTED else rf"\A(?:{form}|null)\z"

    def _line_rows(self, lines: list[bytes], places: np.ndarray, day: str | None) -> Iterator[FastRows]:
        try:
            mask = np.asarray(pc.match_substring_regex(pa.array(lines, pa.binary()).cast(pa.string()), self._regex))
            if not mask.any():
                return
            plain = lines if mask.all() else [lines[i] for i in np.flatnonzero(mask)]
            rows = self._filled(self._read(plain), day, len(plain))
            yield self._rows(FastRows(places[mask], rows), np.ones(len(plain), bool))
        except pa.ArrowInvalid:  # Invalid UTF-8, a repeated member, or a day that does not exist: narrow it down.
            if len(lines) <= _HALVED:
                return
            half = len(lines) // 2
            yield from self._line_rows(lines[:half], places[:half], day)
            yield from self._line_rows(lines[half:], places[half:], day)

    def _read(self, lines: list[bytes]) -> dict[str, pa.Array]:
        text = b"\n".join(lines)
        read = pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1)
        table = pyarrow.json.read_json(io.BytesIO(text), read_options=read, parse_options=self._options)
        if table.num_rows != len(lines):
            raise pa.ArrowInvalid("rows are missing")
        columns = {f.name: table.column(f.name).combine_chunks() for f in self._contract.fields}
        return columns | {f.name: _timestamps(columns[f.name]) for f in self._contract.of_kind("timestamp")}

    def _filled(self, columns: dict[str, pa.Array], day: str | None, count: int) -> pa.RecordBatch:
        """Return rows with the given columns, the day, and nulls in all other columns."""
        columns = columns | {self._contract.partition_key: self._days(columns, day, count)}
        kinds = zip(self._schema.names, self._schema.types, strict=True)
        arrays = [columns[name] if name in columns else pa.nulls(count, kind) for name, kind in kinds]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)

    def _rows(self, plain: FastRows, kept: np.ndarray) -> FastRows:
        """Return the rows in `kept` that have a key and no string that is too long."""
        rows = plain.rows
        kept = kept & np.asarray(pc.is_valid(rows.column(self._contract.key)))
        for field in self._contract.of_kind("string"):
            column, limit = rows.column(field.name), field.params[0]
            if (pc.max(pc.binary_length(column)).as_py() or 0) > limit:
                kept &= np.asarray(pc.fill_null(pc.less_equal(pc.utf8_length(column), limit), True))
        return plain if kept.all() else plain.only(kept)

    def _days(self, columns: dict[str, pa.Array], day: str | None, count: int) -> pa.Array:
        stamps = self._contract.of_kind("timestamp")
        if day is not None or not stamps or stamps[0].name not in columns:
            return pa.repeat(day or self._run_day, count)
        return pc.fill_null(columns[stamps[0].name].cast(pa.date32()).cast(pa.string()), self._run_day)


def _extra(values: shapes.ShapeColumns, names: Sequence[str]) -> tuple[pa.Array, np.ndarray]:
    """Return the named members as JSON objects, and a mask of the lines in which all of them are valid."""
    plain, parts, text = np.ones(len(values.places), bool), list[pa.Array | str](), "{"
    for name in names:
        text += f'"{name}":'
        for part in values.members[name]:
            if isinstance(part, str):
                text += part
                continue
            parts += [text, part.column]
            text = ""
            if not part.quoted:
                plain &= np.asarray(pc.match_substring_regex(part.column, _SCALAR))
        text += ","
    if not parts:
        return pa.repeat(text[:-1] + "}", len(plain)), plain
    return pc.binary_join_element_wise(*parts, text[:-1] + "}", ""), plain


def _typed(value: shapes.ShapeColumn, field: Field) -> pa.Array:
    """Return a shape's values in their column's type. Raise ArrowInvalid if one does not parse."""
    values = value.column
    kind = csv_codec.arrow_type(field)
    if value.quoted:
        return _timestamps(values) if field.kind == "timestamp" else values
    if field.kind in _QUOTED:
        return pa.nulls(len(values), kind)
    null = pc.equal(values, "null")
    return (pc.if_else(null, pa.scalar(None, pa.string()), values) if null.true_count else values).cast(kind)


def _timestamps(column: pa.Array) -> pa.Array:
    """Return times in UTC, truncated to milliseconds. Raise ArrowInvalid if a day or time does not exist."""
    text = pc.binary_slice(column.cast(pa.binary()), 0, len("2024-05-01T10:20:30.123")).cast(pa.string())
    return pc.utf8_rtrim(text, "Z").cast(pa.timestamp("ms"))
