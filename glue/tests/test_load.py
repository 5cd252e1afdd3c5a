"""Loads of one partition into a real database: repeated attempts, failures, and no partial commits."""

import logging
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from botocore.exceptions import ClientError

from store_events import contract
from store_events.contract import Contract
from store_events.load.batch import LoadError
from store_events.mysql import database
from store_events.mysql.lock import LockError
from store_events.rows.sorted_rows import SentRows
from store_events.source.read_events import Item
from testsupport import dbserver, tools
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


def test_batch_with_more_duplicates_than_a_packet_can_count(stack: Stack) -> None:
    lines = [event(str(i % 20_000)) for i in range(90_000)]
    with a_plan(stack, commit_rows=10**6) as plan:
        assert attempt(plan, batch(A, *lines)) == {100_000_000: 90_000}
    assert stack.database.rows("select rows_new, rows_duplicate from etl_batches") == [(20_000, 70_000)]


def test_same_events_in_two_partitions_at_once(stack: Stack) -> None:
    lines = [event(str(i)) for i in range(3000)]
    with a_plan(stack) as plan, ThreadPoolExecutor() as threads:
        plans = [replace(plan, run_number=number) for number in (1, 2)]
        list(threads.map(attempt, plans, [batch(A, *lines), batch(B, *lines)]))
    assert stack.database.rows("select sum(rows_new), sum(rows_duplicate) from etl_batches") == [(3000, 3000)]


@pytest.mark.parametrize("memory", [64 << 20, 200_000])
def test_rows_that_the_table_has_are_not_sent(stack: Stack, monkeypatch: pytest.MonkeyPatch, memory: int) -> None:
    """An object is delivered again with a few more events, and has more of them than one query looks up."""
    lines, sent = [event(str(i)) for i in range(12_000)], list[bytes]()
    blocks = SentRows.blocks

    def noted(self: SentRows, without: np.ndarray) -> Iterator[bytes]:
        for block in blocks(self, without):
            sent.append(block)
            yield block

    with a_plan(stack, commit_rows=10**6, memory=memory) as plan:
        attempt(plan, batch(A, *lines))
        monkeypatch.setattr(SentRows, "blocks", noted)
        attempt(replace(plan, run_number=2), batch(B, *lines, event("new"), event("9"), event("new")))
    assert [row.split(b'"')[1] for row in b"".join(sent).splitlines()] == [b"new", b"new"]
    assert stack.database.rows("select rows_new, rows_duplicate from etl_batches") == [(12_000, 0), (1, 12_002)]
    assert stack.parquet() == stack.table()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("sql_select_limit", 1), ("sql_safe_updates", 1), ("max_join_size", 1), ("max_execution_time", 1)],
)
def test_setting_of_the_server_that_limits_statements(stack: Stack, setting: str, value: int) -> None:
    """It is the default of new sessions on a server that others use too."""
    if setting == "max_execution_time" and dbserver.engine().startswith("MariaDB"):
        pytest.skip("a setting of MySQL")
    lines = [event(str(i)) for i in range(9)]

    def run() -> None:
        stack.database.rows(f"set global {setting}={value}")
        try:
            stack.run()
        finally:
            stack.database.rows(f"set global {setting}=default")

    stack.put("sale_events/dt=2024-05-01/a.json", lines)
    stack.run()
    stack.database.rows("update etl_batches set parquet_at=null")
    run()
    assert len(stack.table()) == len(stack.parquet()) == 9
    stack.database.rows("delete from sales_txns_tbl")
    run()
    assert len(stack.table()) == len(stack.parquet()) == 9


def test_rows_can_be_long_whatever_format_the_server_prefers(stack: Stack) -> None:
    """The contract's limits assume that long values are stored outside of their row."""
    stack.database.rows("set global innodb_default_row_format=compact")
    try:
        stack.put("sale_events/dt=2024-05-01/a.json", [event("a")])
        stack.run()
    finally:
        stack.database.rows("set global innodb_default_row_format=default")
    query = "select distinct row_format from information_schema.tables where table_schema=database()"
    assert stack.database.rows(query) == [("Dynamic",)]


def test_session_checks_keys_and_stays_open_after_a_commit(stack: Stack) -> None:
    for setting, value in (("unique_checks", 0), ("completion_type", 2)):
        stack.database.rows(f"set global {setting}={value}")
    try:
        with database.connect(stack.settings.target) as connection:
            connection.commit()
            assert database.rows(connection, "select @@unique_checks, @@completion_type") == [(1, "NO_CHAIN")]
    finally:
        for setting in ("unique_checks", "completion_type"):
            stack.database.rows(f"set global {setting}=default")


@pytest.mark.parametrize("kept", [0, 64])
def test_count_of_duplicates_does_not_depend_on_the_warnings_that_the_server_keeps(stack: Stack, kept: int) -> None:
    [(before,)] = stack.database.rows("select @@global.max_error_count")
    stack.database.rows(f"set global max_error_count={kept}")
    lines = [event(str(i)) for i in range(3000)]
    try:
        with a_plan(stack, commit_rows=10**6) as plan:
            attempt(plan, batch(A, *lines), batch(B, *lines))
            attempt(plan, batch(A + "2", *lines[1000:1100], event("new"), *lines[2000:2007]))
            with pytest.raises(LoadError, match="0 of 1 rows rejected, 1 warnings"):
                attempt(replace(plan, contract=wider()), batch(A + "3", event("w", f',"category":"{"x" * 65}"')))
    finally:
        stack.database.rows(f"set global max_error_count={before}")
    assert stack.database.rows("select rows_new, rows_duplicate from etl_batches") == [(3000, 3000), (1, 107)]
    assert len(stack.table()) == len(stack.parquet()) == 3001


