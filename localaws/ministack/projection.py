"""Selects the objects and columns of a table that Athena reads.

MiniStack's Athena ignores partition projection and reads everything below the location. This module supports the types
date, integer and enum. It does not support injected, or location templates other than the default,
LOCATION/KEY=VALUE/.
https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html

Athena skips empty objects, and returns null for a column that is in no object. MiniStack fails.
"""

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ministack.services import athena

# The letters of Java's date formats that partition names use.
_LETTERS = [("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")]
_NOW = re.compile(r"NOW((?:[+-]\d+(?:YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)*)")
_STEP = re.compile(r"([+-]\d+)(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?")

_DECIMAL = re.compile(r"decimal\(\d+,\d+\)")
_SIMPLE = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}

Accepts = Callable[[str], bool]

relation = athena._table_relation


def install() -> None:
    """Make MiniStack's Athena read only projected partitions."""
    athena._table_relation = projected_relation


def projected_relation(table: dict[str, Any], found: list[str]) -> Any:
    """Return the relation that replaces a table in a query."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    within = [path for path in files(table, found, now) if Path(path).stat().st_size > 0]
    return with_columns(table, relation(table, within)) if within else athena._empty_relation(table)


def with_columns(table: dict[str, Any], found: str) -> str:
    """Add the table's columns that are in no object to the relation, as null."""
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    types = {column["Name"]: _SIMPLE.get(str(column["Type"]).lower()) for column in columns}
    types |= {column["Name"]: column["Type"] for column in columns if _DECIMAL.fullmatch(str(column["Type"]).lower())}
    if not types or None in types.values() or not found.startswith(("read_parquet(", "read_json_auto(")):
        return found
    nulls = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in types.items())
    return f"(SELECT * FROM {found} UNION ALL BY NAME SELECT {nulls} WHERE FALSE)"


def files(table: dict[str, Any], found: list[str], now: datetime.datetime) -> list[str]:
    """Return the files, whose paths have key=value folders, that are in a projected partition."""
    properties = {str(name).lower(): str(value) for name, value in (table.get("Parameters") or {}).items()}
    keys = [str(key["Name"]).lower() for key in table.get("PartitionKeys") or []]
    if properties.get("projection.enabled", "").lower() != "true" or not _in_default_folders(table, properties, keys):
        return found
    rules = {key: _rule(properties, f"projection.{key}.", now) for key in keys}
    return [path for path in found if _within(path, rules)]


def _in_default_folders(table: dict[str, Any], properties: dict[str, str], keys: list[str]) -> bool:
    location = str((table.get("StorageDescriptor") or {}).get("Location", "")).rstrip("/")
    default = "/".join([location, *(f"{key}=${{{key}}}" for key in keys)])
    return properties.get("storage.location.template", default).rstrip("/").lower() == default.lower()


def _within(path: str, rules: dict[str, Accepts]) -> bool:
    values = dict(folder.split("=", 1) for folder in path.split("/")[:-1] if "=" in folder)
    return all(key in values and accepts(unquote(values[key])) for key, accepts in rules.items())


def _rule(properties: dict[str, str], prefix: str, now: datetime.datetime) -> Accepts:
    kind = properties.get(prefix + "type", "").lower()
    if kind == "enum":
        values = [value.strip() for value in properties[prefix + "values"].split(",")]
        return lambda value: value in values
    if kind == "integer":
        return _integers(properties[prefix + "range"], int(properties.get(prefix + "digits", "0")))
    if kind == "date":
        return _dates(properties[prefix + "range"], properties[prefix + "format"], now)
    return lambda value: True


def _integers(bounds: str, digits: int) -> Accepts:
    low, high = (int(bound) for bound in bounds.split(","))
    return lambda value: value.isdigit() and value == str(int(value)).zfill(digits) and low <= int(value) <= high


def _dates(bounds: str, java: str, now: datetime.datetime) -> Accepts:
    form = java.replace("'", "")
    for letters, directive in _LETTERS:
        form = form.replace(letters, directive)
    low, high = (_bound(bound.strip(), form, now) for bound in bounds.split(","))

    def accepts(value: str) -> bool:
        try:
            day = datetime.datetime.strptime(value, form)
        except ValueError:
            return False
        return day.strftime(form) == value and low <= day <= high

    return accepts


def _bound(text: str, form: str, now: datetime.datetime) -> datetime.datetime:
    """Parse a date in the format, or NOW with steps such as NOW-3YEARS or NOW+1DAY, truncated to the format."""
    match = _NOW.fullmatch(text)
    if not match:
        return datetime.datetime.strptime(text, form)
    moment = now
    for count, unit in _STEP.findall(match[1]):
        moment = _step(moment, int(count), unit)
    return datetime.datetime.strptime(moment.strftime(form), form)


def _step(moment: datetime.datetime, count: int, unit: str) -> datetime.datetime:
    if unit not in ("YEAR", "MONTH"):
        return moment + datetime.timedelta(**{unit.lower() + "s": count})
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    following = (first + datetime.timedelta(days=31)).replace(day=1)
    return first.replace(day=min(moment.day, (following - datetime.timedelta(days=1)).day))
