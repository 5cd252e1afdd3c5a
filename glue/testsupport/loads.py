"""Loads of one partition in this process: what a Spark worker does, without Spark."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pyarrow as pa

from store_events import contract, database, load, lock, tables
from store_events.batch import Plan
from testsupport.stack import Stack

SCHEMA = pa.schema([("number", pa.int64()), ("note", pa.string()), ("row", pa.string()), ("line", pa.binary())])


@contextmanager
def a_plan(stack: Stack, **changes: Any) -> Iterator[Plan]:
    """A plan whose lock is held, and tables to load into."""
    settings = stack.settings
    with database.connect(settings.target) as connection, lock.held(settings.target, 0) as held:
        tables.ensure(connection, settings.target.table, contract.load())
        values = {
            "contract": contract.load(),
            "target": settings.target,
            "lock": held,
            "bucket": settings.bucket,
            "region": settings.region,
            "run_id": "jr_1",
            "run_day": "2024-05-01",
            "run_number": 1,
            "commit_rows": 100,
        }
        yield Plan(**{**values, **changes})


def batch(source_object: str, *lines: bytes, version: str = "v1", first: int = 1, **about: Any) -> pa.RecordBatch:
    """One object whole, none of its lines taken by the fast path."""
    begin = {"name": source_object, "version": version, "version_id": None, "done": 0, "reload": False, "listed": True}
    numbers = [n for n, line in enumerate(lines, first) if line]
    rows = [(0, {"object": {**begin, **about}}, None), *((n, None, lines[n - first]) for n in numbers)]
    return rows_of(*rows, (0, {"end": len(numbers)}, None))


def rows_of(*rows: tuple[int, dict[str, Any] | None, bytes | None]) -> pa.RecordBatch:
    """Rows as number, note and line."""
    columns = [
        [n for n, _, _ in rows],
        [json.dumps(note) if note else None for _, note, _ in rows],
        [None] * len(rows),
        [line for _, _, line in rows],
    ]
    return pa.RecordBatch.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def attempt(plan: Plan, *batches: pa.RecordBatch) -> dict[int, int]:
    return attempt_all(plan, batches)


def attempt_all(plan: Plan, batches: Iterable[pa.RecordBatch]) -> dict[int, int]:
    """One attempt of a task; lines read by the id of each batch that it committed."""
    results = pa.Table.from_batches(load.loader(plan)(batches)).to_pylist()
    return {r["batch_id"]: r["rows_read"] for r in results if r["batch_id"] is not None}


def nothing_committed(stack: Stack) -> bool:
    tables_ = ("sales_txns_tbl", "etl_batches", "etl_objects")
    return all(stack.database.rows(f"select count(*) from {t}") == [(0,)] for t in tables_)


def delete_bucket(stack: Stack) -> None:
    boto3.resource("s3").Bucket(stack.bucket).delete()