def test_batch_ends_after_many_bytes(stack: Stack) -> None:
    objects = [batch(f"{A}{i}", event(str(i), f',"x":"{"y" * 4000}"')) for i in range(7)]
    with a_plan(stack, commit_bytes=10_000) as plan:
        assert attempt(plan, *objects) == {100_000_000: 3, 100_000_001: 3, 100_000_002: 1}


def test_batch_larger_than_memory(stack: Stack) -> None:
    """It is still one transaction, including duplicates and invalid lines, and its Parquet matches the table."""
    lines = [event(str(i % 2500), f',"sku":{i},"category":"{i}"') for i in range(3000)] + [b"bad"]
    again = [*lines[:2400], *(event(f"new{i}", ',"x":"a\\"b"') for i in range(700))]
    with a_plan(stack, commit_rows=10**6, memory=20_000) as plan:
        assert attempt(plan, batch(A, *lines)) == {100_000_000: 3001}
        # More than half of the rows are in the table; in the last batch fewer.
        assert attempt(replace(plan, run_number=2), batch(A + "2", *again)) == {200_000_000: 3100}
        assert attempt(replace(plan, run_number=3), batch(A + "3", *again, *lines[:600])) == {300_000_000: 3700}
        assert attempt(replace(plan, run_number=4), batch(A + "4", *(event(f"n{i}") for i in range(900)), *lines[:9]))
    counts = stack.database.rows("select rows_new, rows_duplicate, rows_quarantined from etl_batches")
    assert counts == [(2500, 500, 1), (700, 2400, 0), (0, 3700, 0), (900, 9, 0)]
    columns = "request_id, sku, category, extra"
    assert len(stack.table()) == 4100 and stack.parquet(columns) == stack.table(columns)
    # Of lines with the same key, the first is kept.
    assert stack.database.rows("select count(*) from sales_txns_tbl where sku >= 2500") == [(0,)]
    positions = stack.database.rows("select batch_id, count(*), max(batch_position) from sales_txns_tbl group by 1")
    assert [row[:2] for row in positions] == [(100_000_000, 2500), (200_000_000, 700), (400_000_000, 900)]
    assert [most for _, _, most in positions] <= [3000, 3100, 909]


def test_tasks_with_the_same_keys_never_deadlock(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    """Four concurrent tasks load sixteen copies of the same events, each in a different order."""
    keys, orders = [event(f"{i:05d}") for i in range(5_000)], random.Random(1)
    tasks = [[batch(f"{A}{task}{copy}", *orders.sample(keys, len(keys))) for copy in range(4)] for task in range(4)]
    with a_plan(stack, commit_rows=10**6) as plan, ThreadPoolExecutor() as threads:
        plans = [replace(plan, run_number=number) for number in range(1, 5)]
        list(threads.map(lambda one, objects: attempt(one, *objects), plans, tasks))
    counts = stack.database.rows("select sum(rows_new), sum(rows_duplicate) from etl_batches")
    assert counts == [(5_000, 75_000)]
    assert caplog.messages == []


def test_deadlock_is_retried(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    """Two tasks wait for a key that a third session has inserted. When it rolls back, both get a shared lock."""
    caplog.set_level(logging.WARNING)
    with a_plan(stack) as plan, ThreadPoolExecutor() as threads:
        with database.connect(plan.target) as third:
            database.execute(
                third, "insert into sales_txns_tbl (request_id, dt, batch_id, batch_position) values ('1', now(), 1, 1)"
            )
            plans = [replace(plan, run_number=number) for number in (1, 2)]
            results = threads.map(attempt, plans, [batch(A, event("1")), batch(B, event("1"))])
            tools.wait(lambda: waiting(stack) == 2, "both tasks")
            third.rollback()
        list(results)
    assert stack.database.rows("select sum(rows_new), sum(rows_duplicate) from etl_batches") == [(1, 1)]
    assert [m for m in caplog.messages if "deadlock" in m]


def waiting(stack: Stack) -> int:
    time.sleep(0.2)  # The server updates this table only if it was not read for 0.1 s.
    return len(stack.database.rows("select 1 from information_schema.innodb_trx where trx_state='LOCK WAIT'"))


def wider() -> Contract:
    fields = tuple(replace(f, type="string(100)") if f.name == "category" else f for f in contract.load().fields)
    return replace(contract.load(), fields=fields)


def test_value_that_the_table_would_truncate(stack: Stack) -> None:
    with a_plan(stack, contract=wider()) as plan, pytest.raises(LoadError, match="category"):
        attempt(plan, batch(A, event("1"), event("2", f',"category":"{"x" * 65}"')))
    assert nothing_committed(stack)


def test_row_that_the_table_rejects(stack: Stack) -> None:
    with a_plan(stack) as plan:
        stack.database.rows("alter table sales_txns_tbl add constraint small check (qty < 5)")
        with pytest.raises(LoadError, match="small"):
            attempt(plan, batch(A, event("1"), event("2", ',"qty":7')))
    assert nothing_committed(stack)


def test_lost_lock(stack: Stack) -> None:
    with a_plan(stack) as plan, pytest.raises(LockError, match="was lost"):
        attempt(replace(plan, lock=replace(plan.lock, owner=plan.lock.owner + 1)), batch(A, event("1")))
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
        "key": "quarantine/sale_events/a b.json/v1/000000000001-jr_1.jsonl",
        "reason": "not_utf8",
        "source_object": f"s3://{stack.bucket}/sale_events/a b.json",
        "version": "v1",
        "version_id": None,
        "line_number": 1,
        "line": '{"request_id":"caf\ufffd"}',
        "line_base64": "eyJyZXF1ZXN0X2lkIjoiY2Fm6SJ9",
        "run_id": "jr_1",
    }
