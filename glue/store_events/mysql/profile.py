"""Statistics of a batch's valid events, collected while they are read.

They are committed with the batch, so that they are complete even if a task is retried. Only fields with an expectation
are counted. Values are collected first, because a call to Arrow takes as long as hundreds of values.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from store_events import json_text
from store_events.contract import Contract, Field

_GATHERED = 64  # Columns collected per field.
_PARSED = 1000  # Events of a batch whose unknown fields are parsed.
_NAMES = 50  # Approximate limit of names per batch.
_LONG = 255  # Longest name in characters, which is the catalog's limit.


@dataclass
class FieldProfile:
    """Statistics of a field: nulls, the smallest and the largest number, and values that are not allowed."""

    nulls: int = 0
    low: float | None = None
    high: float | None = None
    others: int = 0

    def add(self, more: "FieldProfile") -> None:
        self.nulls += more.nulls
        self.others += more.others
        self.low = min((v for v in (self.low, more.low) if v is not None), default=None)
        self.high = max((v for v in (self.high, more.high) if v is not None), default=None)


@dataclass
class Profile:
    """Statistics of valid events, including duplicates. `unknown` is the number of events with fields that the contract
    lacks, and `names` are some or all of these fields.
    """

    events: int = 0
    unknown: int = 0
    fields: dict[str, FieldProfile] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    _gathered: dict[Field, list[pa.Array]] = field(default_factory=dict, compare=False, repr=False)

    def add_columns(self, contract: Contract, events: pa.RecordBatch, unknown: Sequence[str] = ()) -> None:
        """Count events, given as columns. All have the fields `unknown`, which the contract lacks."""
        self.events += len(events)
        if unknown:
            self._add_unknown(len(events), unknown)
        for one in contract.expected_fields:
            column = events.column(one.name)
            self._of(one).nulls += column.null_count
            if one.expect and one.expect.checks_values:
                self._gathered.setdefault(one, []).append(column)
                if len(self._gathered[one]) == _GATHERED:
                    self._count(one)

    def add_event(self, contract: Contract, values: tuple[str | None, ...], extra: str | None) -> None:
        """Count one event, given as text values, and as JSON for fields that the contract lacks."""
        self.events += 1
        if extra is not None:
            parse = self.unknown < _PARSED and len(self.names) < _NAMES
            self._add_unknown(1, (json_text.read_object(extra) or ()) if parse else ())
        for one, value in zip(contract.fields, values, strict=True):
            if one.expect is not None:
                self._of(one).add(_of_value(one, value))

    def _add_unknown(self, events: int, names: Iterable[str]) -> None:
        self.unknown += events
        if len(self.names) < _NAMES:
            self.names.update(name for name in names if len(name) <= _LONG)

    def add(self, more: "Profile") -> None:
        """Add the statistics of another profile."""
        self.events += more.events
        self.unknown += more.unknown
        self.names |= more.names
        for name, one in more.fields.items():
            self.fields.setdefault(name, FieldProfile()).add(one)

    def text(self) -> str:
        """Return the profile as JSON for the ledger."""
        self.count_gathered()
        fields = {name: asdict(one) for name, one in self.fields.items()}
        counts = {"events": self.events, "unknown": self.unknown}
        return json.dumps({**counts, "names": sorted(self.names), "fields": fields})

    def count_gathered(self) -> None:
        """Count the collected columns."""
        for one in list(self._gathered):
            self._count(one)

    def _count(self, one: Field) -> None:
        self._of(one).add(_of_column(one, pa.concat_arrays(self._gathered.pop(one))))

    @classmethod
    def merged(cls, texts: Iterable[str]) -> "Profile":
        """Return the sum of several batches' profiles, given as JSON."""
        found = cls()
        for text in texts:
            raw = json.loads(text)
            fields = {name: FieldProfile(**one) for name, one in raw.pop("fields", {}).items()}
            names = set(raw.pop("names", []))  # Missing in batches of earlier versions.
            found.add(cls(**raw, names=names, fields=fields))
        return found

    def _of(self, one: Field) -> FieldProfile:
        return self.fields.setdefault(one.name, FieldProfile())


def _of_column(one: Field, column: pa.Array) -> FieldProfile:
    """Return the statistics of a column's values, without nulls, which are already counted."""
    expect = one.expect
    found = FieldProfile()
    if expect is None or column.null_count == len(column):
        return found
    if expect.low is not None or expect.high is not None:
        edges = pc.min_max(column)
        found.low, found.high = float(edges["min"].as_py()), float(edges["max"].as_py())
    if expect.allowed:
        known = pc.sum(pc.is_in(column, pa.array(expect.allowed, pa.string()))).as_py()
        found.others = len(column) - column.null_count - known
    return found


def _of_value(one: Field, value: str | None) -> FieldProfile:
    if value is None:
        return FieldProfile(nulls=1)
    expect = one.expect
    if expect is None or (expect.low is None and expect.high is None):
        return FieldProfile(others=int(expect is not None and bool(expect.allowed) and value not in expect.allowed))
    return FieldProfile(low=float(value), high=float(value))
