"""The database reads of a feed run do not grow with the history."""

import json

from testsupport import history
from testsupport.history import History
from testsupport.stack import Stack

HISTORY = History(runs=2_000, batches=1_000, objects=20_000)


def _reads_of_increment(stack: Stack, name: str) -> int:
    """Count the rows that the database reads in a feed run of ten objects."""
    keys = [f"sale_events/dt=2024-05-01/{name}-{n}.json" for n in range(10)]
    for n, key in enumerate(keys):
        stack.put(key, [json.dumps({"request_id": f"{name}-{n}"}).encode()])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"feed/{name}.json", Body=json.dumps({"keys": keys}))
    before = _reads(stack)
    summary = stack.run(feed=True)
    after = _reads(stack)
    assert (summary["listing"], summary["rows_new"]) == ("feed", 10)
    return after - before


def _reads(stack: Stack) -> int:
    """Return the number of rows that the database has read so far, including system tables."""
    found = stack.database.rows("show global status like 'Handler_read%'")
    return sum(int(str(value)) for _, value in found)


def test_feed_run_reads_only_new_rows(stack: Stack) -> None:
    stack.run()
    without_history = _reads_of_increment(stack, "first")
    history.add(stack, HISTORY)
    with_history = _reads_of_increment(stack, "second")
    message = f"{without_history} rows without a history, {with_history} with {HISTORY}"
    assert with_history - without_history < HISTORY.batches / 2, message
