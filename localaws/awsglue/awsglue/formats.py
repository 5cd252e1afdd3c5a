"""Reads and writes the supported formats: json, csv and parquet.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

import re
from typing import Any

from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql import functions as F

FORMATS = ("json", "csv", "parquet")

# The URI of a row's object, which Spark percent-encodes.
_OBJECT = "url_decode(replace(input_file_name(), '+', '%2B'))"

# Characters that Spark interprets as a glob pattern. Its option __globPaths__ does not help: with it, Spark reads the
# other paths in the list again for each path that looks like a pattern.
_GLOB_CHARACTERS = re.compile(r"[\\*?\[\]{}]")

# Unsupported options that change the result, with their neutral value.
_UNSUPPORTED: dict[str, Any] = {"jsonPath": "", "escaper": "", "skipFirst": False}


def check(format: str | None, options: dict[str, Any]) -> str:
    """Return the canonical name of a format. Raise NotImplementedError for unsupported formats and options."""
    name = {"glueparquet": "parquet"}.get(format or "", format or "")
    if name not in FORMATS:
        raise NotImplementedError(f"format {format!r} is not supported, only {', '.join(FORMATS)}")
    for option, neutral in _UNSUPPORTED.items():
        if options.get(option, neutral) != neutral:
            raise NotImplementedError(f"format option {option} of {name} is not supported")
    return name


def read(spark: SparkSession, format: str, uris: list[str], options: dict[str, Any], object_column: str) -> DataFrame:
    """Return the rows of the objects, with the URI of each row's object in `object_column`."""
    literal = [_GLOB_CHARACTERS.sub(r"\\\g<0>", uri) for uri in uris]
    frame = {"json": _json, "csv": _csv, "parquet": _parquet}[format](spark.read, literal, options)
    if "attachFilename" in options:
        frame = frame.withColumn(options["attachFilename"], F.expr(_OBJECT))
    return frame.withColumn(object_column, F.expr(_OBJECT))


def _json(reader: DataFrameReader, uris: list[str], options: dict[str, Any]) -> DataFrame:
    return reader.option("multiLine", str(options.get("multiline", False)).lower()).json(uris)


def _parquet(reader: DataFrameReader, uris: list[str], options: dict[str, Any]) -> DataFrame:
    return reader.option("mergeSchema", "true").parquet(*uris)


def _csv(reader: DataFrameReader, uris: list[str], options: dict[str, Any]) -> DataFrame:
    """Read all values as strings. Without a header line, the columns are named col0, col1, …"""
    header = bool(options.get("withHeader", False))
    frame = (
        reader.option("header", str(header).lower())
        .option("sep", options.get("separator", ","))
        .option("quote", _quote(options))
        .option("escape", '"')
        .option("multiLine", str(options.get("multiLine", False)).lower())
        .csv(uris)
    )
    if header:
        return frame
    return frame.toDF(*(f"col{i}" for i in range(len(frame.columns))))


def _quote(options: dict[str, Any]) -> str:
    """Return Spark's quote option. An empty string disables quoting, as -1 does in Glue."""
    quote = options.get("quoteChar", '"')
    return "" if quote == -1 else str(quote)


def write(frame: DataFrame, format: str, path: str, options: dict[str, Any], partition_keys: list[str]) -> None:
    """Add objects below the path. Like Glue, write no marker object."""
    writer: DataFrameWriter = frame.write.mode("append").option(
        "mapreduce.fileoutputcommitter.marksuccessfuljobs", "false"
    )
    if partition_keys:
        writer = writer.partitionBy(*partition_keys)
    if "compression" in options:
        writer = writer.option("compression", options["compression"])
    if format == "csv":
        writer = (
            writer.option("header", str(options.get("writeHeader", True)).lower())
            .option("sep", options.get("separator", ","))
            .option("quote", _quote(options) or "\u0000")
        )
    writer.format(format).save(path)
