"""Lines of events, and a contract that takes more of them."""

import json
from dataclasses import replace
from typing import Any

from store_events import contract
from store_events.contract import Contract


def event(key: str, **more: Any) -> bytes:
    return json.dumps({"request_id": key, **more}).encode()


def wider() -> Contract:
    """A contract by which a longer category is valid."""
    declared = contract.load()
    fields = tuple(replace(f, type="string(80)") if f.name == "category" else f for f in declared.fields)
    return replace(declared, fields=fields)
