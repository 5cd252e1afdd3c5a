"""The state that the job has written: table, ledger, Parquet and quarantine."""

import base64
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from pymysql.cursors import DictCursor

from faults.model import LineRange
from faults.world import Sandbox, World

Row = tuple[Any, ...]  # request_id, qty, contact_me, extra


@dataclass(frozen=True)
class Stored:
    """A row of the table, or of a Parquet object."""

    batch: int
    day: str
    row: Row


@dataclass(frozen=True)
class Batch:
    """A batch in the ledger."""

    batch: int
    rows_read: int
    rows_new: int
    rows_duplicate: int
    rows_quarantined: int
    has_parquet: bool


@dataclass(frozen=True)
class Entry:
    """A line in quarantine."""

    key: str
    version: str
    number: int
    reason: str
    line: bytes


@dataclass(frozen=True)
class State:
    """Everything that the invariant checks. `owner` is the table of the ledger, or None without a ledger."""

    table: list[Stored]
    batches: list[Batch]
    parts: list[LineRange]
    parquet: list[Stored]
    quarantine: list[Entry]
    owner: str | None = None


def read(world: World, sandbox: Sandbox, table_name: str) -> State:
    """Read a consistent snapshot of the database, then S3, so that objects stored before a commit are included.

    Read the rows of the ledger's table, or of `table_name` without a ledger.
    """
    with world.database.root(sandbox.name) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute("set session transaction isolation level repeatable read")
        cursor.execute("start transaction with consistent snapshot")
        cursor.execute("show tables")
        names = {name for row in cursor.fetchall() for name in row.values()}
        known = _owner(cursor, names)
        table_name = known or table_name
        if table_name not in names:
            return State([], [], [], [], [])
        cursor.execute(f"select request_id, qty, contact_me, extra, dt, batch_id from {table_name}")
        table = [_stored(row) for row in cursor.fetchall()]
        batches = [_batch(row) for row in _all(cursor, "etl_batches", names)]
        parts = [_part(row, sandbox.name) for row in _all(cursor, "etl_objects", names)]
    return State(table, batches, parts, _parquet(world, sandbox), _quarantine(world, sandbox), known)


def owner(world: World, sandbox: Sandbox) -> str | None:
    """Return the table of the ledger, or None without a ledger."""
    with world.database.root(sandbox.name) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute("show tables")
        return _owner(cursor, {name for row in cursor.fetchall() for name in row.values()})


def _owner(cursor: Any, names: set[str]) -> str | None:
    """Return the table of the last run."""
    last = max(_all(cursor, "etl_runs", names), key=lambda run: int(run["run_number"]), default=None)
    return None if last is None else str(last["target_table"])


def batches_of(world: World, sandbox: Sandbox, run_id: str) -> int:
    """Count the batches that a run has committed."""
    with world.database.root(sandbox.name) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from etl_batches where run_id = %s", run_id)
        [(count,)] = cursor.fetchall()
    return int(count)


def _all(cursor: Any, table: str, names: set[str]) -> list[dict[str, Any]]:
    """Return a table's rows, or an empty list if there is no such table."""
    if table not in names:
        return []
    cursor.execute(f"select * from {table}")
    return list(cursor.fetchall())


def _stored(row: dict[str, Any]) -> Stored:
    return Stored(row["batch_id"], str(row["dt"]), (row["request_id"], row["qty"], row["contact_me"], row["extra"]))


def _batch(row: dict[str, Any]) -> Batch:
    return Batch(
        row["batch_id"], row["rows_read"], row["rows_new"], row["rows_duplicate"], row["rows_quarantined"],
        row["parquet_at"] is not None,
    )  # fmt: skip


def _part(row: dict[str, Any], bucket: str) -> LineRange:
    return LineRange(
        row["source_object"].removeprefix(f"s3://{bucket}/"), row["version"], row["first_line"], row["last_line"],
        row["rows_read"], row["rows_quarantined"], bool(row["complete"]), row["batch_id"],
    )  # fmt: skip


def _objects(world: World, sandbox: Sandbox, prefix: str) -> list[tuple[str, bytes]]:
    s3 = world.client("s3")
    pages = s3.get_paginator("list_objects_v2")
    while True:
        found = pages.paginate(Bucket=sandbox.name, Prefix=prefix)
        keys = [entry["Key"] for page in found for entry in page.get("Contents", [])]
        try:
            return [(key, s3.get_object(Bucket=sandbox.name, Key=key)["Body"].read()) for key in keys]
        except s3.exceptions.NoSuchKey:  # A worker that outlives its run has deleted it.
            continue


def _parquet(world: World, sandbox: Sandbox) -> list[Stored]:
    """Read all Parquet rows, with a different engine than the one that wrote them."""
    objects = _objects(world, sandbox, "curated/")
    if not objects:
        return []
    with tempfile.TemporaryDirectory() as folder:
        for key, body in objects:
            path = Path(folder, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        query = (
            "select batch_id, dt::varchar, request_id, qty, contact_me, extra"
            f" from read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
        )
        with duckdb.connect() as engine:
            return [Stored(int(batch), day, tuple(row)) for batch, day, *row in engine.execute(query).fetchall()]


def _quarantine(world: World, sandbox: Sandbox) -> list[Entry]:
    return [
        _entry(json.loads(line), sandbox.name)
        for _, body in _objects(world, sandbox, "quarantine/")
        for line in body.splitlines()
    ]


def _entry(raw: dict[str, Any], bucket: str) -> Entry:
    line = base64.b64decode(raw["line_base64"]) if "line_base64" in raw else raw["line"].encode()
    key = raw["source_object"].removeprefix(f"s3://{bucket}/")
    return Entry(key, raw["version"], raw["line_number"], raw["reason"], line)
