"""Reads S3 objects that a job has not read yet.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-reader.html
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from awsglue import casts, catalog, formats
from awsglue.bookmark import BAND_S
from awsglue.catalog import Column, Partition, Table
from awsglue.dynamicframe import DynamicFrame
from awsglue.s3 import S3Object, list_objects

if TYPE_CHECKING:
    from awsglue.context import GlueContext

_OBJECT_COLUMN = "__object"


class DynamicFrameReader:
    """The type of `GlueContext.create_dynamic_frame`."""

    def __init__(self, glue_context: "GlueContext") -> None:
        self._glue = glue_context

    def from_rdd(self, data: Any, name: str, schema: Any = None, sampleRatio: float | None = None) -> DynamicFrame:
        return DynamicFrame(self._glue.spark_session.createDataFrame(data, schema, sampleRatio), self._glue, name)

    def from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **_: Any,
    ) -> DynamicFrame:
        """Return new rows of the S3 objects in the option paths. The connection type is s3, or parquet for that format.

        Options: paths, recurse, exclusions, maxBand. Other options, which only group or limit the input, are ignored.
        """
        options, form = connection_options or {}, format_options or {}
        if connection_type == "parquet":
            connection_type, format = "s3", "parquet"
        if connection_type != "s3":
            raise NotImplementedError(f"connection type {connection_type!r} is not supported, only s3")
        name = formats.check(format, form)
        exclusions = _listed(options.get("exclusions"))
        recurse = bool(options.get("recurse", False))
        objects = [o for path in options["paths"] for o in list_objects(path, recurse, exclusions)]
        new = self._glue.bookmark.select(transformation_ctx, objects, float(options.get("maxBand", BAND_S)))
        if not new:
            return DynamicFrame(None, self._glue)
        frame = formats.read(self._glue.spark_session, name, [o.uri for o in new], form, _OBJECT_COLUMN)
        return DynamicFrame(frame.drop(_OBJECT_COLUMN), self._glue)

    def from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Return new rows of a table of the catalog, with the partition keys as columns.

        push_down_predicate is a condition of Spark SQL on the partition keys. Additional options:
        catalogPartitionPredicate, and those of from_options. Raise EntityNotFoundException if the table does not exist.
        """
        database = database or kwargs.get("name_space")
        if not database or not table_name:
            raise ValueError("from_catalog: database and table_name are required")
        options = additional_options or {}
        table = catalog.table(database, table_name, catalog_id)
        name = formats.check(table.format, {})
        partitions = [Partition(table.location)]
        if table.partition_keys:
            expression = options.get("catalogPartitionPredicate", "")
            listed = catalog.partitions(database, table_name, table.partition_keys, expression, catalog_id)
            partitions = self._matching(listed, table.partition_keys, push_down_predicate)
        sources = _sources(partitions, [*table.exclusions, *_listed(options.get("exclusions"))])
        objects = [source.object for source in sources]
        new = set(self._glue.bookmark.select(transformation_ctx, objects, float(options.get("maxBand", BAND_S))))
        sources = [source for source in sources if source.object in new]
        if not sources:
            return DynamicFrame(None, self._glue, table_name)
        return DynamicFrame(self._frame(table, name, sources), self._glue, table_name)

    def _frame(self, table: Table, name: str, sources: list["_Source"]) -> DataFrame:
        uris = [source.object.uri for source in sources]
        frame = formats.read(self._glue.spark_session, name, uris, _csv_options(table), _OBJECT_COLUMN)
        if name == "csv":
            frame = _named(frame, table.columns)
        return self._with_partition_keys(frame, table.partition_keys, sources).drop(_OBJECT_COLUMN)

    def _with_partition_keys(self, frame: DataFrame, keys: list[Column], sources: list["_Source"]) -> DataFrame:
        """Add the partition keys, with values from the catalog and not from the path."""
        if not keys:
            return frame
        frame = frame.drop(*(key.name for key in keys))
        values = self._strings(
            [_OBJECT_COLUMN, *(key.name for key in keys)], [(s.object.uri, *s.values) for s in sources]
        )
        joined = frame.join(F.broadcast(values), _OBJECT_COLUMN)
        return joined.select(*(F.col(f"`{name}`") for name in frame.columns), *_typed(keys))

    def _matching(self, partitions: list[Partition], keys: list[Column], predicate: str) -> list[Partition]:
        if not predicate or not partitions:
            return partitions
        numbered = [(str(i), *partition.values) for i, partition in enumerate(partitions)]
        rows = self._strings(["__i", *(key.name for key in keys)], numbered)
        typed = rows.select("__i", *_typed(keys))
        return [partitions[int(row[0])] for row in typed.where(predicate).select("__i").collect()]

    def _strings(self, names: list[str], rows: list[tuple[str, ...]]) -> DataFrame:
        schema = StructType([StructField(name, StringType()) for name in names])
        return self._glue.spark_session.createDataFrame(rows, schema)


@dataclass(frozen=True)
class _Source:
    """An object with its partition's values."""

    object: S3Object
    values: tuple[str, ...]


def _typed(keys: list[Column]) -> list[Any]:
    return [casts.cast(F.col(f"`{key.name}`"), key.kind).alias(key.name) for key in keys]


def _sources(partitions: list[Partition], exclusions: list[str]) -> list[_Source]:
    found: dict[str, _Source] = {}
    for partition in partitions:
        for o in list_objects(partition.location, exclusions=exclusions):
            found[o.uri] = _Source(o, partition.values)
    return list(found.values())


def _listed(exclusions: Any) -> list[str]:
    """Return the exclusions as a list. Glue accepts a list or its JSON."""
    if isinstance(exclusions, str):
        exclusions = json.loads(exclusions)
    return list(exclusions or [])


def _csv_options(table: Table) -> dict[str, Any]:
    options: dict[str, Any] = {"withHeader": table.parameters.get("skip.header.line.count", "0") != "0"}
    separator = table.serde.get("field.delim") or table.serde.get("separatorChar") or table.parameters.get("delimiter")
    if separator:
        options["separator"] = separator
    if "quoteChar" in table.serde:
        options["quoteChar"] = table.serde["quoteChar"]
    return options


def _named(frame: DataFrame, columns: list[Column]) -> DataFrame:
    """Return a CSV frame with the catalog's names and types, by position. Drop additional fields."""
    fields = [name for name in frame.columns if name != _OBJECT_COLUMN]
    typed = [
        casts.cast(F.col(f"`{name}`"), column.kind).alias(column.name)
        for name, column in zip(fields, columns, strict=False)
    ]
    return frame.select(*typed, _OBJECT_COLUMN)
