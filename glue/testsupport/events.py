"""Lines of events, and a wider contract."""

import json
from dataclasses import replace
from typing import Any

from store_events import contract
from store_events.contract import Contract


def event(key: str, **more: Any) -> bytes:
    return json.dumps({"request_id": key, **more}).encode()


def wider(**types: str) -> Contract:
    """Return a contract with a longer category, and with these types of fields."""
    declared, types = contract.load(), {"category": "string(80)", **types}
    return replace(declared, fields=tuple(replace(f, type=types.get(f.name, f.type)) for f in declared.fields))
