"""Loads of one partition in this process: what a Spark worker does, without Spark."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pyarrow as pa

from store_events import contract, database, load, lock, tables
from store_events.batch import Plan
from testsupport.stack import Stack

SCHEMA = pa.schema([("source_object", pa.string()), ("row", pa.string()), ("line", pa.binary())])


@contextmanager
def a_plan(stack: Stack, **changes: Any) -> Iterator[Plan]:
    """A plan whose lock is held, and tables to load into."""
    settings = stack.settings
    with database.connect(settings.target) as connection, lock.held(connection, settings.target.table, 0) as held:
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


def batch(source_object: str, *lines: bytes) -> pa.RecordBatch:
    """Lines of one object, none of them taken by the fast path."""
    columns = [[source_object] * len(lines), [None] * len(lines), list(lines)]
    return pa.RecordBatch.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def attempt(plan: Plan, *batches: pa.RecordBatch) -> dict[int, int]:
    return attempt_all(plan, batches)


def attempt_all(plan: Plan, batches: Iterable[pa.RecordBatch]) -> dict[int, int]:
    """One attempt of a task; lines read by batch id."""
    results = pa.Table.from_batches(load.loader(plan)(batches), load_schema()).to_pylist()
    return {r["batch_id"]: r["rows_read"] for r in results}


def load_schema() -> pa.Schema:
    return pa.schema([("batch_id", pa.int64()), ("rows_read", pa.int64())])


def nothing_committed(stack: Stack) -> bool:
    tables_ = ("sales_txns_tbl", "etl_batches", "etl_objects")
    return all(stack.database.rows(f"select count(*) from {t}") == [(0,)] for t in tables_)


def delete_bucket(stack: Stack) -> None:
    boto3.resource("s3").Bucket(stack.bucket).delete()
