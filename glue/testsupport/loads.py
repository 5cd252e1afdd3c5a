"""Loads of a partition in this process: the work of a Spark worker, without Spark."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import boto3
import pyarrow as pa

from store_events import contract
from store_events.load import partition
from store_events.load.batch import Plan
from store_events.mysql import database, lock, tables
from store_events.source.read_events import Begin, End, Item, Lines
from testsupport.stack import Stack


@contextmanager
def a_plan(stack: Stack, **changes: Any) -> Iterator[Plan]:
    """Create the tables, take the lock, and yield a plan."""
    settings = stack.settings
    with database.connect(settings.target) as connection, lock.held(settings.target, 0) as held:
        tables.ensure(connection, settings.target.table, contract.load())
        connection.commit()  # In a run, the driver has no open transaction while tasks load.
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


def batch(source_object: str, *lines: bytes, version: str = "v1", first: int = 1, **about: Any) -> list[Item]:
    """Return the items of a complete object."""
    begin = {"version_id": None, "done": (), "reread": False, "listed": True, "size": 0}
    numbers = [n for n, line in enumerate(lines, first) if line]
    whole = Lines(numbers, [lines[n - first] for n in numbers])
    return [Begin(source_object, version, **{**begin, **about}), whole, End(len(numbers))]


def attempt(plan: Plan, *objects: list[Item]) -> dict[int, int]:
    return attempt_all(plan, chain.from_iterable(objects))


def attempt_all(plan: Plan, items: Iterable[Item]) -> dict[int, int]:
    """Run an attempt of a task. Return the lines read, by the ID of each committed batch."""
    results = pa.Table.from_batches(partition.loaded(plan, items)).to_pylist()
    return {r["batch_id"]: r["rows_read"] for r in results if r["batch_id"] is not None}


def nothing_committed(stack: Stack) -> bool:
    tables_ = ("sales_txns_tbl", "etl_batches", "etl_objects")
    return all(stack.database.rows(f"select count(*) from {t}") == [(0,)] for t in tables_)


def delete_bucket(stack: Stack) -> None:
    boto3.resource("s3").Bucket(stack.bucket).delete()
