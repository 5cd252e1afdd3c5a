r"""The rule's fast path, with Arrow: lines whose every member is plainly of its type.

A plain line is one flat object of contract fields only, without a backslash, each value in the JSON type that
the contract names. One regular expression decides that (RE2: linear time), so nothing that Arrow's JSON reader is
lenient about can slip through. All other lines go to `validate.py`.
"""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from store_events.contract import Contract, Field
from store_events.load import csv_codec
from store_events.load.profile import Profile

_WS = r"[ \t\r]*"
_TIMESTAMP = r'"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{3,6})?Z?"'
_VALUES = {"int": r"-?(?:0|[1-9][0-9]{0,8})", "bigint": r"-?(?:0|[1-9][0-9]{0,17})", "boolean": "(?:true|false)"}
_HALVED = 64  # Lines that the rule judges about as fast as they are split further.
_KEY = r'"[!#-\[\]-~]+"'  # Visible ASCII but for quotes and backslashes.


def _value(field: Field, contract: Contract) -> str:
    if field.name == contract.key:
        return _KEY
    if field.kind == "string":
        return r'(?:"[^"\\\x00-\x1f]*"|null)'
    if field.kind == "decimal":
        precision, scale = field.params
        digits = rf"(?:0|[1-9][0-9]{{0,{precision - scale - 1}}})" if precision > scale else "0"
        return rf"(?:-?{digits}" + (rf"(?:\.[0-9]{{1,{scale}}})?|null)" if scale else "|null)")
    return f"(?:{_TIMESTAMP if field.kind == 'timestamp' else _VALUES[field.kind]}|null)"


def _pattern(contract: Contract) -> str:
    """The regular expression (RE2's) of a plain line. Fields of the same form share a branch."""
    forms: dict[str, list[str]] = {}
    for field in contract.fields:
        forms.setdefault(_value(field, contract), []).append(field.name)
    member = "|".join(f'"(?:{"|".join(names)})"{_WS}:{_WS}{form}' for form, names in forms.items())
    return rf"\A{_WS}\{{{_WS}(?:{member})(?:{_WS},{_WS}(?:{member}))*{_WS}\}}{_WS}\z"


class FastPath:
    """The fast path of one contract."""

    def __init__(self, contract: Contract, run_day: str, few: int = 16) -> None:
        """Of fewer than `few` lines none is said to be plain: the rule takes less time than a call of Arrow's."""
        self._contract, self._run_day, self._few = contract, run_day, few
        self._regex = _pattern(contract)
        types = ((f, pa.string() if f.kind == "timestamp" else csv_codec.arrow_type(f)) for f in contract.fields)
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema([(f.name, t) for f, t in types]), unexpected_field_behavior="error"
        )

    def rows(self, lines: list[bytes], day: str | None, profile: Profile | None = None) -> list[bytes | None]:
        """The text for LOAD DATA of each plain line, with its end; None for the others, which is all of a few lines.

        `day` is their object's, if it has one. The plain lines are counted in `profile`.
        """
        if len(lines) < self._few:
            return [None] * len(lines)
        made = self._rows(lines, day, profile)
        texts = _texts(made)
        if made.null_count == 0:
            return list(texts)
        given = iter(texts)
        return [next(given) if there else None for there in np.asarray(made.is_valid())]

    def _rows(self, lines: list[bytes], day: str | None, profile: Profile | None) -> pa.Array:
        try:
            mask = np.asarray(pc.match_substring_regex(pa.array(lines, pa.binary()).cast(pa.string()), self._regex))
            plain = lines if mask.all() else [lines[i] for i in np.flatnonzero(mask)]
            if not plain:
                return pa.nulls(len(lines), pa.string())
            made = self._text(plain, day, profile)
        except pa.ArrowInvalid:  # Not UTF-8, a member twice, a day that does not exist: find about where.
            if len(lines) <= _HALVED:
                return pa.nulls(len(lines), pa.string())
            half = len(lines) // 2
            halves = (lines[:half], lines[half:])
            return pa.concat_arrays([self._rows(one, day, profile) for one in halves])
        if len(plain) == len(lines):
            return made
        return made.take(pa.array(np.cumsum(mask) - 1, pa.int32(), mask=~mask))

    def _text(self, lines: list[bytes], day: str | None, profile: Profile | None) -> pa.Array:
        text = b"\n".join(lines)
        read = pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1)
        table = pyarrow.json.read_json(io.BytesIO(text), read_options=read, parse_options=self._options)
        if table.num_rows != len(lines):
            raise pa.ArrowInvalid("rows are missing")
        columns = {f.name: table.column(f.name).combine_chunks() for f in self._contract.fields}
        bad = [pc.greater(pc.utf8_length(columns[f.name]), f.params[0]) for f in self._contract.of_kind("string")]
        key = columns[self._contract.key]
        cells = [_cell(columns[f.name], f) for f in self._contract.fields]
        rows = pc.binary_join_element_wise(
            *cells,
            csv_codec.NULL,
            self._days(columns, day),
            ",",
            null_handling="replace",
            null_replacement=csv_codec.NULL,
        )
        refused = pc.is_null(key)
        for one in bad:
            refused = pc.or_(refused, pc.fill_null(one, False))
        if profile is not None:
            profile.add_columns(self._contract, columns, refused)
        return pc.if_else(refused, pa.scalar(None, pa.string()), rows)

    def _days(self, columns: dict[str, pa.Array], day: str | None) -> "pa.Array | str":
        if day is not None:
            return day + "\n"
        stamps = self._contract.of_kind("timestamp")
        if not stamps:
            return self._run_day + "\n"
        days = pc.fill_null(pc.utf8_slice_codeunits(columns[stamps[0].name], 0, 10), self._run_day)
        return pc.binary_join_element_wise(days, "\n", "")


def _texts(rows: pa.Array) -> list[bytes]:
    """The rows that are not null; there is no other end of line in one than its own."""
    some = rows.drop_null()
    _, offsets, data = some.buffers()
    if len(some) == 0 or data is None:
        return []
    ends = memoryview(offsets).cast("i")
    return bytes(memoryview(data)[ends[some.offset] : ends[some.offset + len(some)]]).splitlines(keepends=True)


def _cell(column: pa.Array, field: Field) -> pa.Array:
    if field.kind == "string":
        return pc.binary_join_element_wise('"', column, '"', "")
    if field.kind == "timestamp":
        return _moment(column)
    return (column.cast(pa.int8()) if field.kind == "boolean" else column).cast(pa.string())


def _moment(column: pa.Array) -> pa.Array:
    """A timestamp in UTC, cut to milliseconds. Raises ArrowInvalid where there is no such day or time."""
    raw = column.cast(pa.binary())  # Its characters are ASCII; slices of bytes are ten times as fast.
    day, clock = pc.binary_slice(raw, 0, 10).cast(pa.string()), pc.binary_slice(raw, 11, 19).cast(pa.string())
    seconds = pc.binary_join_element_wise(day, clock, " ")
    seconds.cast(pa.timestamp("s"))
    fraction = pc.binary_slice(raw, 19, 23).cast(pa.string())
    given = pc.equal(pc.binary_length(fraction), 4)
    return pc.binary_join_element_wise(seconds, pc.if_else(given, fraction, ".000"), "")
