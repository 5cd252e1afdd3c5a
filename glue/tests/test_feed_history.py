"""A feed run reads no more of the database when more was loaded before it."""

import json

from testsupport import history
from testsupport.history import Past
from testsupport.stack import Stack

PAST = Past(runs=2_000, batches=1_000, objects=20_000)


def _reads_of_increment(stack: Stack, name: str) -> int:
    """Rows that the database reads in a feed run of ten objects."""
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
    """Rows that the database has read so far, of tables and indexes, its system tables included."""
    found = stack.database.rows("show global status like 'Handler_read%'")
    return sum(int(str(value)) for _, value in found)


def test_a_run_by_feed_reads_what_is_new(stack: Stack) -> None:
    stack.run()
    alone = _reads_of_increment(stack, "first")
    history.add(stack, PAST)
    behind = _reads_of_increment(stack, "second")
    assert behind - alone < PAST.batches / 2, f"{alone} rows without a past, {behind} with {PAST}"
