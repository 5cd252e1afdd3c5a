"""What makes a line a valid event, one line at a time. `fast_path.py` does the same for most lines at once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from store_events import json_text
from store_events.contract import Contract, Field
from store_events.json_text import Number, whole

# MariaDB reads JSON no deeper than 32 levels, MySQL 100; the object itself is one.
MAX_DEPTH = 30
# What framing.py leaves around a value: byte order marks only separate values there.
_AROUND = json_text.WHITE_SPACE + "\ufeff"
# Visible ASCII: a key with spaces would be equal to another one in MySQL, which pads when it compares.
_KEY = re.compile(r"[!-~]+")
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?")
_ZONE = r"(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
_TIMESTAMP = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,]([0-9]+))?)?" + _ZONE)
_BASIC = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})(?:([0-9]{2})([.,][0-9]+)?)?(Z|[+-][0-9]{2,4})?"
)
_BITS = {"int": 32, "bigint": 64}
_MAX_OFFSET = timedelta(hours=18)  # As java.time.ZoneOffset.
_MIN_YEAR = 1000  # The least that MySQL's datetime supports.
_EXACT = Context(prec=1100, rounding=ROUND_HALF_UP)  # Exponents have three digits at most.


@dataclass(frozen=True)
class Event:
    """A valid line: the contract's fields in order, as text for the database or None, and the rest as JSON."""

    values: tuple[str | None, ...]
    extra: str | None


@dataclass(frozen=True)
class Invalid:
    """Why a line is invalid: not_json_object, not_utf8, missing_key, bad_key or bad_field:<name>."""

    reason: str


def line(raw: bytes, contract: Contract) -> Event | Invalid | None:
    """Return the event in a line of an object, or why it is invalid; None for a blank line."""
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
    """Return whether a JSON value can be an event's key."""
    limit = contract.fields[0].params[0]
    return isinstance(value, str) and len(value) <= limit and _KEY.fullmatch(value) is not None


def convert(value: Any, field: Field) -> str | None:
    """Return the value as text of the field's type, or None."""
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
    """Return a whole number that is written in any form of JSON's, including as a string: 3, 3.0, 30e-1."""
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
    if abs(rounded) >= Decimal(10) ** (precision - scale):
        return None
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def _timestamp(text: str) -> str | None:
    """Return the time in UTC, cut to milliseconds. It is ISO 8601 with hours and minutes at least, in its extended or
    basic format; without a zone it is UTC.
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
