"""Lines of events, and a contract that takes more of them."""

import json
from dataclasses import replace
from typing import Any

from store_events import contract
from store_events.contract import Contract


def event(key: str, **more: Any) -> bytes:
    return json.dumps({"request_id": key, **more}).encode()


def wider(**types: str) -> Contract:
    """A contract by which a longer category is valid, and whose fields have these types."""
    declared, types = contract.load(), {"category": "string(80)", **types}
    return replace(declared, fields=tuple(replace(f, type=types.get(f.name, f.type)) for f in declared.fields))
