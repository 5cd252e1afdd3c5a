"""One partition's load against a real database: repeats, failures, and what must not be committed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from store_events import contract
from store_events.batch import LoadError
from store_events.contract import Contract
from store_events.lock import Lock, LockError
from store_events.stream import Item
from testsupport.loads import a_plan, attempt, attempt_all, batch, delete_bucket, nothing_committed
from testsupport.stack import Stack

A, B = "s3://b/sale_events/dt=2024-05-01/a", "s3://b/sale_events/dt=2024-05-01/b"


def event(key: str, more: str = "") -> bytes:
    return f'{{"request_id":"{key}"{more}}}'.encode()


def test_attempt_after_a_committed_one_changes_nothing(stack: Stack) -> None:
    batches = [batch(A, event("1"), event("2")), batch(B, event("3"), b"", event("1"), b"bad")]
    with a_plan(stack, commit_rows=2) as plan:
        assert attempt(plan, *batches) == {100_000_000: 2, 100_000_001: 2, 100_000_002: 1}
        assert attempt(plan, *batches) == {}
    assert stack.table() == [("1",), ("2",), ("3",)]
    assert stack.database.rows("select batch_id, rows_new, rows_duplicate, rows_quarantined from etl_batches") == [
        (100_000_000, 2, 0, 0),
        (100_000_001, 1, 1, 0),
        (100_000_002, 0, 0, 1),
    ]


def test_attempt_after_a_half_committed_one_adds_the_rest(stack: Stack) -> None:
    with a_plan(stack, commit_rows=1) as plan:
        attempt(plan, batch(A, event("1")))
        assert attempt(plan, batch(A, event("1")), batch(B, event("2"))) == {100_000_001: 1}
    assert stack.database.rows("select sum(rows_new), sum(rows_duplicate) from etl_batches") == [(2, 0)]


def test_large_batch_takes_several_statements(stack: Stack) -> None:
    lines = [event(str(i % 70_000)) for i in range(90_000)]
    with a_plan(stack, commit_rows=10**6) as plan:
        assert attempt(plan, batch(A, *lines)) == {100_000_000: 90_000}
    assert stack.database.rows("select rows_new, rows_duplicate from etl_batches") == [(70_000, 20_000)]


def test_same_events_in_two_partitions_at_once(stack: Stack) -> None:
    lines = [event(str(i)) for i in range(3000)]
    with a_plan(stack) as plan, ThreadPoolExecutor() as threads:
        plans = [replace(plan, run_number=number) for number in (1, 2)]
        list(threads.map(attempt, plans, [batch(A, *lines), batch(B, *lines)]))
    assert stack.database.rows("select sum(rows_new), sum(rows_duplicate) from etl_batches") == [(3000, 3000)]


def wider() -> Contract:
    fields = tuple(replace(f, type="string(100)") if f.name == "category" else f for f in contract.load().fields)
    return replace(contract.load(), fields=fields)


def test_value_that_the_table_would_cut(stack: Stack) -> None:
    with a_plan(stack, contract=wider()) as plan, pytest.raises(LoadError, match="category"):
        attempt(plan, batch(A, event("1"), event("2", f',"category":"{"x" * 65}"')))
    assert nothing_committed(stack)


def test_row_that_the_table_refuses(stack: Stack) -> None:
    with a_plan(stack) as plan:
        stack.database.rows("alter table sales_txns_tbl add constraint small check (qty < 5)")
        with pytest.raises(LoadError, match="small"):
            attempt(plan, batch(A, event("1"), event("2", ',"qty":7')))
    assert nothing_committed(stack)


def test_lost_lock(stack: Stack) -> None:
    with a_plan(stack) as plan, pytest.raises(LockError, match="was lost"):
        attempt(replace(plan, lock=Lock(plan.lock.name, plan.lock.owner + 1)), batch(A, event("1")))
    assert nothing_committed(stack)


def test_quarantine_that_cannot_be_stored(stack: Stack) -> None:
    delete_bucket(stack)
    with a_plan(stack) as plan, pytest.raises(ClientError, match="NoSuchBucket"):
        attempt(plan, batch(A, event("1"), b"bad"))
    assert nothing_committed(stack)


def test_input_that_fails_midway(stack: Stack) -> None:
    def failing() -> Iterator[Item]:
        yield from batch(A, event("1"))
        yield from batch(B, event("2"))
        raise OSError("connection lost")

    with a_plan(stack) as plan, pytest.raises(OSError, match="connection lost"):
        attempt_all(plan, failing())
    assert nothing_committed(stack)


def test_quarantine_keeps_the_bytes(stack: Stack) -> None:
    with a_plan(stack) as plan:
        attempt(plan, batch(f"s3://{stack.bucket}/sale_events/a b.json", b'{"request_id":"caf\xe9"}'))
    [entry] = stack.quarantine()
    assert entry == {
        "key": "quarantine/sale_events/a b.json/v1.jsonl",
        "reason": "not_utf8",
        "source_object": f"s3://{stack.bucket}/sale_events/a b.json",
        "version": "v1",
        "version_id": None,
        "line_number": 1,
        "line": '{"request_id":"caf\ufffd"}',
        "line_base64": "eyJyZXF1ZXN0X2lkIjoiY2Fm6SJ9",
        "run_id": "jr_1",
    }
