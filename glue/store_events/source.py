"""The raw lines of the streams, read incrementally: the job's only contact with Glue's own API."""

import logging
from functools import reduce
from typing import Any

import boto3
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from store_events.contract import Contract

_log = logging.getLogger(__name__)
# A control character that JSON allows nowhere unescaped: as a separator it cuts no valid line.
_SEPARATOR = "\u0001"
_OBJECT = "source_object"


class SourceError(Exception):
    """There is nothing that could be read."""


def locations(database: str, table_prefix: str, contract: Contract) -> dict[str, str]:
    """The S3 location of each stream's raw table. A stream without a table has no events yet.

    Raises SourceError if no stream has a table.
    """
    glue = boto3.client("glue")
    found: dict[str, str] = {}
    for stream in contract.streams:
        try:
            table = glue.get_table(DatabaseName=database, Name=table_prefix + stream)["Table"]
        except glue.exceptions.EntityNotFoundException:
            _log.warning("catalog table %s.%s%s does not exist; its stream is skipped", database, table_prefix, stream)
            continue
        found[stream] = table["StorageDescriptor"]["Location"]
    if not found:
        tables = ", ".join(table_prefix + s for s in contract.streams)
        raise SourceError(f"catalog database {database} has none of the tables {tables}: run the crawler first")
    return found


def read(glue_context: Any, found: dict[str, str]) -> DataFrame | None:
    """New lines of all streams: columns line, source_object. None if there are none.

    The format is csv with a separator that is in no event, so that each line arrives as it is: of Glue's formats
    with bookmarks, grouping and file names this is the one that keeps lines which are not JSON.
    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-csv-home.html
    """
    frames = [lines(_increment(glue_context, stream, location)) for stream, location in found.items()]
    some = [frame for frame in frames if frame is not None]
    return reduce(DataFrame.unionByName, some) if some else None


def _increment(glue_context: Any, stream: str, location: str) -> DataFrame:
    frame = glue_context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [location], "recurse": True, "groupFiles": "inPartition"},
        format="csv",
        format_options={
            "separator": _SEPARATOR,
            "quoteChar": -1,
            "withHeader": False,
            "attachFilename": _OBJECT,
        },
        transformation_ctx=stream,
    )
    result: DataFrame = frame.toDF()
    return result


def lines(frame: DataFrame) -> DataFrame | None:
    """Lines put together again from Glue's columns col0, col1, …; None for a frame of an empty increment."""
    parts = sorted((c for c in frame.columns if c != _OBJECT), key=lambda c: int(c.removeprefix("col")))
    if not parts:
        return None
    line = F.concat_ws(_SEPARATOR, *(F.col(c) for c in parts))
    return frame.select(line.alias("line"), F.col(_OBJECT))
