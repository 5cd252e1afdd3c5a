"""A ledger belongs to one bucket and one table: runs with another table, and runs of a second stack in the schema."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from store_events import job
from store_events.export import parquet, parquet_writer
from store_events.load.ledger_owner import OtherBucketError
from store_events.mysql import database, ledger, lock, tables
from testsupport import backup
from testsupport.events import event
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

OTHER = "other_tbl"
_FORMER = "alter table etl_runs drop column bucket, drop column target_table"


class PowerCutError(BaseException):
    """Stands for the death of the process: the job does not catch it."""


def power_cut(*_: object, **__: object) -> None:
    raise PowerCutError


@pytest.fixture
def loaded(stack: Stack) -> Iterator[Stack]:
    """Yield a stack with one event in its table."""
    put(stack, "a")
    stack.run()
    yield stack
    stack.database.rows(f"drop table if exists {OTHER}")
    backup.drop(stack, "backup1")


def put(stack: Stack, name: str) -> None:
    stack.put(f"sale_events/dt=2024-05-01/{name}.json", [event(name)])


def run_into_other(stack: Stack) -> dict[str, Any]:
    return stack.run(target=replace(stack.settings.target, table=OTHER))


def other_table(stack: Stack) -> list[tuple[Any, ...]]:
    return stack.database.rows(f"select request_id from {OTHER} order by 1")


def second_stack(stack: Stack) -> Stack:
    """Return another stack with the same database."""
    bucket = f"events-{uuid.uuid4().hex[:12]}"
    stack.s3.create_bucket(Bucket=bucket)
    return replace(stack, settings=replace(stack.settings, bucket=bucket), runs=100)


@pytest.mark.parametrize("former", [False, True], ids=["", "of a former release"])
def test_another_table_and_back(loaded: Stack, former: bool) -> None:
    """Events that were loaded only into the other table are loaded into the first one, too."""
    put(loaded, "b")
    assert [f["kind"] for f in run_into_other(loaded)["findings"]] == ["table_changed"]
    assert other_table(loaded) == [("a",), ("b",)] == loaded.parquet()
    put(loaded, "c")
    assert run_into_other(loaded)["findings"] == []
    if former:
        loaded.database.rows(_FORMER)
    assert [f["kind"] for f in loaded.run()["findings"]] == ["table_changed"]
    assert loaded.table() == loaded.parquet() == [("a",), ("b",), ("c",)]
    assert loaded.run()["rows_read"] == 0
    put(loaded, "d")
    run_into_other(loaded)
    assert other_table(loaded) == loaded.parquet() == [("a",), ("b",), ("c",), ("d",)]


def test_first_table_that_is_emptied_after_the_change_back(loaded: Stack) -> None:
    """Since the change back, only duplicates were loaded into it."""
    run_into_other(loaded)
    assert loaded.run()["rows_duplicate"] == 1
    loaded.database.rows("delete from sales_txns_tbl")
    loaded.run()
    assert loaded.table() == loaded.parquet() == [("a",)]


def test_renamed_table_that_is_then_emptied(loaded: Stack) -> None:
    loaded.database.rows(f"rename table sales_txns_tbl to {OTHER}")
    assert run_into_other(loaded)["rows_duplicate"] == 1
    loaded.database.rows(f"delete from {OTHER}")
    run_into_other(loaded)
    assert other_table(loaded) == loaded.parquet() == [("a",)]


def test_table_that_is_emptied_after_its_ledger_was_lost(loaded: Stack) -> None:
    for table in ("etl_batches", "etl_objects", "etl_runs", "etl_collisions"):
        loaded.database.rows(f"drop table {table}")
    assert loaded.run()["rows_duplicate"] == 1
    loaded.database.rows("delete from sales_txns_tbl")
    loaded.run()
    assert loaded.table() == loaded.parquet() == [("a",)]


def test_first_run_with_another_table_dies(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run has the finding, and writes all Parquet again, even for batches that have some."""
    [first] = loaded.keys("curated/")
    loaded.put("sale_events/dt=2024-05-01/b.json", [event("b"), event("c")])
    loaded.run()
    loaded.database.rows(f"rename table sales_txns_tbl to {OTHER}")
    loaded.database.rows(f"delete from {OTHER} where request_id = 'b'")
    loaded.s3.delete_object(Bucket=loaded.bucket, Key=first)
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(parquet, "restore", power_cut)
        run_into_other(loaded)
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_load", power_cut)
        run_into_other(loaded)
    assert [f["kind"] for f in run_into_other(loaded)["findings"]] == ["table_changed"]
    assert other_table(loaded) == loaded.parquet() == [("a",), ("b",), ("c",)]
    assert run_into_other(loaded)["findings"] == []


@pytest.mark.parametrize("lost", [False, True], ids=["", "in a database without a ledger"])
def test_database_restored_to_before_the_change(loaded: Stack, lost: bool) -> None:
    """The database has the run of the first table's last mark again, but the Parquet is that of the other table."""
    backup.snapshot(loaded, "backup1")
    put(loaded, "b")
    if lost:
        loaded.database.rows("drop table etl_runs, etl_batches, etl_objects, etl_collisions")
    run_into_other(loaded)
    backup.restore(loaded, "backup1")
    put(loaded, "c")
    loaded.run()
    assert loaded.table() == loaded.parquet() == [("a",), ("b",), ("c",)]
    assert loaded.run()["parquet_recovered"] == 0


