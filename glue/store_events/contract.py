"""The event contract, read from contract.json."""

import json
import pkgutil
import re
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from store_events import limits

_COLUMN = re.compile(
    "(" + limits.NAME + r")=(string\([1-9][0-9]{0,3}\)|int|bigint|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|timestamp)"
)


@dataclass(frozen=True)
class FieldExpectation:
    """Expected values of a field: the share of nulls, 0 to 1, and numbers from `low` to `high` or the `allowed`
    strings.
    """

    max_null_share: float | None = None
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    @property
    def checks_values(self) -> bool:
        """Whether the values themselves are checked, not only the share of nulls."""
        return bool(self.allowed) or self.low is not None or self.high is not None


@dataclass(frozen=True)
class StreamExpectation:
    """The maximum age of a stream's newest object, and the minimum number of lines in 24 hours. 0 is unchecked."""

    fresh_hours: int = 0
    min_lines_per_day: int = 0


@dataclass(frozen=True)
class Field:
    """One field of an event. `type` is string(N), int, bigint, decimal(P,S), boolean or timestamp."""

    name: str
    type: str
    expect: FieldExpectation | None = None

    @cached_property
    def kind(self) -> str:
        return self.type.partition("(")[0]

    @cached_property
    def params(self) -> list[int]:
        return [int(n) for n in re.findall(r"\d+", self.type)]

    @property
    def mysql_type(self) -> str:
        if self.kind == "string":
            return f"varchar({self.params[0]})"
        return "datetime(3)" if self.kind == "timestamp" else self.type


@dataclass(frozen=True)
class Contract:
    """The event schema, and the names that infrastructure, job and tests share."""

    key: str
    partition_key: str
    fields: tuple[Field, ...]
    streams: tuple[str, ...]
    prefixes: dict[str, str]
    first_day: str  # First day of the curated table's partition projection in Athena, yyyy-mm-dd.
    days_ahead: int
    batches_table: str
    objects_table: str
    runs_table: str
    collisions_table: str
    migration_table: str
    retired_table: str
    listings: dict[str, str]  # The ways in which a run can list objects.
    manifest_columns: tuple[str, ...]
    metrics: dict[str, str]
    arguments: dict[str, str]
    options: dict[str, str]
    expected_streams: dict[str, StreamExpectation]

    @property
    def expected_fields(self) -> list[Field]:
        """The fields with an expectation."""
        return [f for f in self.fields if f.expect is not None]

    @property
    def key_hash(self) -> str:
        """The column with a hash of the key."""
        return f"{self.key}_hash"

    def of_kind(self, *kinds: str) -> list[Field]:
        return [f for f in self.fields if f.kind in kinds]

    def with_columns(self, text: str) -> "Contract":
        """Return the contract with additional fields, given as name=type,name=type. Raise ValueError if the syntax is
        invalid, or if the table or its catalog cannot store the fields.
        """
        source = f"extra columns {text!r}" if text.strip() else "contract.json"
        found = [_COLUMN.fullmatch(part.strip()) for part in re.split(r",(?![^(]*\))", text) if part.strip()]
        if None in found:
            raise ValueError(f"{source}: not of the form name=type, such as channel=string(32),tax=decimal(12,2)")
        more = tuple(Field(m[1], m[2]) for m in found if m)
        names = [f.name for f in (*self.fields, *more)] + [
            "extra",
            "batch_id",
            "batch_position",
            self.key_hash,
            self.partition_key,
        ]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"{source}: {', '.join(twice)} is already a column")
        try:
            limits.check((*self.fields, *more), self.key)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from error
        return replace(self, fields=self.fields + more)


def _source() -> bytes:
    """Return contract.json, which is next to this module in the uploaded archive and in schema/ in the source tree."""
    try:
        packed = pkgutil.get_data(__package__ or "", "contract.json")
    except FileNotFoundError:
        packed = None
    if packed is not None:
        return packed
    return (Path(__file__).resolve().parents[2] / "schema" / "contract.json").read_bytes()


def _expectation(field: dict[str, Any]) -> FieldExpectation | None:
    raw = field.get("expect")
    if raw is None:
        return None
    return FieldExpectation(raw.get("maxNullShare"), raw.get("min"), raw.get("max"), tuple(raw.get("allowed", ())))


@cache
def load() -> Contract:
    """Return the contract that this job was built with."""
    raw = json.loads(_source())
    return Contract(
        key=raw["key"],
        partition_key=raw["partitionKey"],
        fields=tuple(Field(f["name"], f["type"], _expectation(f)) for f in raw["fields"]),
        streams=tuple(s["name"] for s in raw["streams"]),
        prefixes=raw["prefixes"],
        first_day=raw["days"]["first"],
        days_ahead=raw["days"]["ahead"],
        batches_table=raw["ledger"]["batches"],
        objects_table=raw["ledger"]["objects"],
        runs_table=raw["ledger"]["runs"],
        collisions_table=raw["ledger"]["collisions"],
        migration_table=raw["ledger"]["migration"],
        retired_table=raw["ledger"]["retired"],
        listings=raw["listings"],
        manifest_columns=tuple(c["name"] for c in raw["manifest"]["columns"]),
        metrics=raw["metrics"],
        arguments=raw["jobArguments"],
        options=raw["jobOptions"],
        expected_streams={
            s["name"]: StreamExpectation(s["expect"].get("freshHours", 0), s["expect"].get("minLinesPerDay", 0))
            for s in raw["streams"]
            if "expect" in s
        },
    )
