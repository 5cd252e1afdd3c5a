r"""The rule's fast path, with Arrow: lines whose every member is plainly of its type.

A plain line is one object, each field in the JSON type that the contract names. Of lines of one shape, see `shapes.py`,
only the values are looked at; they may have fields that the contract lacks, and escapes of characters that need none.
Of others, one regular expression decides (RE2: linear time) whether they are plain, have contract fields only and no
backslash, so nothing that Arrow's JSON reader is lenient about can slip through. All other lines go to `validate.py`.
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
_HALVED = 64  # Lines that the rule checks about as fast as they are split further.
_KEY = r"[!#-\[\]-~]+"  # Visible ASCII but for quotes and backslashes.
_QUOTED = ("string", "timestamp")
_SCALAR = r"\A(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)\z"


def _form(field: Field, contract: Contract) -> str:
    """Return the regular expression (RE2's) of a plain value that is not null, without its quotes."""
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
    """Return the regular expression of a plain line. Fields of the same form share a branch."""
    forms: dict[str, list[str]] = {}
    for field in contract.fields:
        forms.setdefault(_value(field, contract), []).append(field.name)
    member = "|".join(f'"(?:{"|".join(names)})"{_WS}:{_WS}{form}' for form, names in forms.items())
    return rf"\A{_WS}\{{{_WS}(?:{member})(?:{_WS},{_WS}(?:{member}))*{_WS}\}}{_WS}\z"


@dataclass(frozen=True)
class FastRows:
    """Plain lines: where each is among the lines that were given, and their rows, of csv_codec.columns. Each line has
    the fields `unknown`, which the contract lacks.
    """

    places: np.ndarray
    rows: pa.RecordBatch
    unknown: tuple[str, ...] = ()

    def only(self, kept: np.ndarray) -> "FastRows":
        return FastRows(self.places[kept], self.rows.filter(pa.array(kept)), self.unknown)


class FastPath:
    """The fast path of one contract."""

    def __init__(self, contract: Contract, run_day: str, few: int = 16) -> None:
        """Prepare to read lines of a contract. Of fewer than `few` lines none is said to be plain: the rule takes less
        time than a call of Arrow's.
        """
        self._contract, self._run_day, self._few = contract, run_day, few
        self._regex, self._values = _pattern(contract), {f.name: _value(f, contract) for f in contract.fields}
        self._shapes = shapes.Shapes(self._is_plain, few)
        self._schema = pa.schema([(f.name, csv_codec.arrow_type(f)) for f in csv_codec.columns(contract)])
        types = ((f, pa.string() if f.kind == "timestamp" else csv_codec.arrow_type(f)) for f in contract.fields)
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema([(f.name, t) for f, t in types]), unexpected_field_behavior="error"
        )

    def plain(self, lines: Sequence[bytes], day: str | None) -> Iterator[FastRows]:
        """Yield the plain lines, each once; none of a few lines. `day` is that of their object, if it has one."""
        if len(lines) < self._few:
            return
        left = np.ones(len(lines), bool)
        if isinstance(lines, Text):
            for some in self._shapes.values(lines):
                for found in self._of_shape(some, day):
                    left[found.places] = False
                    yield found
        places = np.flatnonzero(left)
        if len(places) >= self._few:
            yield from self._of_lines([lines[i] for i in places.tolist()], places, day)

    def _is_plain(self, line: bytes, members: dict[str, str]) -> bool:
        """Return whether a line has these members, as JSON, and a plain value of each field."""
        found = json_text.read_object(line.decode().strip(json_text.WHITE_SPACE))
        if found is None or json_text.deeper_than(found, MAX_DEPTH):
            return False
        if {name: json_text.write(value) for name, value in found.items()} != members:
            return False
        known = ((self._values[name], text) for name, text in members.items() if name in self._values)
        return all(re.fullmatch(form, text) for form, text in known)

    def _of_shape(self, some: shapes.ShapeColumns, day: str | None, checked: bool = False) -> Iterator[FastRows]:
        """Yield the lines of a shape whose values are plain, but for some near a day or time that does not exist."""
        try:
            columns, kept = self._typed(some)
        except pa.ArrowInvalid:
            if not checked:
                yield from self._of_shape(some.only(self._plain_values(some)), day, True)
            elif len(some.places) > _HALVED:
                first = np.arange(len(some.places)) < len(some.places) // 2
                yield from self._of_shape(some.only(first), day, True)
                yield from self._of_shape(some.only(~first), day, True)
            return
        unknown = tuple(name for name in some.members if name not in self._values)
        if unknown:
            columns[csv_codec.EXTRA.name], plain = _extra(some, unknown)
            kept &= plain
        yield self._rows(FastRows(some.places, self._filled(columns, day, len(some.places)), unknown), kept)

    def _typed(self, some: shapes.ShapeColumns) -> tuple[dict[str, pa.Array], np.ndarray]:
        """Return the values in the types of their columns, and which lines have plain ones only. Raise ArrowInvalid."""
        columns, kept = dict[str, pa.Array](), np.ones(len(some.places), bool)
        for field in self._contract.fields:
            if (value := some.value(field.name)) is None:
                continue
            column = columns[field.name] = _typed(value, field)
            if field.kind in ("int", "bigint", "boolean"):
                # Arrow is lenient, but there is one way only in which it writes a value.
                kept &= np.asarray(pc.fill_null(pc.equal(column.cast(pa.string()), value.column), True))
            elif form := self._check(field, value.quoted):
                kept &= np.asarray(pc.match_substring_regex(value.column, form))
        return columns, kept

    def _plain_values(self, some: shapes.ShapeColumns) -> np.ndarray:
        kept = np.ones(len(some.places), bool)
        for field in self._contract.fields:
            if (value := some.value(field.name)) and (form := self._check(field, value.quoted)):
                kept &= np.asarray(pc.match_substring_regex(value.column, form))
        return kept

    def _check(self, field: Field, quoted: bool) -> str | None:
        """Return what a value in a shape has to match. The shape says enough of strings."""
        form = _form(field, self._contract)
        if quoted:
            return rf"\A{form}\z" if form != _STRING else None
        return r"\Anull\z" if field.kind in _QUOTED else rf"\A(?:{form}|null)\z"

    def _of_lines(self, lines: list[bytes], places: np.ndarray, day: str | None) -> Iterator[FastRows]:
        try:
            mask = np.asarray(pc.match_substring_regex(pa.array(lines, pa.binary()).cast(pa.string()), self._regex))
            if not mask.any():
                return
            plain = lines if mask.all() else [lines[i] for i in np.flatnonzero(mask)]
            rows = self._filled(self._read(plain), day, len(plain))
            yield self._rows(FastRows(places[mask], rows), np.ones(len(plain), bool))
        except pa.ArrowInvalid:  # Not UTF-8, a member twice, a day that does not exist: find about where.
            if len(lines) <= _HALVED:
                return
            half = len(lines) // 2
            yield from self._of_lines(lines[:half], places[:half], day)
            yield from self._of_lines(lines[half:], places[half:], day)

    def _read(self, lines: list[bytes]) -> dict[str, pa.Array]:
        text = b"\n".join(lines)
        read = pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1)
        table = pyarrow.json.read_json(io.BytesIO(text), read_options=read, parse_options=self._options)
        if table.num_rows != len(lines):
            raise pa.ArrowInvalid("rows are missing")
        columns = {f.name: table.column(f.name).combine_chunks() for f in self._contract.fields}
        return columns | {f.name: _moment(columns[f.name]) for f in self._contract.of_kind("timestamp")}

    def _filled(self, columns: dict[str, pa.Array], day: str | None, count: int) -> pa.RecordBatch:
        """Return rows of typed values, with the day, and nulls for what is missing."""
        columns = columns | {self._contract.partition_key: self._days(columns, day, count)}
        kinds = zip(self._schema.names, self._schema.types, strict=True)
        given = [columns[name] if name in columns else pa.nulls(count, kind) for name, kind in kinds]
        return pa.RecordBatch.from_arrays(given, schema=self._schema)

    def _rows(self, plain: FastRows, kept: np.ndarray) -> FastRows:
        """Return the rows to be kept, except those that have no key or a string that is too long."""
        rows = plain.rows
        kept = kept & np.asarray(pc.is_valid(rows.column(self._contract.key)))
        for field in self._contract.of_kind("string"):
            column, most = rows.column(field.name), field.params[0]
            if (pc.max(pc.binary_length(column)).as_py() or 0) > most:
                kept &= np.asarray(pc.fill_null(pc.less_equal(pc.utf8_length(column), most), True))
        return plain if kept.all() else plain.only(kept)

    def _days(self, columns: dict[str, pa.Array], day: str | None, count: int) -> pa.Array:
        stamps = self._contract.of_kind("timestamp")
        if day is not None or not stamps or stamps[0].name not in columns:
            return pa.repeat(day or self._run_day, count)
        return pc.fill_null(columns[stamps[0].name].cast(pa.date32()).cast(pa.string()), self._run_day)


def _extra(some: shapes.ShapeColumns, names: Sequence[str]) -> tuple[pa.Array, np.ndarray]:
    """Return some members as an object's JSON, and which lines have plain values in all of them."""
    plain, parts, text = np.ones(len(some.places), bool), list[pa.Array | str](), "{"
    for name in names:
        text += f'"{name}":'
        for part in some.members[name]:
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
    """Return values of a shape, which are checked, in their column's type. Raise ArrowInvalid as `_moment` does."""
    values = value.column
    kind = csv_codec.arrow_type(field)
    if value.quoted:
        return _moment(values) if field.kind == "timestamp" else values
    if field.kind in _QUOTED:
        return pa.nulls(len(values), kind)
    null = pc.equal(values, "null")
    return (pc.if_else(null, pa.scalar(None, pa.string()), values) if null.true_count else values).cast(kind)


def _moment(column: pa.Array) -> pa.Array:
    """Return a timestamp in UTC, cut to milliseconds. Raise ArrowInvalid where there is no such day or time."""
    text = pc.binary_slice(column.cast(pa.binary()), 0, len("2024-05-01T10:20:30.123")).cast(pa.string())
    return pc.utf8_rtrim(text, "Z").cast(pa.timestamp("ms"))
