r"""The rule's fast path, with Arrow: lines whose every member is plainly of its type.

A plain line is one flat object of contract fields only, without a backslash, each value in the JSON type that
the contract names. One regular expression decides that (RE2: linear time), so nothing that Arrow's JSON reader is
lenient about can slip through. Lines of the shape of such a line, see `shapes.py`, need the part of it that is for
their values. All other lines go to `validate.py`.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from store_events.contract import Contract, Field
from store_events.load import csv_codec
from store_events.source import shapes
from store_events.source.read_events import Text

_WS = r"[ \t\r]*"
_TIMESTAMP = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3,6})?Z?"
_STRING = r'[^"\\\x00-\x1f]*'
_FORMS = {"int": r"-?(?:0|[1-9][0-9]{0,8})", "bigint": r"-?(?:0|[1-9][0-9]{0,17})", "boolean": "(?:true|false)"}
_HALVED = 64  # Lines that the rule judges about as fast as they are split further.
_KEY = r"[!#-\[\]-~]+"  # Visible ASCII but for quotes and backslashes.
_QUOTED = ("string", "timestamp")


def _form(field: Field, contract: Contract) -> str:
    """The regular expression (RE2's) of a plain value that is not null, without its quotes."""
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
    """The regular expression of a plain line. Fields of the same form share a branch."""
    forms: dict[str, list[str]] = {}
    for field in contract.fields:
        forms.setdefault(_value(field, contract), []).append(field.name)
    member = "|".join(f'"(?:{"|".join(names)})"{_WS}:{_WS}{form}' for form, names in forms.items())
    return rf"\A{_WS}\{{{_WS}(?:{member})(?:{_WS},{_WS}(?:{member}))*{_WS}\}}{_WS}\z"


@dataclass(frozen=True)
class Plain:
    """Plain lines: where each is among the lines that were given, and their rows, of csv_codec.columns."""

    places: np.ndarray
    rows: pa.RecordBatch

    def only(self, kept: np.ndarray) -> "Plain":
        return Plain(self.places[kept], self.rows.filter(pa.array(kept)))


class FastPath:
    """The fast path of one contract."""

    def __init__(self, contract: Contract, run_day: str, few: int = 16) -> None:
        """Of fewer than `few` lines none is said to be plain: the rule takes less time than a call of Arrow's."""
        self._contract, self._run_day, self._few = contract, run_day, few
        self._regex = _pattern(contract)
        self._shapes = shapes.Shapes(self._is_plain, few)
        self._schema = pa.schema([(f.name, csv_codec.arrow_type(f)) for f in csv_codec.columns(contract)])
        types = ((f, pa.string() if f.kind == "timestamp" else csv_codec.arrow_type(f)) for f in contract.fields)
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema([(f.name, t) for f, t in types]), unexpected_field_behavior="error"
        )

    def plain(self, lines: Sequence[bytes], day: str | None) -> Iterator[Plain]:
        """The plain lines, each once; none of a few lines. `day` is that of their object, if it has one."""
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

    def _is_plain(self, line: bytes) -> bool:
        try:
            text = pa.array([line], pa.binary()).cast(pa.string())
        except pa.ArrowInvalid:
            return False
        return bool(pc.match_substring_regex(text, self._regex)[0].as_py())

    def _of_shape(self, some: shapes.Values, day: str | None, checked: bool = False) -> Iterator[Plain]:
        """The lines of a shape whose values are plain, but for some near a day or time that does not exist."""
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
        yield self._rows(some.places, columns, day, kept)

    def _typed(self, some: shapes.Values) -> tuple[dict[str, pa.Array], np.ndarray]:
        """The values in the types of their columns, and which lines have plain ones only. Raises ArrowInvalid."""
        columns, kept = dict[str, pa.Array](), np.ones(len(some.places), bool)
        for field in self._contract.fields:
            if (values := some.values.get(field.name)) is None:
                continue
            column = columns[field.name] = _typed(values, field, field.name in some.quoted)
            if field.kind in ("int", "bigint", "boolean"):
                # Arrow is lenient, but there is one way only in which it writes a value.
                kept &= np.asarray(pc.fill_null(pc.equal(column.cast(pa.string()), values), True))
            elif form := self._check(field, field.name in some.quoted):
                kept &= np.asarray(pc.match_substring_regex(values, form))
        return columns, kept

    def _plain_values(self, some: shapes.Values) -> np.ndarray:
        kept = np.ones(len(some.places), bool)
        for field in self._contract.fields:
            if field.name in some.values and (form := self._check(field, field.name in some.quoted)):
                kept &= np.asarray(pc.match_substring_regex(some.values[field.name], form))
        return kept

    def _check(self, field: Field, quoted: bool) -> str | None:
        """What a value in a shape has to match. The shape says enough of strings."""
        form = _form(field, self._contract)
        if quoted:
            return rf"\A{form}\z" if form != _STRING else None
        return r"\Anull\z" if field.kind in _QUOTED else rf"\A(?:{form}|null)\z"

    def _of_lines(self, lines: list[bytes], places: np.ndarray, day: str | None) -> Iterator[Plain]:
        try:
            mask = np.asarray(pc.match_substring_regex(pa.array(lines, pa.binary()).cast(pa.string()), self._regex))
            if not mask.any():
                return
            plain = lines if mask.all() else [lines[i] for i in np.flatnonzero(mask)]
            yield self._rows(places[mask], self._read(plain), day, np.ones(len(plain), bool))
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

    def _rows(self, places: np.ndarray, columns: dict[str, pa.Array], day: str | None, kept: np.ndarray) -> Plain:
        """Rows of typed values: those to be kept, but for those that have no key or a string that is too long."""
        count = len(places)
        columns = columns | {self._contract.partition_key: self._days(columns, day, count)}
        kinds = zip(self._schema.names, self._schema.types, strict=True)
        given = [columns[name] if name in columns else pa.nulls(count, kind) for name, kind in kinds]
        rows = pa.RecordBatch.from_arrays(given, schema=self._schema)
        plain = Plain(places, rows)
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


def _typed(values: pa.Array, field: Field, quoted: bool) -> pa.Array:
    """Values of a shape, which are checked, in the type of their column. Raises ArrowInvalid as `_moment` does."""
    kind = csv_codec.arrow_type(field)
    if quoted:
        return _moment(values) if field.kind == "timestamp" else values
    if field.kind in _QUOTED:
        return pa.nulls(len(values), kind)
    null = pc.equal(values, "null")
    return (pc.if_else(null, pa.scalar(None, pa.string()), values) if null.true_count else values).cast(kind)


def _moment(column: pa.Array) -> pa.Array:
    """A timestamp in UTC, cut to milliseconds. Raises ArrowInvalid where there is no such day or time."""
    text = pc.binary_slice(column.cast(pa.binary()), 0, len("2024-05-01T10:20:30.123")).cast(pa.string())
    return pc.utf8_rtrim(text, "Z").cast(pa.timestamp("ms"))
