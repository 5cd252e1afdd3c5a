"""python -m growth: the measurement."""

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from awsglue_testing.ports import free_port
from growth import workers
from growth.layouts import LAYOUTS, TABLE
from store_events.load import commit_size
from store_events.mysql import database
from testsupport import certificates, dbserver, tools

_OPTIONS = (
    "--loose-innodb-redo-log-capacity=512M", "--log-bin=binlog", "--server-id=1",
    "--loose-innodb-log-file-size=256M",
)  # fmt: skip
_ROW_BYTES = 200  # Approximate size of a producer's event.
_QUERIES = {
    "by day": f"select dt, count(*), sum(sales) from {TABLE} group by dt",
    "by store": f"select store_id, count(*), sum(sales) from {TABLE} group by store_id",
    "by category": f"select category, count(*), sum(qty) from {TABLE} where category = 'Books' group by category",
}


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    result = _measure(options)
    sys.stdout.write((json.dumps(result, indent=2) if options.output == "json" else _text(result)) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/growth/run", description="Measure loads into a growing table.")
    parser.add_argument("--rows", type=int, default=10_000_000, help="final number of rows in each table")
    parser.add_argument("--commit", type=int, default=500_000, help="rows per commit if the index fits the pool")
    parser.add_argument("--pool", type=int, default=128, help="the database's buffer pool in MiB")
    parser.add_argument("--layouts", choices=("both", "present"), default="both", help="layouts to measure")
    parser.add_argument("--tasks", type=int, default=2, help="number of concurrent tasks")
    parser.add_argument("--loads-only", action="store_true", help="skip repeating the last rows, queries and sizes")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    return parser


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    """Load the same rows into a table of each layout, alternating between two servers, then measure the rest."""
    layouts = LAYOUTS if options.layouts == "both" else LAYOUTS[:1]
    with ExitStack() as stack:
        servers = [stack.enter_context(_Server(options.pool)) for _ in layouts]
        connections = [workers.connect(server) for server in servers]
        for layout, connection in zip(layouts, connections, strict=True):
            layout.create(connection)
        tasks = stack.enter_context(workers.running(options.tasks, [s.socket for s in servers]))
        steps, size, number, key = [], 0, 0, ""
        while size < options.rows:
            rows = _commit(connections[0], options, options.rows - size)
            key = _make(tasks, rows)
            order = range(len(layouts)) if number % 2 else reversed(range(len(layouts)))
            rates = {LAYOUTS[i].name: _load(tasks, i, number, servers[i]) for i in order}
            size, number = size + rows * options.tasks, number + 1
            for connection in connections:
                database.execute(connection, "purge binary logs before now()")
            steps.append({"rows": size, "commit": rows, **rates})
            sys.stderr.write(f"{size} rows, {rows} a commit: {rates}\n")
        result = {"engine": dbserver.engine(), "steps": steps}
        if options.loads_only:
            return result
        again = {LAYOUTS[i].name: _load(tasks, i, number, servers[i]) for i in range(len(layouts))}
        reads = {
            layout.name: _reads(connection, layout.by_key.format(key))
            for layout, connection in zip(layouts, connections, strict=True)
        }
        sizes = {la.name: _size(c) for la, c in zip(layouts, connections, strict=True)}
    return {**result, "the last rows again": again, "reads": reads, "bytes": sizes}


class _Server:
    """A database server with the binary log on. `pool` is its buffer pool in MiB."""

    def __init__(self, pool: int) -> None:
        self._pool = f"--innodb-buffer-pool-size={pool}M"

    def __enter__(self) -> dbserver.Server:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-growth-")
        folder = Path(self._folder.name)
        dbserver.install(folder)
        server = dbserver.Server(free_port(), certificates.write(folder), folder / "s")
        self._process = dbserver.start(folder, server.port, self._pool, *_OPTIONS)
        tools.wait(lambda: dbserver._ready(server, self._process), "the database")
        dbserver._prepare(server)
        return server

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def _commit(connection: Any, options: argparse.Namespace, left: int) -> int:
    """Return the number of rows in a task's next commit, as the job chooses it, with `left` rows to load."""
    size = commit_size.for_run(connection, TABLE, options.commit, 0)
    return min(size.rows, size.bytes // _ROW_BYTES, -(-left // int(options.tasks)))


def _make(tasks: list[workers.Worker], rows: int) -> str:
    for task in tasks:
        task.send("make", rows)
    return [str(task.receive()) for task in tasks].pop()


def _load(tasks: list[workers.Worker], layout: int, number: int, server: dbserver.Server) -> dict[str, float]:
    """Load the generated rows with all tasks. Return rows per second, and the server's resources per million rows."""
    for i, task in enumerate(tasks):
        task.send("load", layout, number * 100_000_000 + i * 10_000)
    for task in tasks:
        task.receive()
    used, start = _used(server), time.monotonic()
    for task in tasks:
        task.send("go")
    rows = sum(task.receive() for task in tasks)
    seconds = time.monotonic() - start
    spent = {name: (now - used[name]) * 1e6 / rows for name, now in _used(server).items()}
    return {"rows_per_second": rows / seconds, **spent}


def _used(server: dbserver.Server) -> dict[str, float]:
    """Return what a server has used since its start: CPU seconds, and MB read from and written to disk. Unlike elapsed
    time, these do not depend on the machine's load. https://man7.org/linux/man-pages/man5/proc.5.html
    """
    process = Path("/proc", (server.socket.parent / "pid").read_text().strip())
    ticks = process.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]
    moved = dict(line.split(": ") for line in process.joinpath("io").read_text().splitlines())
    return {
        "processor_seconds": sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"),
        "read_mb": int(moved["read_bytes"]) / 1e6,
        "written_mb": int(moved["write_bytes"]) / 1e6,
    }


def _reads(connection: Any, condition: str) -> dict[str, float]:
    """Measure the seconds of readers' queries."""
    queries = {**_QUERIES, "by request_id": f"select * from {TABLE} where {condition}"}
    found = {}
    for name, query in queries.items():
        start = time.monotonic()
        database.rows(connection, query)
        found[name] = round(time.monotonic() - start, 3)
    return found


def _size(connection: Any) -> dict[str, int]:
    database.execute(connection, f"analyze table {TABLE}")
    query = (
        "select data_length, index_length from information_schema.tables"
        " where table_schema=database() and table_name=%s"
    )
    [(data, index)] = database.rows(connection, query, TABLE)
    return {"data": int(data), "index": int(index)}


def _text(result: dict[str, Any]) -> str:
    present, former = (layout.name for layout in LAYOUTS)
    first = result["steps"][0]
    of, base_name = (former, "the former layout") if former in first else (present, "its first step")
    lines = [f"{present}, as a multiple of {base_name}:", ""]
    for step in result["steps"]:
        base = step[of] if of == former else first[of]
        ratios = (f"{name} {step[present][name] / (base[name] or 1):.2f}" for name in base)
        lines.append(f"{step['rows']:>12} rows: {', '.join(ratios)}")
    more = {k: v for k, v in result.items() if k != "steps"}
    return "\n".join([*lines, json.dumps({"last": result["steps"][-1], **more}, indent=2)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
