"""Writes dynamic frames to S3.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-writer.html
"""

from typing import TYPE_CHECKING, Any

from awsglue import catalog, formats
from awsglue.dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from awsglue.context import GlueContext


class DynamicFrameWriter:
    """The type of `GlueContext.write_dynamic_frame`. It adds objects, and none for a frame without rows."""

    def __init__(self, glue_context: "GlueContext") -> None:
        self._glue = glue_context

    def from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        **_: Any,
    ) -> DynamicFrame:
        """Write to the S3 path in the options. Options: path, partitionKeys, compression."""
        options, form = connection_options or {}, dict(format_options or {})
        if connection_type not in ("s3", "parquet"):
            raise NotImplementedError(f"connection type {connection_type!r} is not supported, only s3")
        name = formats.check("parquet" if connection_type == "parquet" else format, form)
        if "compression" in options:
            form.setdefault("compression", options["compression"])
        _write(frame, name, options["path"], form, list(options.get("partitionKeys", [])))
        return frame

    def from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: dict[str, Any] | None = None,
        catalog_id: str | None = None,
        **kwargs: Any,
    ) -> DynamicFrame:
        """Write to the location of a table, in its format. New partitions are not added to the catalog."""
        database = database or kwargs.get("name_space")
        if not database or not table_name:
            raise ValueError("from_catalog: database and table_name are required")
        table = catalog.table(database, table_name, catalog_id)
        keys = [key.name for key in table.partition_keys]
        _write(frame, formats.check(table.format, {}), table.location, {"writeHeader": False}, keys)
        return frame


def _write(frame: DynamicFrame, name: str, path: str, form: dict[str, Any], keys: list[str]) -> None:
    rows = frame.toDF()
    if rows.columns and not rows.isEmpty():
        formats.write(rows, name, path, form, keys)
