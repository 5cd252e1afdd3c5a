"""Hooks in the libraries through which the job calls the database, AWS and Glue. Each call is a point that the process
reports to the harness, which returns what to do there. The job has no code for it.

A point has a name ("load", "commit", "put curated") and is before or after the call.
"""

import functools
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import botocore.client
import pyarrow.csv
import pymysql
import pymysql.connections
from pymysql.constants import CR

from awsglue.job import Job
from faults import mutants, process_faults, wire

_STATEMENTS = {
    "load": r"load data",
    "batch": r"insert into `?etl_batches",
    "part": r"insert into `?etl_objects",
    "mark": r"update `?etl_batches`? set parquet_at",
    "lock": r"select get_lock",
    "lock check": r"select is_used_lock",
    "unlock": r"select release_lock",
    "unwritten": r".*parquet_at is null",
    "warnings": r"show count\(\*\) warnings",
    "create": r"create table",
    "session": r"set session",
    "fence": r"alter table \S+ comment",
    "copy": r"insert into `etl_migration`",
    "index": r"alter table `etl_migration` add unique",
    "rename": r"rename table",
    "retire": r"drop table `etl_retired`",
    "delete ledger": r"delete from etl_batches",
    "find batches": r"select distinct `\w+`, batch_id from",
}
CALLS = {
    "GetObject": "get",
    "HeadObject": "head",
    "PutObject": "put",
    "ListObjectsV2": "list",
    "DeleteObjects": "delete",
    "GetSecretValue": "secret",
    "GetTable": "catalog",
}
PREFIXES = ("curated", "quarantine", "feed", "ledger")

_BLOCK = 400  # Bytes; more than any row of a history.

_open_csv = pyarrow.csv.open_csv
_connection = pymysql.connections.Connection
_local = threading.local()


def worker() -> bool:
    """Report whether this process is a Python worker of Spark."""
    return "faults.daemon" in sys.orig_argv


def set_driver(label: str) -> None:
    """Mark this thread as the job's driver, or as the harness's if the label is empty."""
    _local.label = label


def _label() -> str | None:
    if worker():
        return "worker"
    return getattr(_local, "label", None) or os.environ.get("STORE_EVENTS_FAULTS_JOB")


def reach(point: str, when: str, connection: Any = None) -> None:
    """Report a point to the harness, and do what it returns."""
    label = _label()
    if label is None or getattr(_local, "busy", False):
        return
    response = wire.report(os.environ["STORE_EVENTS_FAULTS"], label, point, when)
    process_faults.limit_files(response.get("file_bytes"), worker())
    _set_timeout(connection, response.get("timeout_s"))
    match response["do"]:
        case "die":
            process_faults.end_worker() if worker() else process_faults.end_driver()
        case "end job":
            process_faults.end_job()
        case "end driver":
            process_faults.end_driver_process()
        case "fail":
            raise process_faults.InjectedError(f"injected {when} {point}")
        case "cut":
            _cut(connection, when)


def _set_timeout(connection: Any, seconds: float | None) -> None:
    """Shorten the timeout of a connection, which is minutes by default."""
    if connection is not None and seconds is not None:
        connection._read_timeout = connection._write_timeout = seconds


def _cut(connection: Any, when: str) -> None:
    """Break the connection before the statement is sent, or before its response arrives."""
    if connection is None or connection._sock is None:
        return
    if when == "before":
        connection._sock.shutdown(socket.SHUT_RDWR)
        return
    connection._force_close()
    raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")


def _around(target: Any, name: str, point: Callable[..., str | None]) -> None:
    """Wrap a method: reach the point before and after each call."""
    inner = getattr(target, name)

    @functools.wraps(inner)
    def outer(self: Any, *args: Any, **options: Any) -> Any:
        named = point(self, *args, **options)
        if named is None or _label() is None:
            return inner(self, *args, **options)
        connection = self if isinstance(self, _connection) else None
        reach(named, "before", connection)
        result = inner(self, *args, **options)
        reach(named, "after", connection)
        return result

    setattr(target, name, outer)


def _statement(connection: Any, sql: Any, *_: Any, **__: Any) -> str:
    text = (sql if isinstance(sql, str) else bytes(sql).decode("utf-8", "replace")).lower()
    connection.loading = text.startswith("load data")
    connection.recorded = getattr(connection, "recorded", False) or bool(re.match(_STATEMENTS["part"], text))
    for name, pattern in _STATEMENTS.items():
        if re.match(pattern, text, re.DOTALL):
            return name
    return " ".join(text.split()[:1])


def _commit(connection: Any) -> str:
    """Distinguish the commit of a batch from other commits."""
    recorded, connection.recorded = getattr(connection, "recorded", False), False
    return "commit" if recorded else "end"


def _packet(connection: Any, payload: Any) -> str | None:
    return "row" if getattr(connection, "loading", False) and payload else None


def _call(_: Any, operation: str, values: dict[str, Any]) -> str | None:
    name = CALLS.get(operation)
    if name is None or "Bucket" not in values:
        return name
    text = str(values.get("Key", values.get("Prefix", values.get("Delete", ""))))
    return f"{name} {next((p for p in PREFIXES if p + '/' in text), 'raw')}"


def _small_blocks(file: Any, read_options: Any, **options: Any) -> Any:
    """Read the CSV in small blocks, so that a batch's Parquet has several."""
    read_options.block_size = _BLOCK
    return _open_csv(file, read_options=read_options, **options)


def _named(name: str) -> Callable[..., str]:
    return lambda *_, **__: name


@functools.cache
def install() -> None:
    """Wrap the libraries. Mutants are wrapped first, inside the hooks, so that they do not change the points."""
    mutants.install()
    _around(_connection, "query", _statement)
    _around(_connection, "write_packet", _packet)
    _around(_connection, "commit", _commit)
    for name in ("begin", "connect"):
        _around(_connection, name, _named(name))
    _around(botocore.client.BaseClient, "_make_api_call", _call)
    _around(Job, "init", _named("job init"))
    _around(Job, "commit", _named("job commit"))
    pyarrow.csv.open_csv = _small_blocks
