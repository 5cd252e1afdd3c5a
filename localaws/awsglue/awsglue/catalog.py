"""Tables of the Data Catalog over S3, for readers and writers.

https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html
"""

import json
from dataclasses import dataclass, field
from typing import Any

import boto3

# Formats by the class name of the serializers that Glue's crawlers and Athena set.
_SERDES = {
    "JsonSerDe": "json",
    "ParquetHiveSerDe": "parquet",
    "LazySimpleSerDe": "csv",
    "OpenCSVSerde": "csv",
}


@dataclass(frozen=True)
class Column:
    """A column. `kind` is its Hive type."""

    name: str
    kind: str


@dataclass(frozen=True)
class Partition:
    """A folder with its values of the partition keys."""

    location: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table over S3."""

    location: str
    format: str
    columns: list[Column]
    partition_keys: list[Column]
    parameters: dict[str, str] = field(default_factory=dict)
    serde: dict[str, str] = field(default_factory=dict)

    @property
    def exclusions(self) -> list[str]:
        """Glob patterns of the objects that the table's crawler excludes."""
        excluded: list[str] = json.loads(self.parameters.get("exclusions", "[]"))
        return excluded


def table(database: str, name: str, catalog_id: str | None = None) -> Table:
    """Return a table. Raise EntityNotFoundException if it does not exist, and ValueError if it is not on S3."""
    found = boto3.client("glue").get_table(DatabaseName=database, Name=name, **_catalog(catalog_id))["Table"]
    storage = found.get("StorageDescriptor", {})
    location = storage.get("Location", "")
    if not location.startswith("s3://"):
        raise ValueError(f"table {database}.{name}: location {location!r} must be on S3")
    parameters = found.get("Parameters", {})
    serde = storage.get("SerdeInfo", {})
    kind = parameters.get("classification") or _SERDES.get(serde.get("SerializationLibrary", "").rsplit(".", 1)[-1], "")
    return Table(
        location,
        kind,
        _columns(storage.get("Columns", [])),
        _columns(found.get("PartitionKeys", [])),
        parameters,
        serde.get("Parameters", {}),
    )


def partitions(
    database: str, name: str, keys: list[Column], expression: str = "", catalog_id: str | None = None
) -> list[Partition]:
    """Return the partitions of a table, filtered by GetPartitions' expression."""
    pages = boto3.client("glue").get_paginator("get_partitions")
    request = {"DatabaseName": database, "TableName": name, **_catalog(catalog_id)}
    if expression:
        request["Expression"] = expression
    found = []
    for page in pages.paginate(**request):
        for entry in page["Partitions"]:
            values = tuple(entry["Values"])
            if len(values) != len(keys):
                raise ValueError(f"table {database}.{name}: partition {values} must have {len(keys)} values")
            found.append(Partition(entry["StorageDescriptor"]["Location"], values))
    return found


def _catalog(catalog_id: str | None) -> dict[str, str]:
    return {"CatalogId": catalog_id} if catalog_id else {}


def _columns(described: list[dict[str, Any]]) -> list[Column]:
    return [Column(column["Name"], column.get("Type", "string")) for column in described]
