"""Databases that were restored to an earlier state, emptied or replaced: rows and Parquet after the next run."""

from typing import Any

import pytest

from store_events import job
from store_events.export import parquet, parquet_writer
from store_events.load import collisions
from store_events.load.batch import Plan
from store_events.mysql import ledger, lock
from store_events.mysql.lock import LockError
from store_events.source.objects import SourceObject
from testsupport.backup import restore, snapshot, snapshot_within_run
from testsupport.events import event
from testsupport.loads import attempt, batch
from testsupport.restores import PowerCutError, delete, history, put, raising, same_everywhere
from testsupport.stack import TABLES, Stack


def test_database_restored_to_an_earlier_point(stack: Stack, saved: Any) -> None:
    put(stack, "c", event("c"), b"worst")
    put(stack, "d", event("d"))
    stack.run()
    delete(stack, "d")
    saved()
    assert stack.run()["run_number"] == 4
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "worse", "worst"]
    assert stack.run()["parquet_recovered"] == 0


def test_database_restored_to_a_later_point_again(stack: Stack, saved: Any) -> None:
    """The restored database has batches whose Parquet was removed."""
    put(stack, "c", event("c"))
    stack.run()
    snapshot(stack, "backup2")
    delete(stack, "c")
    saved()
    stack.run()
    assert stack.table() == [("a",), ("b",)]
    assert same_everywhere(stack)
    restore(stack, "backup2")
    assert stack.run()["run_number"] == 5
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)


@pytest.mark.parametrize("statement", ["drop table {}", "delete from {}"])
def test_emptied_database(stack: Stack, saved: Any, statement: str) -> None:
    delete(stack, "a")
    for table in TABLES:
        stack.database.rows(statement.format(table))
    assert stack.run()["run_number"] == 3
    assert stack.table() == [("b",)]
    assert same_everywhere(stack)


@pytest.mark.parametrize("statement", ["drop table {}", "delete from {}"])
def test_emptied_table_of_events(stack: Stack, saved: Any, statement: str) -> None:
    """According to the ledger the events are loaded, but they are not."""
    stack.database.rows(statement.format("sales_txns_tbl"))
    stack.run()
    assert stack.table() == [("a",), ("b",)]
    assert same_everywhere(stack)
    assert len(history(stack)) == 3


def test_run_that_dies_while_it_restores_the_parquet(stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(stack, "c", event("c"))
    stack.run()
    delete(stack, "c")
    saved()
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(parquet, "restore", raising(PowerCutError))
        stack.run()
    stack.run()
    assert stack.table() == [("a",), ("b",)]
    assert same_everywhere(stack)


def test_database_replaced_by_another_one(stack: Stack, saved: Any) -> None:
    """Its batches may have the same IDs, but other rows."""
    stack.database.rows("update etl_runs set ledger_id = 'another'")
    stack.database.rows("update sales_txns_tbl set qty = 7")
    assert stack.run()["parquet_recovered"] == 2
    assert stack.parquet("request_id, qty") == stack.table("request_id, qty") == [("a", 7), ("b", 7)]


def test_run_that_dies_after_removing_parquet(stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Parquet of rows missing from the restored database is the only sign of the restore."""
    put(stack, "c", event("c"))
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_summary", raising(PowerCutError))
        snapshot_within_run(stack, monkeypatch, "backup2")
    restore(stack, "backup2")
    stack.database.rows("update sales_txns_tbl set qty = 7")
    clear = parquet_writer.Writer.clear

    def die(writer: parquet_writer.Writer, day: str) -> None:
        clear(writer, day)
        raise PowerCutError

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(parquet_writer.Writer, "clear", die)
        stack.run()
    stack.run()
    assert stack.table("request_id, qty") == stack.parquet("request_id, qty") == [("a", 7), ("b", 7), ("c", None)]


def test_database_restored_to_a_point_within_the_last_run(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(stack, "c", event("c"))
    snapshot_within_run(stack, monkeypatch, "backup2")
    restore(stack, "backup2")
    assert stack.run()["run_number"] == 5, "a gap shows that the database was restored"
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)


@pytest.mark.parametrize("moment", ["_load", "_delete_feed"], ids=["while it loads", "after its last check"])
def test_database_restored_during_a_run(stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Or replaced by a replica that lacks the last commits. The run is alive, and would record its end there."""
    put(stack, "c", event("c"))
    load, then, locks = job._load, getattr(job, moment), list[lock.Lock]()

    def saved_before(*about: Any) -> Any:
        locks.append(about[2].lock)
        snapshot(stack, "backup2")
        return (restored_after if moment == "_load" else load)(*about)

    def restored_after(*about: Any) -> Any:
        found = then(*about)
        restore(stack, "backup2")
        stack.database.rows(f"kill {locks[0].owner}")
        return found

    with monkeypatch.context() as patch, pytest.raises(LockError):
        patch.setattr(job, moment, restored_after)
        patch.setattr(job, "_load", saved_before)
        stack.run()
    stack.run(feed=True)
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)


def test_database_restored_to_a_point_within_a_run_that_died(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Parquet has more than the ledger, as after the loss of the database."""
    put(stack, "c", event("c"))
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_summary", raising(PowerCutError))
        snapshot_within_run(stack, monkeypatch, "backup2")
    restore(stack, "backup2")
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(parquet, "restore", raising(PowerCutError))
        stack.run()
    stack.run()
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)


def test_database_restored_to_a_point_before_the_winner_of_a_run_that_died(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two objects have the same event. The later one was committed first, and lost its row after the backup."""
    put(stack, "c", event("c", qty=1))
    stack.put("sale_events/dt=2024-05-02/d.json", [event("c", qty=2)])

    def load(_: Any, todo: list[SourceObject], plan: Plan, __: float) -> list[Any]:
        of_task = ledger.of_task
        for task, qty in ((1, 2), (0, 1)):
            with monkeypatch.context() as patch:
                patch.setattr(ledger, "of_task", lambda c, contract, run, _, task=task: of_task(c, contract, run, task))
                patch.setattr(ledger, "batch_id", lambda run, _, n, task=task: run * 10**8 + task * 10**4 + n)
                attempt(plan, batch(todo[task].name, event("c", qty=qty), version=todo[task].version))
            if task == 1:
                snapshot(stack, "backup2")
        return []

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_load", load)
        patch.setattr(collisions, "_move", raising(PowerCutError))
        stack.run()
    restore(stack, "backup2")
    stack.run()
    assert stack.table("request_id, qty") == stack.parquet("request_id, qty") == [("a", None), ("b", None), ("c", 2)]
    assert same_everywhere(stack)


def test_row_that_moved_to_another_batch_after_the_point_of_the_restore(stack: Stack, saved: Any) -> None:
    """The Parquet of its day and batch exists, but without it."""
    put(stack, "b2", event("c"), event("d"))
    stack.run()
    snapshot(stack, "backup2")
    stack.database.rows("delete from sales_txns_tbl where request_id = 'c'")
    assert stack.run(backfill_from="2024-05-01", backfill_to="2024-05-01")["rows_new"] == 1
    restore(stack, "backup2")
    assert stack.run()["parquet_recovered"] == 3
    assert stack.table() == [("a",), ("b",), ("c",), ("d",)]
    assert same_everywhere(stack)
