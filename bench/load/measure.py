"""Measures loads with each way in turn, each into a separate database."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
from pyspark.sql import SparkSession

from load import events, processor, servers
from load.events import Input
from load.ways import TABLE, Way
from testsupport import bookmarks, dbserver
from testsupport.stack import Stack


class CountError(Exception):
    """A way did not load each event once."""


@dataclass(frozen=True)
class Measurement:
    """A load: seconds until its end and until the last rows were committed, and CPU time by process."""

    way: str
    rows: int
    seconds: float
    commit_seconds: float
    processor: Counter[str]
    worker_mb: float  # The maximum resident memory of a worker of the job.
    versions: dict[str, str]


def rounds(
    spark: SparkSession, bookmark: bookmarks.Server, repeats: int, ways: Sequence[Way], inputs: tuple[Input, Input]
) -> Iterator[Measurement]:
    """Measure each way once per round. Each round begins with the next way. Slow ways load the second input."""
    large, small = inputs
    for number in range(repeats):
        start = number % len(ways)
        for way in (*ways[start:], *ways[:start]):
            yield once(spark, bookmark, way, small if way.slow else large)


def once(spark: SparkSession, bookmark: bookmarks.Server, way: Way, source: Input, delay_ms: int = 0) -> Measurement:
    """Measure a load into a new database with a round trip of `delay_ms`. Raise CountError unless the table has each
    event once, with its values.

    The time excludes starting the database and emptying the bucket. With an earlier job's files in the bucket, the job
    would treat the new database as restored. The events are not in that bucket, see bench/objects.
    """
    bookmark.version, bookmark.state = 0, {}
    boto3.resource("s3").Bucket(source.bucket).objects.all().delete()
    with servers.database() as database, servers.delayed(database, delay_ms) as reached:
        stack = Stack.create(spark, reached, bookmark)
        used, start, began = processor.seconds(), time.monotonic(), datetime.now(UTC)
        with processor.peak() as memory:
            ended = way.load(stack, source)
        seconds = ended.seconds or time.monotonic() - start
        spent = processor.seconds() - used
        if ended.processor is not None:
            spent["peer"] = ended.processor  # type: ignore[assignment]
            del spent["driver"]
        verify(database, way, source)
    commit_seconds = (ended.committed - began).total_seconds() if ended.committed else seconds
    return Measurement(way.name, source.rows, seconds, commit_seconds, spent, memory.mb, ended.versions)


def verify(database: dbserver.Server, way: Way, source: Input) -> None:
    """Raise CountError unless the table has each event once, with its values."""
    [(rows, keys, whole, without)] = database.rows(events.sums_in(TABLE))
    if (rows, keys) != (source.rows, source.rows):
        raise CountError(f"{way.name}: {source.rows} events, but {rows} rows with {keys} keys in the table")
    if without != source.sums.without_times or (way.exact and whole != source.sums.whole):
        raise CountError(f"{way.name}: {rows} rows, but not with the values of the events")
