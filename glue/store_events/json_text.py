"""Reads and writes JSON objects (RFC 8259), with numbers kept as written."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

WHITE_SPACE = " \t\r\n"
# The parser's own limit depends on Python's release and on the caller's stack. schema/check.go has the same limit.
MAX_NESTING = 500

_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)  # A string or a bracket.


@dataclass(frozen=True)
class Number:
    """A JSON number as written."""

    text: str


def _reject(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class Members(dict[str, Any]):
    """A JSON object's members. The last member with a repeated name wins."""


_decoder = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_reject, object_pairs_hook=Members)


def read_object(text: str) -> Members | None:
    """Parse a JSON object. Return None if `text` is not one, or is nested deeper than MAX_NESTING."""
    if text.count("[") + text.count("{") > MAX_NESTING and _nesting(text) > MAX_NESTING:
        return None
    try:
        value = _decoder.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Members) else None


def _nesting(text: str) -> int:
    """Return the nesting depth of arrays and objects in JSON, including values of repeated names."""
    depth = deepest = 0
    for mark in _MARK.finditer(text):
        if mark[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark[0] in "]}":
            depth -= 1
    return deepest


def write(value: Any) -> str:
    """Return the JSON text of a value that `read_object` returned."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{_string(k)}:{write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(whole(text), ensure_ascii=False)


def whole(text: str) -> str:
    """Return the text with lone surrogates, which UTF-8 cannot encode, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def deeper_than(value: Any, limit: int) -> bool:
    """Report whether arrays and objects are nested deeper than `limit`."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        return False
    return limit == 0 or any(deeper_than(v, limit - 1) for v in inner)
