"""Validates events line by line. `fast_path.py` applies the same rules to many lines at once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from store_events import json_text
from store_events.contract import Contract, Field
from store_events.json_text import Number, whole

# MariaDB reads JSON of at most 32 levels, MySQL of 100. The event is one of them.
MAX_DEPTH = 30
# Characters that framing.py leaves around a value.
_AROUND = json_text.WHITE_SPACE + "\ufeff"
# Visible ASCII. Spaces are excluded because MySQL ignores trailing spaces when it compares keys.
_KEY = re.compile(r"[!-~]+")
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?")
_ZONE = r"(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,]([0-9]+))?)?" + _ZONE)
_BASIC = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})(?:([0-9]{2})([.,][0-9]+)?)?(Z|[+-][0-9]{2,4})?"
)
_BITS = {"int": 32, "bigint": 64}
_MAX_OFFSET = timedelta(hours=18)  # The limit of java.time.ZoneOffset.
_MIN_YEAR = 1000  # The first year of MySQL's datetime.
_EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)  # Exponents have at most three digits.


@dataclass(frozen=True)
class Event:
    """A valid line: the values of the contract's fields as text for the database, and other members as JSON."""

    values: tuple[str | None, ...]
    extra: str | None


@dataclass(frozen=True)
class Invalid:
    """An invalid line's reason: not_json_object, not_utf8, missing_key, bad_key or bad_field:<name>."""

    reason: str


def line(raw: bytes, contract: Contract) -> Event | Invalid | None:
    """Validate a line of an object. Return None for a blank line."""
    try:
        text = raw.decode().strip(_AROUND)
    except UnicodeDecodeError:
        return Invalid("not_utf8")
    if not text:
        return None
    members = json_text.read_object(text)
    if members is None:
        return Invalid("not_json_object")
    key = members.get(contract.key)
    if key is None:
        return Invalid("missing_key")
    if not is_key(key, contract):
        return Invalid("bad_key")
    return _convert(members, contract)


def _convert(members: dict[str, Any], contract: Contract) -> Event | Invalid:
    values: list[str | None] = []
    for field in contract.fields:
        raw = members.pop(field.name, None)
        value = None if raw is None else convert(raw, field)
        if raw is not None and value is None:
            return Invalid(f"bad_field:{field.name}")
        values.append(value)
    for name, raw in sorted(members.items()):
        if json_text.deeper_than(raw, MAX_DEPTH):
            return Invalid(f"bad_field:{whole(name)}")
    return Event(tuple(values), json_text.write(members) if members else None)


def is_key(value: Any, contract: Contract) -> bool:
    """Report whether a JSON value is a valid key."""
    limit = contract.fields[0].params[0]
    return isinstance(value, str) and len(value) <= limit and _KEY.fullmatch(value) is not None


def convert(value: Any, field: Field) -> str | None:
    """Return the value as text of the field's type, or None if it is invalid."""
    text = _scalar(value)
    if text is None:
        return None
    match field.kind:
        case "string":
            return _string(text, field.params[0])
        case "int" | "bigint":
            return _integer(text, _BITS[field.kind])
        case "decimal":
            return _decimal(text, *field.params)
        case "boolean":
            return {"true": "1", "false": "0"}.get(text)
        case "timestamp":
            return _timestamp(text) if isinstance(value, str) else None
    raise ValueError(f"contract: field {field.name}: unknown type {field.type}")


def _scalar(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return value.text
    return value if isinstance(value, str) else None


def _string(text: str, limit: int) -> str | None:
    text = whole(text)
    return text if len(text) <= limit else None


def _integer(text: str, bits: int) -> str | None:
    """Return an integer of at most `bits` bits, which may be written as 3, 3.0 or 30e-1, or None."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    sign, whole_part, fraction, exponent = match.groups(default="")
    digits = (whole_part + fraction).lstrip("0")
    significant = digits.rstrip("0")
    zeros = len(digits) - len(significant) + int(exponent or 0) - len(fraction)
    if significant and (zeros < 0 or len(significant) + zeros > 19):
        return None
    number = int(sign + significant) * 10**zeros if significant else 0
    return str(number) if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def _decimal(text: str, precision: int, scale: int) -> str | None:
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        rounded = Decimal(text).quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    except InvalidOperation:
        return None
    # abs() would round to the 28 digits of the default context.
    if rounded.copy_abs() >= Decimal(10) ** (precision - scale):
        return None
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def _timestamp(text: str) -> str | None:
    """Return an ISO 8601 time, extended or basic, in UTC and truncated to milliseconds, or None. Seconds are optional,
    and a time without a zone is UTC.
    """
    if basic := _BASIC.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = basic.groups(default="")
        text = f"{year}-{month}-{day}T{hour}:{minute}{':' if second else ''}{second}{fraction}{zone}"
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    day, time, seconds, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{seconds or ':00'}").replace(tzinfo=UTC)
        if sign:
            moment -= _offset(sign, int(hours), int(minutes or 0))
    except (ValueError, OverflowError):
        return None
    if moment.year < _MIN_YEAR:
        return None
    return f"{moment:%Y-%m-%d %H:%M:%S}.{(fraction or '').ljust(3, '0')[:3]}"


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _MAX_OFFSET:
        raise ValueError("offset out of range")
    return -offset if sign == "-" else offset
