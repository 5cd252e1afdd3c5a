"""Reading of S3 objects line by line.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame-reader.html
"""

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from awsglue.bookmark import BAND_S, Bookmark
from awsglue.dynamicframe import DynamicFrame
from awsglue.s3 import S3Object, list_objects

# Spark percent-encodes a file's name.
_FILE_NAME = "url_decode(replace(input_file_name(), '+', '%2B'))"


class DynamicFrameReader:
    """What `GlueContext.create_dynamic_frame` is."""

    def __init__(self, spark: SparkSession, bookmark: Bookmark) -> None:
        self._spark = spark
        self._bookmark = bookmark

    def from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """New lines of S3 objects, cut at a separator: columns col0 and, where one is cut, col1.

        Takes the connection type s3 (options paths, maxBand; recurse must be true; grouping needs no option) and the
        format csv without quotes and header (options separator, attachFilename).
        """
        options, form = connection_options or {}, format_options or {}
        _supported(connection_type, options, format, form)
        objects = [o for path in options["paths"] for o in list_objects(path)]
        new = self._bookmark.select(transformation_ctx, objects, float(options.get("maxBand", BAND_S)))
        return DynamicFrame(self._spark, self._lines(new, form))

    def _lines(self, objects: list[S3Object], form: dict[str, Any]) -> Any:
        if not objects:
            return None
        reader = self._spark.read.option("lineSep", "\n").option("__globPaths__", "false")
        lines = reader.text([o.uri for o in objects])
        cut = F.split("value", f"\\Q{form.get('separator', ',')}\\E", 2)
        columns = [cut[0].alias("col0"), cut[1].alias("col1")]
        if "attachFilename" in form:
            columns.append(F.expr(_FILE_NAME).alias(form["attachFilename"]))
        return lines.select(*columns)


def _supported(connection: str, options: dict[str, Any], format: str | None, form: dict[str, Any]) -> None:
    if connection != "s3" or format != "csv":
        raise NotImplementedError(f"connection type {connection} with format {format}: only s3 with csv")
    if not options.get("recurse"):
        raise NotImplementedError("s3 without recurse")
    if form.get("quoteChar") != -1 or form.get("withHeader"):
        raise NotImplementedError("csv with quotes or a header line")