@pytest.mark.parametrize("late", [False, True], ids=["while the ledger is deleted", "after that"])
def test_worker_of_the_former_table_that_outlives_its_run(
    loaded: Stack, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """It writes Parquet of a batch that the next run does not know."""
    sent, held, deleted = parquet.write_sent, list[Any](), ledger.delete_all
    with a_plan(loaded, run_number=2) as plan, monkeypatch.context() as patch:
        patch.setattr(parquet, "write_sent", lambda *call: held.append(call[2:]))
        attempt(plan, batch("s3://b/sale_events/dt=2024-05-01/b", event("b")))
    [call] = held

    def goes_on() -> None:
        with database.connect(plan.target) as connection:
            sent(connection, plan.destination, *call)

    def delete(connection: Any, contract: Any) -> None:
        goes_on()
        deleted(connection, contract)

    if not late:
        monkeypatch.setattr(ledger, "delete_all", delete)
    run_into_other(loaded)
    if late:
        goes_on()
    assert other_table(loaded) == loaded.parquet() == [("a",)]


def test_worker_that_outlives_its_run_while_it_recovers_parquet(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read the rows of the former table, and stores them after the next run has removed that table's Parquet."""
    loaded.database.rows("update etl_batches set parquet_at = null")
    for key in loaded.keys("curated/"):
        loaded.s3.delete_object(Bucket=loaded.bucket, Key=key)
    meanwhile, check = [run_into_other], lock.Lock.check

    def slowly(held: lock.Lock, connection: Any) -> None:
        if meanwhile:
            meanwhile.pop()(loaded)
        else:
            check(held, connection)

    with a_plan(loaded) as plan:
        recover = parquet.recoverer(plan.destination)
    monkeypatch.setattr(lock.Lock, "check", slowly)
    recover(100_000_000)
    assert other_table(loaded) == loaded.parquet() == [("a",)]


def test_ledger_is_not_locked_while_the_parquet_is_listed(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with another table deletes the whole ledger, but the listing may take long."""
    listed, stored = [], parquet_writer.stored

    def listing(*args: Any) -> set[tuple[str, int]]:
        listed.append(loaded.database.rows("select rows_new from etl_batches for update nowait"))
        return stored(*args)

    monkeypatch.setattr(parquet_writer, "stored", listing)
    run_into_other(loaded)
    assert listed == [[(1,)], []], "before and after the deletion"


def test_run_that_dies_while_it_extends_the_ledger(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger of a former release then has one of the new columns, and the next run adds the other one."""
    loaded.database.rows(_FORMER)
    add = tables._add_column

    def added(connection: Any, table: str, column: str) -> None:
        if column.startswith("target_table"):
            raise PowerCutError
        add(connection, table, column)

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(tables, "_add_column", added)
        loaded.run()
    assert loaded.run()["rows_read"] == 0


def test_ledger_of_a_former_release_is_kept(loaded: Stack) -> None:
    loaded.database.rows(_FORMER)
    summary = loaded.run()
    assert (summary["rows_read"], summary["findings"]) == (0, [])
    query = "select bucket, target_table from etl_runs order by run_number"
    assert loaded.database.rows(query) == [(None, None), (loaded.bucket, "sales_txns_tbl")]


@pytest.mark.parametrize("table", ["sales_txns_tbl", OTHER])
def test_second_stack_in_the_schema_is_refused(loaded: Stack, table: str) -> None:
    """It has not changed anything yet, and the first stack's runs succeed."""
    second = second_stack(loaded)
    put(second, "b")
    before = loaded.database.rows("select * from etl_runs")
    for _ in range(2):
        with pytest.raises(OtherBucketError, match=f"bucket {loaded.bucket}.* set databaseName"):
            second.run(target=replace(loaded.settings.target, table=table))
    assert loaded.database.rows("select * from etl_runs") == before
    assert loaded.database.rows("show tables like 'other%'") == []
    assert second.keys("curated/") == []
    put(loaded, "c")
    assert loaded.run()["rows_read"] == 1
    assert loaded.table() == loaded.parquet() == [("a",), ("c",)]


def test_bucket_that_replaces_another_one(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack is created again with its old database. With the command from the error, it gets Parquet of all rows."""
    second = second_stack(loaded)
    put(second, "b")
    with pytest.raises(OtherBucketError) as refused:
        second.run()
    command = str(refused.value).partition("run this command, then the job again: ")[2]
    echo, _, copy = command.partition(" | aws s3 cp - ")
    mark = subprocess.run(echo, shell=True, capture_output=True, check=True).stdout
    bucket, _, key = copy.removeprefix("s3://").partition("/")
    second.s3.put_object(Bucket=bucket, Key=key, Body=mark)
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(parquet, "restore", power_cut)
        second.run()
    second.run()
    assert second.table() == second.parquet() == [("a",), ("b",)]
    assert second.run()["parquet_recovered"] == 0
    assert json.loads(mark)["number"] == 1
    with pytest.raises(OtherBucketError, match=f"bucket {second.bucket}"):
        loaded.run()
