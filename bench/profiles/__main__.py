"""python -m profiles: profile a task with py-spy, and the database with its performance schema."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import boto3
import pyarrow as pa
from load import events, servers

from awsglue_testing.ports import free_port
from store_events.load.batch import Plan
from store_events.source import objects, reader
from testsupport import certificates, dbserver, loads, tools
from testsupport.loads import a_plan
from testsupport.stack import Stack

_FOLDER = Path(__file__).parent
_SECONDS = 600  # The maximum duration: py-spy is interrupted when the task ends.
_MOST = 25  # Lines per table.
_WARM_ROWS = 20_000
_OPTIONS = (
    "--innodb-buffer-pool-size=128M", "--performance-schema=ON",
    "--loose-performance-schema-consumer-events-statements-cpu=ON",
)  # fmt: skip
_TASK = "attempt_all "  # Samples without this function are not the worker's.
_PICO = 1e12  # The performance schema counts picoseconds.
_DIGESTS = (
    "select digest_text, count_star, sum_timer_wait, sum_cpu_time, sum_rows_affected"
    " from performance_schema.events_statements_summary_by_digest"
    " where schema_name = database() order by sum_timer_wait desc limit 12"
)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench/profiles/run", description="Profile a load.")
    parser.add_argument("--rows", type=int, default=500_000)
    options = parser.parse_args(argv)
    with servers.running() as (spark, bookmark), _database() as database, tempfile.TemporaryDirectory() as folder:
        stack = Stack.create(spark, database, bookmark)
        warm, source = (events.store(rows, 16, 1) for rows in (_WARM_ROWS, options.rows))
        with a_plan(stack, commit_rows=500_000) as plan:
            _task(plan, warm)
            # Otherwise events of the warm-up would be duplicates.
            database.rows(f"truncate {plan.target.table}")
            database.rows("truncate performance_schema.events_statements_summary_by_digest")
            raw = Path(folder, "stacks")
            with _sampled(raw):
                _task(replace(plan, run_number=2), source)
        digests, stacks = database.rows(_DIGESTS), raw.read_text()
    _FOLDER.joinpath("worker.txt").write_text(_stacks(stacks, options.rows))
    _FOLDER.joinpath("worker.svg").write_text(flame_graph(stacks))
    _FOLDER.joinpath("database.md").write_text(_statements(digests, options.rows))
    return 0


def _task(plan: Plan, source: events.Input) -> None:
    """Load all objects as a Spark worker does, but in this process, so that the profile has nothing else."""
    client = boto3.client("s3", region_name=plan.region)
    listed = [one for location in source.locations for one in objects.listed(client, location)]
    texts = {"objects": [json.dumps([asdict(one) for one in listed])]}
    loads.attempt_all(plan, reader.items([pa.RecordBatch.from_pydict(texts)], plan.region))


@contextmanager
def _database() -> Iterator[dbserver.Server]:
    with tempfile.TemporaryDirectory(prefix="bench-profiles-") as name:
        folder = Path(name)
        dbserver.install(folder)
        server = dbserver.Server(free_port(), certificates.write(folder), folder / "s")
        process = dbserver.start(folder, server.port, *_OPTIONS)
        try:
            tools.wait(lambda: dbserver._ready(server, process), "the database")
            dbserver._prepare(server)
            yield server
        finally:
            process.kill()
            process.wait()


@contextmanager
def _sampled(raw: Path) -> Iterator[None]:
    """Sample the stacks of this process while it uses a CPU."""
    spy = Path(os.environ["STORE_EVENTS_PEERS"]).parent / "py-spy"
    options = ["--format", "raw", "--rate", "100", "--duration", str(_SECONDS), "--output", str(raw)]
    process = subprocess.Popen([spy, "record", "--pid", str(os.getpid()), *options])
    try:
        time.sleep(1)
        yield
    finally:
        process.send_signal(2)
        process.wait()


def _stacks(raw: str, rows: int) -> str:
    """Format the functions with the most self time and total time, from lines "a;b;c samples"."""
    alone: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for frames, count in _parsed(raw):
        alone[frames[-1]] += count
        whole.update(dict.fromkeys(frames, count))
    total = sum(alone.values()) or 1
    lines = [f"The stacks of a worker that loads {rows} rows, as shares of {total} samples.", ""]
    for title, counted in (("self time", alone), ("total time", whole)):
        lines += [title, *(f"{count / total:8.1%}  {name}" for name, count in counted.most_common(_MOST)), ""]
    return "\n".join(lines)


def _parsed(raw: str) -> Iterator[tuple[list[str], int]]:
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [_short(frame) for frame in stack.split(";")]
        if any(frame.startswith(_TASK) for frame in frames):
            yield frames[next(i for i, frame in enumerate(frames) if frame.startswith(_TASK)) :], int(count)


def _short(frame: str) -> str:
    """Remove the line number and the folder from a frame: "rows (fast_path.py)"."""
    name, _, place = frame.partition(" (")
    return f"{name} ({Path(place.split(':')[0].rstrip(')')).name})"


_WIDTH, _HIGH, _LEAST = 1200, 16, 2.0  # Pixels; narrower boxes are left out.


def flame_graph(raw: str) -> str:
    """Draw a flame graph: a box is as wide as its share, and the boxes above it are its callees."""
    tree: dict[tuple[str, ...], int] = {}
    for frames, count in _parsed(raw):
        for depth in range(1, len(frames) + 1):
            tree[tuple(frames[:depth])] = tree.get(tuple(frames[:depth]), 0) + count
    total = sum(count for path, count in tree.items() if len(path) == 1) or 1
    starts: dict[tuple[str, ...], float] = {}
    after: dict[tuple[str, ...], float] = {}
    boxes = []
    for path in sorted(tree):
        wide = tree[path] / total * _WIDTH
        starts[path] = after[path] = after.get(path[:-1], 0.0)
        after[path[:-1]] = starts[path] + wide
        if wide >= _LEAST:
            boxes.append((len(path), starts[path], wide, path[-1], tree[path] / total))
    high = (max((box[0] for box in boxes), default=0) + 1) * _HIGH
    drawn = [_box(*box, high) for box in boxes]
    attributes = 'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11"'
    head = f'<svg {attributes} viewBox="0 0 {_WIDTH} {high}">'
    return "\n".join([head, *drawn, "</svg>", ""])


def _box(depth: int, start: float, wide: float, name: str, share: float, high: int) -> str:
    text = name.replace("&", "&amp;").replace("<", "&lt;")
    shown = text if len(name) * 6.2 < wide else ""
    y = high - depth * _HIGH
    hue = sum(name.encode()) % 40 + 15
    return (
        f'<g><title>{text}, {share:.1%}</title><rect x="{start:.1f}" y="{y}" width="{wide:.1f}" height="{_HIGH - 1}"'
        f' fill="hsl({hue} 80% 65%)"/><text x="{start + 3:.1f}" y="{y + 11}" fill="#222">{shown}</text></g>'
    )


def _statements(digests: list[tuple[object, ...]], rows: int) -> str:
    lines = [
        f"The database's statements in a load of {rows} rows, from `events_statements_summary_by_digest`. Time is the",
        "server's, including the wait for the worker's rows. Processor time is 0 where the server does not measure it.",
        "",
        "| seconds | processor seconds | times | rows | statement |",
        "| --- | --- | --- | --- | --- |",
    ]
    for text, count, waited, used, affected in digests:
        short = " ".join(str(text).split())
        short = short if len(short) < 160 else short[:157] + "…"
        lines.append(f"| {_s(waited)} | {_s(used)} | {count} | {affected} | `{short.replace('`', '')}` |")
    return "\n".join([*lines, ""])


def _s(picoseconds: object) -> str:
    return f"{int(str(picoseconds)) / _PICO:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
