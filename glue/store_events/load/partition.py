"""Loads one Spark partition, with one transaction per batch for rows and ledger."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

import pyarrow as pa
from pyspark import TaskContext

from store_events.export import parquet
from store_events.load import batch
from store_events.load.batch import Plan
from store_events.load.row_builder import RowBuilder
from store_events.mysql import database, ledger
from store_events.source import reader
from store_events.source.read_events import Item, Unread

# One row for each batch that this attempt committed, with its lines. The last row has no batch, and has the lines that
# earlier attempts of the task committed, the objects that were read to their end, and the unread objects as JSON.
RESULT = "batch_id long, rows_read long, repeated long, objects long, unread string"
_ARROW = pa.schema(
    [(name, pa.int64()) for name in ("batch_id", "rows_read", "repeated", "objects")] + [("unread", pa.string())]
)


def loader(plan: Plan) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """Return a function for mapInArrow, from the input of `reader.items` to RESULT."""

    def load(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return loaded(plan, reader.items(batches, plan.region, plan.kept, plan.only_listed))

    return load


def loaded(plan: Plan, items: Iterable[Item]) -> Iterator[pa.RecordBatch]:
    """Load a partition's items in batches, and yield RESULT."""
    context = TaskContext.get()
    partition, attempts = (context.partitionId(), context.attemptNumber()) if context else (0, 0)
    with database.connect(plan.target) as connection:
        known, number, repeated = ledger.of_task(connection, plan.contract, plan.run_number, partition)
        if number:
            # Before this attempt removes stale quarantine entries: if the database is restored to a point before the
            # batches of earlier attempts, their Parquet shows it.
            lacking = ledger.without_parquet(connection, plan.contract, ledger.ids_of_task(plan.run_number, partition))
            parquet.write_committed(connection, plan.destination, lacking)
        connection.commit()
        versions = ledger.Versions(connection, plan.contract)
        builder = RowBuilder(items, plan.contract, plan.run_day, plan.store, known, versions, attempts > 0)
        while not builder.ended:
            batch_id = ledger.batch_id(plan.run_number, partition, number)
            counts = batch.load(connection, plan, batch_id, builder)
            if counts.ranges:
                yield _row(batch_id, counts.rows_read)
                number += 1
        yield _row(None, repeated=repeated, objects=builder.objects, unread=builder.unread)


def _row(
    batch_id: int | None, rows_read: int = 0, repeated: int = 0, objects: int = 0, unread: Iterable[Unread] = ()
) -> pa.RecordBatch:
    values = (batch_id, rows_read, repeated, objects, json.dumps([asdict(one) for one in unread]))
    return pa.RecordBatch.from_pydict(dict(zip(_ARROW.names, ([v] for v in values), strict=True)), schema=_ARROW)
