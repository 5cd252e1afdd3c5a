"""The Parquet of a batch, written from the sent rows or from the table. Both have the table's rows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark import SparkContext

from store_events.export import parquet, parquet_writer
from store_events.export.parquet_writer import ClearError
from store_events.mysql import database, ledger
from store_events.rows.sorted_rows import SortedRows
from store_events.source import objects
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import TABLES, Stack

A, B = "s3://b/sale_events/dt=2024-05-01/a", "s3://b/sale_events/dt=2024-05-02/b"
COLUMNS = "request_id, category, contact_me, cast(sales as char(20)) sales, qty, extra, cast(ts as char(23)) ts"
SAME_COLUMNS = (
    "request_id, category, contact_me, cast(sales as varchar) sales, qty, extra, strftime(ts, '%Y-%m-%d %H:%M:%S.%g')"
)


def event(key: str, **more: object) -> bytes:
    return json.dumps({"request_id": key, **more}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def power_cut(*_: object) -> None:
    raise RuntimeError("power cut")


def test_repeated_keys_within_and_between_batches(stack: Stack) -> None:
    with a_plan(stack, commit_rows=3) as plan:
        attempt(
            plan,
            batch(A, event("a", qty=1), event("b", qty=1), event("a", qty=2)),
            batch(B, event("b", qty=3), event("c", qty=3), event("c", qty=4), event("d", qty=3)),
        )
    assert stack.table("request_id, qty") == [("a", 1), ("b", 1), ("c", 3), ("d", 3)]
    assert stack.parquet("request_id, qty") == stack.table("request_id, qty")
    assert stack.database.rows("select count(*) from etl_batches where parquet_at is null") == [(0,)]


def test_parquet_of_a_dead_run_is_recovered(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_plan(stack) as plan, monkeypatch.context() as patch, pytest.raises(RuntimeError, match="power cut"):
        patch.setattr(parquet, "write_sent", power_cut)
        attempt(plan, batch(A, event("a")), batch(B, event("b"), event("a")))
    assert stack.table() == [("a",), ("b",)]
    assert stack.parquet() == []
    assert stack.run()["parquet_recovered"] == 1
    assert stack.parquet() == [("a",), ("b",)]
    assert stack.run()["parquet_recovered"] == 0


@pytest.mark.parametrize("stored", ["", "dt=2024-05-01/", "dt=2024-05-02/"])
def test_parquet_of_an_earlier_attempt_is_written(stack: Stack, monkeypatch: pytest.MonkeyPatch, stored: str) -> None:
    """If the earlier attempt stored a part of it, only the driver replaces that."""
    items = (*batch(A, event("a")), *batch(B, event("b"), event("a")))
    with a_plan(stack) as plan:
        with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="power cut"):
            patch.setattr(parquet, "write_sent", power_cut)
            attempt(plan, [*items])
        if stored:
            key = f"curated/{stored}batch_id=100000000/rows.parquet"
            stack.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"cut short")
        assert attempt(plan, [*items]) == {}
    assert not stored or stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read() == b"cut short"
    assert stack.run()["parquet_recovered"] == bool(stored)
    assert stack.parquet() == stack.table() == [("a",), ("b",)]


def test_recovery_replaces_parquet_of_a_dead_run(stack: Stack) -> None:
    with a_plan(stack) as plan:
        attempt(plan, batch(A, event("a")), batch(B, event("b")))
        [key, _] = stack.keys("curated/")
        stack.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"cut short")
        assert parquet.recoverer(plan.destination)(100_000_000) == 2
    assert stack.parquet() == [("a",), ("b",)]


def test_worker_that_outlives_its_run_changes_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run writes the Parquet from the table, and then the worker tries to write its own."""
    late: list[tuple[int, SortedRows, ledger.BatchCounts]] = []
    own = parquet.write_sent

    def hold(_: object, __: object, number: int, rows: SortedRows, tally: ledger.BatchCounts) -> None:
        late.append((number, rows, tally))

    with a_plan(stack) as plan:
        monkeypatch.setattr(parquet, "write_sent", hold)
        attempt(plan, batch(B, event("b"), event("b2")), batch(A, event("a")), batch(B + "2", event("c"), event("a")))
        parquet.recoverer(plan.destination)(100_000_000)
        recovered = stack.keys("curated/")
        [(number, rows, tally)] = late
        with database.connect(plan.target) as connection:
            own(connection, plan.destination, number, rows, tally)
    assert stack.parquet() == stack.table() == [("a",), ("b",), ("b2",), ("c",)]
    assert stack.keys("curated/") == recovered
    assert len(recovered) == 2


