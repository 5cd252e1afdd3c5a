"""The load of one Spark partition: whole source objects, rows and ledger in one transaction a batch."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyspark import TaskContext

from store_events import batch, database, ledger
from store_events.batch import Plan
from store_events.infile import Connection
from store_events.slices import Slices

RESULT = "batch_id long, rows_read long"


def loader(plan: Plan) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """The function for mapInArrow. In: source_object, row, line, sorted by source_object. Out: RESULT."""

    def load(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        slices = Slices(batches)
        if slices.next is None:
            return
        context = TaskContext.get()
        partition = context.partitionId() if context else 0
        with database.connect(plan.target) as connection:
            number = 0
            while slices.next is not None:
                # The same in every attempt of this task, so that an attempt sees what an earlier one committed.
                batch_id = ledger.batch_id(plan.run_number, partition, number)
                rows_read = _load_once(connection, plan, batch_id, slices)
                yield pa.RecordBatch.from_pydict({"batch_id": [batch_id], "rows_read": [rows_read]})
                number += 1

    return load


def _load_once(connection: Connection, plan: Plan, batch_id: int, slices: Slices) -> int:
    committed = ledger.rows_read(connection, plan.contract, batch_id)
    if committed is None:
        return batch.load(connection, plan, batch_id, slices).rows_read
    batch.skip(slices, plan.commit_rows)
    return committed
