"""The load of one Spark partition: rows and ledger in one transaction a batch."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

import pyarrow as pa
from pyspark import TaskContext

from store_events import batch, database, ledger, quarantine, reader
from store_events.batch import Plan
from store_events.intake import Intake
from store_events.stream import Item, Unread

# A row for each batch that this attempt committed: lines in it, lines before it that earlier attempts of the
# task had committed, and objects that ended. The last one has no batch, and the fields of each stream.Unread.
RESULT = "batch_id long, rows_read long, repeated long, objects long, unread string"
_ARROW = pa.schema(
    [(name, pa.int64()) for name in ("batch_id", "rows_read", "repeated", "objects")] + [("unread", pa.string())]
)


def loader(plan: Plan) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """The function for mapInArrow. In: column objects, see `reader.items`. Out: RESULT."""

    def load(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return loaded(plan, reader.items(batches, plan.region))

    return load


def loaded(plan: Plan, items: Iterable[Item]) -> Iterator[pa.RecordBatch]:
    """Load a partition's items, batch by batch; RESULT of each."""
    context = TaskContext.get()
    partition, attempts = (context.partitionId(), context.attemptNumber()) if context else (0, 0)
    with database.connect(plan.target) as connection:
        known, number = ledger.of_task(connection, plan.contract, plan.run_number, partition)
        connection.commit()
        store = quarantine.Store(plan.bucket, plan.contract.prefixes["quarantine"], plan.run_id, plan.region)
        versions = ledger.Versions(connection, plan.contract)
        intake = Intake(items, plan.contract, plan.run_day, store, known, versions, attempts > 0)
        while not intake.ended:
            batch_id = ledger.batch_id(plan.run_number, partition, number)
            tally = batch.load(connection, plan, batch_id, intake)
            if tally.parts:
                yield _row(batch_id, tally.rows_read)
                number += 1
        yield _row(None, repeated=intake.repeated, objects=intake.objects, unread=intake.unread)


def _row(
    batch_id: int | None, rows_read: int = 0, repeated: int = 0, objects: int = 0, unread: Iterable[Unread] = ()
) -> pa.RecordBatch:
    values = (batch_id, rows_read, repeated, objects, json.dumps([asdict(one) for one in unread]))
    return pa.RecordBatch.from_pydict(dict(zip(_ARROW.names, ([v] for v in values), strict=True)), schema=_ARROW)