def test_object_that_s3_does_not_delete(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 reports it in a successful response. The next run removes it."""
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a")])
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b")])
    stack.run()
    stack.s3.delete_object(Bucket=stack.bucket, Key="sale_events/dt=2024-05-01/a.json")
    for table in TABLES:
        stack.database.rows(f"delete from {table}")
    call = BaseClient._make_api_call

    def busy(client: BaseClient, operation: str, request: Any) -> Any:
        if operation != "DeleteObjects":
            return call(client, operation, request)
        errors = [{**one, "Code": "InternalError", "Message": "try again"} for one in request["Delete"]["Objects"]]
        return {"Errors": errors}

    with monkeypatch.context() as patch, pytest.raises(ClearError, match=r"dt=2024-05-01/.*InternalError: try again"):
        patch.setattr(BaseClient, "_make_api_call", busy)
        stack.run()
    stack.run()
    assert stack.parquet() == stack.table() == [("b",)]


def test_rows_that_exceed_the_packet_size_of_the_server(stack: Stack) -> None:
    """The server loads them, but its functions return null for longer strings.

    The string has no quotes, because the time of MariaDB's replace() is quadratic in their number.
    """
    [(before,)] = stack.database.rows("select @@global.max_allowed_packet")
    stack.database.rows(f"set global max_allowed_packet={1 << 19}")
    try:
        stack.put("sale_events/dt=2024-05-01/a.json", [event("a", note="x" * 600_000), event("b")])
        stack.run()
        assert stack.parquet("request_id, length(extra)") == stack.table("request_id, char_length(extra)")
        stack.database.rows("update etl_batches set parquet_at = null")
        with pytest.raises(Exception, match="max_allowed_packet, 524288 bytes, is too small for the rows"):
            stack.run()
    finally:
        stack.database.rows(f"set global max_allowed_packet={before}")
    stack.run()
    assert stack.parquet("request_id, length(extra)") == stack.table("request_id, char_length(extra)")


def test_batch_without_new_rows_has_no_parquet(stack: Stack) -> None:
    with a_plan(stack) as plan:
        attempt(plan, batch(A, b"bad"))
        with database.connect(plan.target) as connection:
            assert ledger.without_parquet(connection, plan.contract) == {}
    assert stack.keys("curated/") == []


def test_days_are_found_with_one_query(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table has no index of days, so each query reads the whole table."""
    for day in (1, 3, 4):
        stack.put(f"sale_events/dt=2024-05-0{day}/a.json", [event(f"{day}")])
    stack.run()
    [kept, *gone] = stack.keys("curated/")
    stack.database.rows("delete from sales_txns_tbl where request_id in ('3', '4')")
    queries, rows = list[str](), database.rows

    def noted(connection: database.Connection, statement: str, *values: object) -> list[tuple[object, ...]]:
        queries.append(statement)
        return rows(connection, statement, *values)

    monkeypatch.setattr(database, "rows", noted)
    with a_plan(stack) as plan, database.connect(plan.target) as connection:
        parquet.reset_days(connection, plan.destination, "2024-05-01", "2024-05-03")
        assert len([one for one in queries if "distinct" in one]) == 1
        assert list(ledger.without_parquet(connection, plan.contract)) == [int(kept.split("=")[2].split("/")[0])]
    assert stack.keys("curated/") == [kept, gone[-1]]


def test_frozen_backfill_keeps_parquet_of_a_later_run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = parquet_writer.stored

    def frozen(*about: Any) -> set[tuple[str, int]]:
        attempt(replace(plan, run_number=2), batch(A, event("a")))
        return stored(*about)

    monkeypatch.setattr(parquet_writer, "stored", frozen)
    with a_plan(stack) as plan, database.connect(plan.target) as connection:
        parquet.reset_days(connection, plan.destination, "2024-05-01", "2024-05-03")
    assert stack.parquet() == [("a",)]


def test_backfill_of_any_range_lists_its_parquet_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (1, 3, 4):
        stack.put(f"sale_events/dt=2024-05-0{day}/a.json", [event(f"{day}")])
    stack.run()
    stack.database.rows("delete from sales_txns_tbl where request_id in ('1', '3', '4')")
    call, listed = BaseClient._make_api_call, list[str]()

    def noted(client: BaseClient, operation: str, request: Any) -> Any:
        if operation == "ListObjectsV2":
            listed.append(request["Prefix"])
        return call(client, operation, request)

    with a_plan(stack) as plan, database.connect(plan.target) as connection, monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", noted)
        parquet.reset_days(connection, plan.destination, "2024-05-02", "2024-05-03")
        assert listed.count("curated/dt=") == 1
        assert [key.split("/")[1] for key in stack.keys("curated/")] == ["dt=2024-05-01", "dt=2024-05-04"]
        listed.clear()
        parquet.reset_days(connection, plan.destination, "0001-01-01", "9999-12-31")
    assert len(listed) == 3, "all days, and the folders of two batches"
    assert stack.keys("curated/") == []


def test_few_tasks_write_the_parquet_of_many_batches(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MAX_PARTITIONS", 2)
    for name in "abc":
        stack.put(f"sale_events/dt=2024-05-01/{name}.json", [event(name)])
        stack.run()
    stack.database.rows("update etl_batches set parquet_at = null")
    inner, slices = SparkContext.parallelize, list[int | None]()

    def noted(self: SparkContext, items: list[int], count: int | None = None) -> object:
        slices.append(count)
        return inner(self, items, count)

    monkeypatch.setattr(SparkContext, "parallelize", noted)
    assert stack.run()["parquet_recovered"] == 3
    assert slices == [2]
    assert stack.parquet() == stack.table() == [("a",), ("b",), ("c",)]


ODD = st.sampled_from(",\"\\\n\r\t\0'NUL\u2028\U0001f600")
TEXT = st.text(st.one_of(ODD, st.characters(exclude_categories=["Cs"])), max_size=30)


@pytest.fixture
def one(stack: Stack) -> Iterator[Stack]:
    yield stack


@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.tuples(st.none() | TEXT | st.just("NULL"), TEXT, st.integers(-9999, 9999)), min_size=40))
def test_table_and_parquet_have_the_exact_text(one: Stack, texts: list[tuple[str | None, str, int]]) -> None:
    one.database.rows("drop table if exists sales_txns_tbl, etl_batches, etl_objects")
    for key in one.keys("curated/"):
        one.s3.delete_object(Bucket=one.bucket, Key=key)
    lines = [
        event(f"{i:05d}", category=text, contact_me=other, sales=n / 100, x=other, ts="2024-05-01T10:00:00.5")
        for i, (text, other, n) in enumerate(texts)
    ]
    with a_plan(one) as plan:
        attempt(plan, batch(A, *lines))
        rows = one.table(COLUMNS)
        assert [row[:3] for row in rows] == [(f"{i:05d}", text, other) for i, (text, other, _) in enumerate(texts)]
        assert [json.loads(str(row[5])) for row in rows] == [{"x": other} for _, other, _ in texts]
        assert one.parquet(SAME_COLUMNS) == rows
        parquet.recoverer(plan.destination)(100_000_000)
        assert one.parquet(SAME_COLUMNS) == rows
