"""Objects with invalid lines that the first run after a restore of the database cannot read, or need not read."""

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from store_events import contract, job
from store_events.contract import Contract
from store_events.export import parquet
from store_events.load import runs
from store_events.mysql import database
from store_events.mysql.lock import LockError
from testsupport.backup import drop, restore, snapshot, snapshot_within_run
from testsupport.events import event, wider
from testsupport.loads import attempt, batch
from testsupport.stack import Stack

KEY = "sale_events/dt=2024-05-01/a.json"
LONG = {"category": "x" * 70}


def archive(stack: Stack, *lines: bytes, archived: bool) -> None:
    """Store the object, archived or not, without changing its version."""
    more = {"StorageClass": "GLACIER"} if archived else {}
    stack.s3.put_object(Bucket=stack.bucket, Key=KEY, Body=b"".join(line + b"\n" for line in lines), **more)


@pytest.fixture
def stack_with_backup(stack: Stack) -> Iterator[Stack]:
    """Yield a stack that was restored to a backup from before the replay of a line."""
    archive(stack, event("a"), event("b", **LONG), b"bad", archived=False)
    stack.run()
    snapshot(stack, "backup1")
    assert stack.run(contract=wider(), replay=True)["rows_new"] == 1
    restore(stack, "backup1")
    yield stack
    drop(stack, "backup1")


def whole(stack: Stack) -> bool:
    return stack.table() == stack.parquet() == [("a",), ("b",)] and [q["line"] for q in stack.quarantine()] == ["bad"]


def test_object_that_was_archived_when_the_database_was_restored(stack_with_backup: Stack) -> None:
    """It is read again, once, as soon as this is possible."""
    stack, lines = stack_with_backup, (event("a"), event("b", **LONG), b"bad")
    archive(stack, *lines, archived=True)
    assert stack.run(contract=wider())["unread"]["reasons"] == {"archived": 1}
    assert stack.run(contract=wider())["unread"]["reasons"] == {"archived": 1}
    archive(stack, *lines, archived=False)
    assert stack.run(contract=wider())["rows_new"] == 1
    assert whole(stack)
    assert stack.run(contract=wider())["rows_read"] == 0


def test_object_that_was_gone_when_the_database_was_restored(stack_with_backup: Stack) -> None:
    """It is stored again with the same bytes, so it has the same version."""
    stack = stack_with_backup
    stack.s3.delete_object(Bucket=stack.bucket, Key=KEY)
    stack.run(contract=wider())
    archive(stack, event("a"), event("b", **LONG), b"bad", archived=False)
    assert stack.run(contract=wider())["rows_new"] == 1
    assert whole(stack)


