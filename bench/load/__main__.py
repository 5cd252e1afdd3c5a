"""python -m load: the comparison."""

import argparse
import json
import sys
from typing import Any

from load import events, measure, report, servers
from load.ways import WAYS

_WARM_ROWS = 20_000  # Enough to warm up the JVM's compiler for each way.


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    result = _compare(options)
    sys.stdout.write((json.dumps(result, indent=2) if options.output == "json" else report.text(result)) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/load/run", description="Compare ways to load events into MySQL.")
    parser.add_argument("--rows", type=int, default=500_000, help="events to load with the fast ways")
    parser.add_argument("--append-rows", type=int, default=100_000, help="events to load with the slow ways")
    parser.add_argument("--objects", type=int, default=16, help="objects to store the events in")
    parser.add_argument("--repeats", type=int, default=5, help="measured loads per way, after a warm-up")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random events")
    parser.add_argument("--ways", nargs="+", choices=[w.name for w in WAYS], default=[w.name for w in WAYS])
    parser.add_argument("--output", choices=("text", "json"), default="text")
    return parser


def _compare(options: argparse.Namespace) -> dict[str, Any]:
    measured = []
    ways = [way for way in WAYS if way.name in options.ways]
    with servers.running() as (spark, bookmark):
        _say(f"storing {options.rows}, {options.append_rows} and {_WARM_ROWS} events")
        large, small, warm = (
            events.store(rows, options.objects, options.seed)
            for rows in (options.rows, options.append_rows, _WARM_ROWS)
        )
        for way in ways:
            measure.once(spark, bookmark, way, warm)
        for one in measure.rounds(spark, bookmark, options.repeats, ways, (large, small)):
            measured.append(one)
            _say(f"{one.way}: {one.rows} rows in {one.seconds:.2f} s, {one.rows / one.seconds:.0f} rows/s")
        with servers.database() as database:
            machine = report.machine(database)
    return {
        "repeats": options.repeats,
        "objects": options.objects,
        "compressed_bytes": large.compressed_bytes,
        "ways": report.summary(measured),
        "machine": machine,
    }


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
