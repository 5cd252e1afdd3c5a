"""python -m curves: the measurement."""

import argparse
import json
import sys
import time
from functools import cache
from statistics import median
from typing import Any

from load import events, measure, processor, servers
from load.events import Input
from load.ways import GUARANTEED, TWO_STEP, WAYS, plain
from pyspark.sql import SparkSession

from curves.points import S3_MS, SIZES, Size
from testsupport import bookmarks

PLAIN = "Spark's plain reading"


class Curves:
    """Measures points in a session. Each point is the median of `repeats` loads."""

    def __init__(self, spark: SparkSession, bookmark: bookmarks.Server, repeats: int) -> None:
        self._spark, self._bookmark, self._repeats = spark, bookmark, repeats
        self.points: list[dict[str, Any]] = []

    def measure(self, size: Size) -> None:
        self._load("warm", 0, events.store(5_000, 16, 0))
        self.points.clear()
        many = cache(lambda rows: events.store(rows, 16, 1))
        for rows in size.rows:
            self._load("rows", rows, many(rows))
            self._load("rows", rows, many(rows), TWO_STEP.name)
        for rows in size.one_object:
            source = events.store(rows, 1, 1, compressed=False)
            self._load("one object", rows, source)
            with processor.on_cores(1):
                self._load("one object, one core", rows, source)
        for name, delay in (("objects", 0), (f"objects, S3 {S3_MS} ms away", S3_MS)):
            servers.delay_objects(delay)
            for count in size.objects:
                self._load(name, count, events.store(count, count, 1, compressed=False))
            self._read(name, events.store(size.objects_read, size.objects_read, 1, compressed=False))
        servers.delay_objects(0)
        for way, counts in size.delay_rows.items():
            for delay, rows in zip(size.delays, counts, strict=True):
                self._load("database away", delay, many(rows), way, delay)

    def _load(self, curve: str, x: int, source: Input, way: str = GUARANTEED.name, delay: int = 0) -> None:
        """Measure a point of a way. Each load uses a new database, so all objects are new."""
        chosen = next(w for w in WAYS if w.name == way)
        found = [measure.once(self._spark, self._bookmark, chosen, source, delay) for _ in range(self._repeats)]
        rate = median(source.rows / one.seconds for one in found)
        used = median(one.processor["workers"] / source.rows * 1e6 for one in found)
        memory = max(one.worker_mb for one in found)
        self._add(curve, x, source, way, rate, worker_mb=round(memory), worker_seconds_per_million=round(used, 2))

    def _read(self, curve: str, source: Input) -> None:
        rates = []
        for _ in range(self._repeats):
            start = time.monotonic()
            plain(self._spark, source).write.format("noop").mode("overwrite").save()
            rates.append(source.rows / (time.monotonic() - start))
        self._add(curve, source.objects, source, PLAIN, median(rates))

    def _add(self, curve: str, x: int, source: Input, way: str, rate: float, **more: float) -> None:
        point = {
            "curve": curve, "x": x, "way": way, "rows": source.rows, "objects": source.objects,
            "bytes": source.compressed_bytes, "rows_per_second": round(rate, 1), **more,
        }  # fmt: skip
        self.points.append(point)
        sys.stderr.write(f"{curve}, {x}, {way}: {rate:.0f} rows/s\n")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/curves/run", description="Measure how the job scales.")
    parser.add_argument("--size", choices=SIZES, default="small", help="number and size of the points")
    parser.add_argument("--repeats", type=int, default=1, help="loads per point, of which the median is used")
    parser.add_argument("--output", choices=("json",), default="json")
    options = parser.parse_args(argv)
    with servers.running() as (spark, bookmark):
        curves = Curves(spark, bookmark, options.repeats)
        curves.measure(SIZES[options.size])
    sys.stdout.write(json.dumps({"repeats": options.repeats, "points": curves.points}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
