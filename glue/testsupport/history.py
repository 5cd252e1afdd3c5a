"""A history of earlier runs: generated runs, batches, objects and rows."""

import json
from dataclasses import dataclass

from testsupport.stack import Stack

_DIGITS = 7  # The number of digits of the largest generated number.
_OBJECT = "concat('s3://history/sale_events/dt=2024-01-01/', n, '.json')"


@dataclass(frozen=True)
class History:
    """How many of each to generate. Every object is in one batch, and has one row."""

    runs: int
    batches: int
    objects: int


def add(stack: Stack, history: History) -> None:
    """Insert a history before the stack's runs, the last of which must have been a full listing.

    The generated runs ended 9 days ago.
    """
    had = int(str(stack.database.rows("select max(run_number) from etl_runs")[0][0]))
    joins = " join ".join(f"(select n d{i} from etl_digits) t{i}" for i in range(_DIGITS))
    number = " + ".join(f"d{i} * {10**i}" for i in range(_DIGITS))
    long_ago = "utc_timestamp(3) - interval 9 day"
    per_batch = max(history.objects // history.batches, 1)
    for statement in (
        "create table etl_digits (n int primary key)",
        "insert into etl_digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
        f"create table etl_numbers as select cast({number} as unsigned) n from {joins}"
        f" having n < {max(history.runs + 1, history.batches, history.objects)}",
        f"update etl_runs set run_number = run_number + {history.runs} order by run_number desc",
        "insert into etl_runs (run_number, ledger_id, run_id, started_at, ended_at, outcome, listing)"
        f" select n, ledger_id, concat('past-', n), {long_ago}, {long_ago}, 'succeeded', 'full' from etl_numbers"
        f" join etl_runs on run_number = {history.runs + 1} where n between 1 and {history.runs}",
        "insert into etl_batches (batch_id, run_id, rows_read, rows_new, rows_duplicate, rows_quarantined,"
        f" committed_at, parquet_at) select n, 'past', {per_batch}, {per_batch}, 0, 0, {long_ago}, {long_ago}"
        f" from etl_numbers where n < {history.batches}",
        "insert into etl_objects (object_id, source_object, version, first_line, last_line, rows_read,"
        f" rows_quarantined, complete, batch_id) select unhex(left(sha2({_OBJECT}, 256), 32)), {_OBJECT},"
        " left(sha2(n, 256), 32), 1, 1, 1, 0, 1,"
        f" n div {per_batch} from etl_numbers where n < {history.objects}",
        "insert into sales_txns_tbl (request_id, dt, batch_id, batch_position) select concat('past-', n), '2024-01-01',"
        f" n div {per_batch}, n from etl_numbers where n < {history.objects}",
        "drop table etl_numbers, etl_digits",
        # Otherwise the server updates its statistics later, and may scan a table that it believes to be empty.
        "analyze table etl_runs, etl_batches, etl_objects, sales_txns_tbl",
    ):
        stack.database.rows(statement)
    [(ledger,)] = stack.database.rows(f"select ledger_id from etl_runs where run_number = {history.runs + had}")
    mark = {"ledger": ledger, "number": history.runs + had}
    stack.s3.put_object(Bucket=stack.bucket, Key="bookmarks/ledger/sales_txns_tbl.json", Body=json.dumps(mark))
