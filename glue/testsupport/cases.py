"""schema/testdata/validity.jsonl: lines, and whether each is valid."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parents[2] / "schema" / "testdata" / "validity.jsonl"


@dataclass(frozen=True)
class Case:
    """`reason` is empty for a valid line, and "blank" for a line that is not counted."""

    name: str
    line: bytes
    reason: str
    key: str | None


def _case(raw: dict[str, Any]) -> Case:
    line = base64.b64decode(raw["line_base64"]) if "line_base64" in raw else raw["line"].encode()
    return Case(raw["case"], line, raw["reason"], raw.get("key"))


CASES = [_case(json.loads(line)) for line in _FILE.read_text().splitlines()]
