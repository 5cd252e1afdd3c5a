"""python -m increment: the benchmark."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from load import report, servers
from pyspark.sql import SparkSession

from testsupport import bookmarks, history
from testsupport.history import History
from testsupport.stack import Stack

_PER_BATCH = 100  # Objects per batch, and batches per run, in the history.


class ListingError(Exception):
    """A run was not a feed run, or did not load exactly the new events."""


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    with servers.running() as (spark, bookmark):
        found = [one for size in options.history for one in _behind(spark, bookmark, size, options)]
        with servers.database() as database:
            machine = report.machine(database)
    base = found[0]["median_seconds"]
    result = {
        "events": options.events,
        "objects": options.objects,
        "increments": [{**one, "ratio": one["median_seconds"] / base} for one in found],
        "machine": machine,
    }
    sys.stdout.write((json.dumps(result, indent=2) if options.output == "json" else _text(result)) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/increment/run", description="Measure increments after a history.")
    parser.add_argument("--events", type=int, default=10_000, help="new events per increment")
    parser.add_argument("--objects", type=int, default=100, help="objects per increment")
    parser.add_argument("--history", type=int, nargs="+", default=[0, 100_000, 1_000_000], help="sizes of histories")
    parser.add_argument("--repeats", type=int, default=5, help="measured increments, after a warm-up")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    return parser


def _behind(
    spark: SparkSession, bookmark: bookmarks.Server, size: int, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Measure the increments after a history of `size` objects."""
    with servers.database() as database:
        stack = Stack.create(spark, database, bookmark)
        stack.run()
        if size:
            began = time.monotonic()
            batches = -(-size // _PER_BATCH)
            history.add(stack, History(-(-batches // _PER_BATCH), batches, size))
            _say(f"generated a history of {size} objects in {time.monotonic() - began:.0f} s")
        seconds = [_increment(stack, number, options) for number in range(options.repeats + 1)][1:]
        _say(f"after {size} objects: {', '.join(f'{s:.2f}' for s in seconds)} s")
    yield {"history": size, "seconds": seconds, "median_seconds": median(seconds)}


def _increment(stack: Stack, number: int, options: argparse.Namespace) -> float:
    """Return the seconds of a feed run. Raise ListingError if it did not load exactly the new events."""
    keys = [f"sale_events/dt=2026-05-01/{number}-{n}.json" for n in range(options.objects)]
    for n, key in enumerate(keys):
        events = range(options.events * n // options.objects, options.events * (n + 1) // options.objects)
        stack.put(key, [json.dumps({"request_id": f"{number}-{i}", "qty": i % 38}).encode() for i in events])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"feed/{number}.json", Body=json.dumps({"keys": keys}))
    began = time.monotonic()
    summary = stack.run(feed=True)
    seconds = time.monotonic() - began
    if (summary["listing"], summary["rows_new"]) != ("feed", options.events):
        raise ListingError(f"listing {summary['listing']}, {summary['rows_new']} of {options.events} events")
    return seconds


def _text(result: dict[str, Any]) -> str:
    lines = [f"{result['events']} events in {result['objects']} objects", f"{'history':>10}{'seconds':>9}{'ratio':>7}"]
    lines += [f"{e['history']:>10}{e['median_seconds']:>9.2f}{e['ratio']:>7.2f}" for e in result["increments"]]
    return "\n".join([*lines, ", ".join(f"{k} {v}" for k, v in result["machine"].items())])


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