def test_entries_of_an_object_that_cannot_be_read_are_kept(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup is from the middle of a run that had replaced the entries: there may be no other copy of the lines."""
    archive(stack, event("a"), b"bad", archived=False)
    stack.run()
    snapshot_within_run(stack, monkeypatch, "backup1", replay=True)
    restore(stack, "backup1")
    drop(stack, "backup1")
    archive(stack, event("a"), b"bad", archived=True)
    for _ in range(2):
        assert stack.run()["unread"]["reasons"] == {"archived": 1}
        assert [(q["line"], q["run_id"]) for q in stack.quarantine()] == [("bad", "jr_2")]
    archive(stack, event("a"), b"bad", archived=False)
    stack.run()
    assert [(q["line"], q["run_id"]) for q in stack.quarantine()] == [("bad", f"jr_{stack.runs}")]


def test_entries_of_lines_that_are_restored_rows_are_removed(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup is from the middle of a run in which these lines did not fit a column. No run reads them again."""
    archive(stack, event("a"), event("b", x_channel="web"), archived=False)
    stack.run()
    options = {"backfill_from": "2024-05-01", "backfill_to": "2024-05-01", "extra_columns": "x_channel=string(2)"}
    snapshot_within_run(stack, monkeypatch, "backup1", **options)
    restore(stack, "backup1")
    drop(stack, "backup1")
    assert len(stack.quarantine()) == 1
    assert stack.run()["rows_read"] == 0
    assert stack.table() == stack.parquet() == [("a",), ("b",)]
    assert stack.quarantine() == []


@pytest.mark.parametrize("declared", [contract.load(), wider()], ids=["no line is valid", "a line is valid"])
def test_replay_that_lost_its_database_before_it_wrote_parquet(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, declared: Contract
) -> None:
    """The backup is from the middle of the run, and the bucket does not show that the run has committed anything."""
    lines = (event("a"), event("b", **LONG), b"bad")
    archive(stack, *lines, archived=False)
    stack.run()

    def load(_spark: Any, todo: Any, plan: Any, _share: float) -> None:
        snapshot(stack, "backup1")
        attempt(plan, batch(todo[0].name, *lines, version=todo[0].version, reread=True))
        lost()

    def lost(*_args: Any) -> None:
        raise pymysql.OperationalError(2013, "lost connection")

    with monkeypatch.context() as patch, pytest.raises(pymysql.OperationalError, match="lost connection"):
        patch.setattr(job, "_load", load)
        patch.setattr(runs, "_end", lost)
        if declared == wider():
            patch.setattr(parquet, "write_sent", lost)
        stack.run(contract=declared, replay=True)
    restore(stack, "backup1")
    drop(stack, "backup1")
    stack.run(contract=declared)
    assert stack.table() == stack.parquet() == [("a",)]
    assert sorted(q["line_number"] for q in stack.quarantine()) == [2, 3]
    assert stack.run(contract=wider(), replay=True)["rows_new"] == 1
    assert whole(stack)


def test_worker_that_outlives_a_restore_of_the_database(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run has loaded the events again, and then the worker writes the Parquet of its lost batch."""
    archive(stack, event("a"), archived=False)
    stack.run()
    stack.put(f"{KEY}.2", [event("b")])
    own, held = parquet.write_sent, list[Any]()

    def load(_spark: Any, todo: Any, plan: Any, _share: float) -> None:
        snapshot(stack, "backup1")
        with monkeypatch.context() as patch:
            patch.setattr(parquet, "write_sent", lambda *call: held.append(call[1:]))
            attempt(plan, batch(todo[0].name, event("b"), version=todo[0].version))
        raise LockError

    with monkeypatch.context() as patch, pytest.raises(LockError):
        patch.setattr(job, "_load", load)
        stack.run()
    restore(stack, "backup1")
    drop(stack, "backup1")
    stack.run()
    with database.connect(stack.settings.target) as connection:
        own(connection, *held[0])
    assert stack.table() == stack.parquet() == [("a",), ("b",)]


def test_replay_that_lost_its_database_after_a_task_was_retried(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt died between its commit and its Parquet. The second one removes the stale entries."""
    lines = (event("a"), event("b", **LONG), b"bad")
    archive(stack, *lines, archived=False)
    stack.run()

    def load(_spark: Any, todo: Any, plan: Any, _share: float) -> None:
        snapshot(stack, "backup1")
        items = batch(todo[0].name, *lines, version=todo[0].version, reread=True)
        with monkeypatch.context() as patch, pytest.raises(pymysql.OperationalError):
            patch.setattr(parquet, "write_sent", lost)
            attempt(plan, items)
        attempt(plan, items)
        lost()

    def lost(*_args: Any) -> None:
        raise pymysql.OperationalError(2013, "lost connection")

    with monkeypatch.context() as patch, pytest.raises(pymysql.OperationalError, match="lost connection"):
        patch.setattr(job, "_load", load)
        patch.setattr(runs, "_end", lost)
        stack.run(contract=wider(), replay=True)
    restore(stack, "backup1")
    drop(stack, "backup1")
    stack.run(contract=wider())
    assert whole(stack)
