"""tests/cases: inputs that users reported, each with its expected result."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from testsupport.stack import Stack

_FOLDER = Path(__file__).resolve().parents[2] / "tests" / "cases"
NAMES = sorted(path.parent.name for path in _FOLDER.glob("*/expect.json"))


@dataclass(frozen=True)
class FieldCase:
    """`objects` has bodies and arguments of PutObject by key. `expect` is expect.json."""

    name: str
    objects: dict[str, tuple[bytes, dict[str, str]]]
    expect: dict[str, Any]

    def put(self, stack: Stack) -> None:
        for key, (body, arguments) in self.objects.items():
            stack.s3.put_object(Bucket=stack.bucket, Key=key, Body=body, **arguments)

    def check(self, stack: Stack, summary: dict[str, Any]) -> None:
        """Assert that table, quarantine and summary have the expected result of the case."""
        rows = _rows(self.expect["rows"])
        prefixes = {row[:4] for row in rows}
        found = {str(key) for (key,) in stack.table() if str(key)[:4] in prefixes}
        assert found == rows, self.name
        for key, values in self.expect.get("values", {}).items():
            for column, value in values.items():
                got: Any
                [(got,)] = stack.database.rows(f"select {column} from sales_txns_tbl where request_id='{key}'")
                got = got.isoformat(" ", "milliseconds") if column == "ts" else got
                got = str(got) if isinstance(got, Decimal) else got
                assert got == value, (self.name, key, column)
        for key, day in self.expect.get("days", {}).items():
            [(got,)] = stack.database.rows(f"select dt from sales_txns_tbl where request_id='{key}'")
            assert got.isoformat() == day
        self._check_others(stack, summary)

    def _check_others(self, stack: Stack, summary: dict[str, Any]) -> None:
        names = {f"s3://{stack.bucket}/{key}" for key in self.objects}
        kept = [e for e in stack.quarantine() if e["source_object"] in names and e.get("part", 1) == 1]
        assert sum(entry.get("lines", 1) for entry in kept) == self.expect["quarantined"], self.name
        for key, reason in self.expect.get("reasons", {}).items():
            assert [e["reason"] for e in kept if f'"{key}"' in e["line"]] == [reason], (self.name, key)
        findings = {f["kind"] for f in summary["findings"]}
        assert set(self.expect.get("findings", [])) <= findings, self.name
        unread = Counter(one["reason"] for one in summary["unread"]["first"] if one["name"] in names)
        assert unread == self.expect.get("unread", {}), self.name


def _rows(given: list[str]) -> set[str]:
    """Return the keys. first..last means all keys with numbers from first to last."""
    found = set()
    for one in given:
        first, _, last = one.partition("..")
        if last:
            stem = first.rstrip("0123456789")
            width = len(first) - len(stem)
            found |= {f"{stem}{n:0{width}d}" for n in range(int(first[len(stem) :]), int(last[len(stem) :]) + 1)}
        else:
            found.add(first)
    return found


def load(name: str) -> FieldCase:
    folder = _FOLDER / name
    expect = json.loads((folder / "expect.json").read_text())
    if (folder / "manifest.json").exists():
        objects = {
            one["key"]: (_body(folder / one["file"], one.get("packed", False)), one["args"])
            for one in json.loads((folder / "manifest.json").read_text())
        }
    else:
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "expect.json"]
        objects = {path.relative_to(folder).as_posix(): (path.read_bytes(), {}) for path in files}
    return FieldCase(name, objects, expect)


def _body(path: Path, packed: bool) -> bytes:
    return gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
