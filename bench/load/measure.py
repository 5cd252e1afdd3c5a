"""Loads with each way in turn, each into a separate database, and measures the time."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from load import processor, servers
from load.events import Input
from load.ways import TABLE, WAYS, Way
from testsupport import bookmarks
from testsupport.stack import Stack


class CountError(Exception):
    """A way did not load each event once."""


@dataclass(frozen=True)
class Measurement:
    """One load: seconds until it ended and until its last rows were committed, and of processors by process."""

    way: str
    rows: int
    seconds: float
    commit_seconds: float
    processor: Counter[str]


def rounds(
    spark: SparkSession, bookmark: bookmarks.Server, repeats: int, large: Input, small: Input
) -> Iterator[Measurement]:
    """Each way once a round; a round begins with the way after the one that the last round began with."""
    for number in range(repeats):
        start = number % len(WAYS)
        for way in WAYS[start:] + WAYS[:start]:
            yield once(spark, bookmark, way, small if way.slow else large)


def once(spark: SparkSession, bookmark: bookmarks.Server, way: Way, source: Input) -> Measurement:
    """One load into a new database. Raises CountError unless the table has as many rows, and keys, as there are events.

    The database's start is not part of the time.
    """
    bookmark.version, bookmark.state = 0, {}
    with servers.database() as database:
        stack = Stack.create(spark, database, bookmark)
        used, start, began = processor.seconds(), time.monotonic(), datetime.now(UTC)
        committed = way.load(stack, source)
        seconds = time.monotonic() - start
        spent = processor.seconds() - used
        [counts] = database.rows(f"select count(*), count(distinct request_id) from {TABLE}")
    if counts != (source.rows, source.rows):
        raise CountError(f"{way.name}: {source.rows} events, but {counts[0]} rows with {counts[1]} keys in the table")
    commit_seconds = (committed - began).total_seconds() if committed else seconds
    return Measurement(way.name, source.rows, seconds, commit_seconds, spent)
