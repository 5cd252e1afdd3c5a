"""What makes a line a valid event: the rule, for one line. `plain.py` is its fast path."""

from dataclasses import dataclass
from typing import Any

from store_events import cast, jsontext
from store_events.contract import Contract

# MariaDB reads JSON no deeper than 32 levels, MySQL 100; the object itself is one.
MAX_DEPTH = 30


@dataclass(frozen=True)
class Event:
    """A valid line: the contract's fields in order, as text for the database or None, and the rest as JSON."""

    values: tuple[str | None, ...]
    extra: str | None


@dataclass(frozen=True)
class Refusal:
    """Why a line is invalid: not_json_object, not_utf8, missing_key, bad_key or bad_field:<name>."""

    reason: str


def judge(line: bytes, contract: Contract) -> Event | Refusal | None:
    """The event in a line of an object, or why there is none; None for a blank line."""
    try:
        text = line.decode().removeprefix("\ufeff").strip(jsontext.WHITE_SPACE)
    except UnicodeDecodeError:
        return Refusal("not_utf8")
    if not text:
        return None
    members = jsontext.read_object(text)
    if members is None:
        return Refusal("not_json_object")
    key = members.get(contract.key)
    if key is None:
        return Refusal("missing_key")
    if not cast.is_key(key, contract):
        return Refusal("bad_key")
    return _convert(members, contract)


def _convert(members: dict[str, Any], contract: Contract) -> Event | Refusal:
    values: list[str | None] = []
    for field in contract.fields:
        raw = members.pop(field.name, None)
        value = None if raw is None else cast.convert(raw, field)
        if raw is not None and value is None:
            return Refusal(f"bad_field:{field.name}")
        values.append(value)
    for name, raw in sorted(members.items()):
        if jsontext.deeper_than(raw, MAX_DEPTH):
            return Refusal(f"bad_field:{jsontext.whole(name)}")
    return Event(tuple(values), jsontext.write(members) if members else None)
