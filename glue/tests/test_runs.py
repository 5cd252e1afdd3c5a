"""The history of runs, and databases that were restored to an earlier state."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from store_events import contract, job
from store_events.export import parquet, parquet_writer
from store_events.load import collisions, ledger_owner, runs
from store_events.load.batch import Plan
from store_events.mysql import columns, ledger, lock
from store_events.mysql.lock import LockError
from store_events.report import metrics
from store_events.source.objects import SourceObject
from testsupport.backup import drop, restore, snapshot, snapshot_within_run
from testsupport.events import event, wider
from testsupport.loads import attempt, batch
from testsupport.stack import TABLES, Stack


def put(stack: Stack, name: str, *lines: bytes) -> None:
    stack.put(f"sale_events/dt=2024-05-01/{name}.json", list(lines))


def delete(stack: Stack, name: str) -> None:
    stack.s3.delete_object(Bucket=stack.bucket, Key=f"sale_events/dt=2024-05-01/{name}.json")


def history(stack: Stack) -> list[tuple[Any, ...]]:
    return stack.database.rows("select run_number, run_id, outcome, ended_at is not null from etl_runs order by 1")


def same_everywhere(stack: Stack) -> bool:
    """Report whether table and Parquet have the same rows in the same batches."""
    parquet = sorted(
        (key, int(path.split("batch_id=")[1].split("/")[0])) for path, key in stack.parquet_rows("request_id")
    )
    return parquet == stack.table("request_id, batch_id")


class PowerCutError(BaseException):
    """Stands for the death of the process: the job does not catch it."""


def test_each_run_has_a_row(stack: Stack) -> None:
    put(stack, "a", event("a"), event("a"), b"bad")
    assert [stack.run()["run_number"], stack.run()["run_number"]] == [1, 2]
    assert history(stack) == [(1, "jr_1", "succeeded", 1), (2, "jr_2", "succeeded", 1)]
    counts = "select rows_read, rows_new, rows_duplicate, rows_quarantined from etl_runs order by run_number"
    assert stack.database.rows(counts) == [(3, 1, 1, 1), (0, 0, 0, 0)]
    assert stack.database.rows("select batch_id from etl_batches") == [(100_000_000,)]


def test_runs_that_fail_and_die(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run records that a run has died, and what it had committed."""
    put(stack, "a", event("a"))
    for error in (ValueError, PowerCutError):
        with monkeypatch.context() as patch, pytest.raises(error):
            patch.setattr(job, "_summary", raising(error))
            stack.run()
    assert history(stack) == [(1, "jr_1", "failed", 1), (2, "jr_2", None, 0)]
    stack.run()
    assert history(stack) == [(1, "jr_1", "failed", 1), (2, "jr_2", "died", 0), (3, "jr_3", "succeeded", 1)]
    assert stack.database.rows("select rows_new from etl_runs order by run_number") == [(1,), (0,), (0,)]


def raising(error: type[BaseException]) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_runs_without_a_batch_have_different_numbers(stack: Stack) -> None:
    """Even within one second, if neither has committed a row."""
    numbers = []
    for run_id in ("jr_1", "jr_2"):
        settings = replace(stack.settings, run_id=run_id)
        with lock.held(settings.target, 0) as held, runs.recorded(settings, contract.load(), held) as run:
            numbers.append(run.number)
    assert numbers == [1, 2]


@pytest.fixture
def saved(stack: Stack) -> Iterator[Any]:
    """Yield a function that restores a snapshot of the database after two runs."""
    put(stack, "a", event("a"), b"bad")
    stack.run()
    put(stack, "b", event("b"), b"worse")
    stack.run()
    snapshot(stack, "backup1")
    yield lambda: restore(stack, "backup1")
    drop(stack, "backup1", "backup2")


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


def test_ledger_of_a_version_without_history(stack: Stack, saved: Any) -> None:
    """Run numbers continue after those of the batches, and the Parquet is kept."""
    stack.database.rows("drop table etl_runs")
    stack.s3.delete_object(Bucket=stack.bucket, Key="bookmarks/ledger/sales_txns_tbl.json")
    summary = stack.run()
    assert (summary["run_number"], summary["parquet_recovered"]) == (3, 0)
    assert same_everywhere(stack)


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


def long(key: str) -> bytes:
    return event(key, category="x" * 70)


def with_invalid_lines(stack: Stack) -> list[str]:
    """Return the objects that have invalid lines according to the ledger."""
    query = "select source_object from etl_objects where rows_quarantined > 0 order by 1"
    return [str(name).rpartition("/")[2] for (name,) in stack.database.rows(query)]


def test_line_that_was_replayed_after_the_point_of_the_restore(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replay removed its quarantine entry, and the restore its row. Lines that are read again are not new."""
    put(stack, "c", long("c"))
    stack.run()
    snapshot(stack, "backup2")
    assert stack.run(contract=wider(), replay=True)["rows_new"] == 1
    delete(stack, "b")
    restore(stack, "backup2")
    lags = list[float | None]()
    monkeypatch.setattr(metrics, "try_to_put", lambda *about, **_: lags.append(about[2].lag_s))
    stack.run(contract=wider(), max_invalid_share=0.1)
    assert lags == [None]
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "worse"]
    assert with_invalid_lines(stack) == ["a.json", "b.json"], "including an object that was deleted"
    assert stack.run(contract=wider())["rows_read"] == 0


def test_line_that_was_replayed_after_a_snapshot_without_a_history(stack: Stack, saved: Any) -> None:
    """An earlier release wrote none. The run before the snapshot gets a row, which makes the gap in numbers visible."""
    put(stack, "c", long("c"))
    stack.run()
    snapshot(stack, "backup2")
    stack.run(contract=wider(), replay=True)
    restore(stack, "backup2")
    stack.database.rows("drop table etl_runs")
    stack.database.rows("update etl_batches set committed_at = '2024-05-01 10:20:30.456'")
    stack.run(contract=wider())
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)
    assert history(stack) == [(3, "jr_3", "died", 0), (5, "jr_5", "succeeded", 1)]
    old, new = stack.database.rows("select left(started_at, 23), started_at > now() - interval 1 day from etl_runs")
    assert (old, new[1]) == (("2024-05-01 10:20:30.456", 0), 1)


def test_line_that_is_valid_only_after_the_restore(stack: Stack, saved: Any) -> None:
    put(stack, "c", long("c"))
    stack.run()
    snapshot(stack, "backup2")
    stack.run()
    restore(stack, "backup2")
    stack.run(contract=wider())
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "worse"]
    assert with_invalid_lines(stack) == ["a.json", "b.json"]


@pytest.mark.parametrize("full_listings", [True, False])
def test_run_that_dies_after_the_restore(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch, full_listings: bool
) -> None:
    """The next run reads the objects again, even in a database without a full listing yet."""
    put(stack, "c", long("c"))
    stack.run()
    if not full_listings:
        stack.database.rows("update etl_runs set outcome = 'failed'")
    snapshot(stack, "backup2")
    stack.run(contract=wider(), replay=True)
    restore(stack, "backup2")
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_load", raising(PowerCutError))
        stack.run(contract=wider())
    stack.run(contract=wider())
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "worse"]


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


def test_database_restored_during_a_backfill(stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Parquet that shows it must not be removed as Parquet without rows."""
    put(stack, "c", long("c"), b"c is bad")
    stack.run()
    load = job._load

    def restored_after(*about: Any) -> Any:
        snapshot(stack, "backup2")
        found = load(*about)
        restore(stack, "backup2")
        stack.database.rows(f"kill {about[2].lock.owner}")
        return found

    with monkeypatch.context() as patch, pytest.raises(LockError):
        patch.setattr(job, "_load", restored_after)
        stack.run(contract=wider(), backfill_from="2024-05-01", backfill_to="2024-05-01")
    stack.run(contract=wider())
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "c is bad", "worse"]


@pytest.mark.parametrize("gone", [[], ["c"]], ids=["", "object gone"])
def test_database_restored_to_a_point_within_a_replay(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch, gone: list[str]
) -> None:
    put(stack, "c", long("c"), b"c is bad")
    stack.run()
    snapshot_within_run(stack, monkeypatch, "backup2", contract=wider(), replay=True)
    for name in gone:
        delete(stack, name)
    restore(stack, "backup2")
    stack.run(contract=wider())
    assert stack.table() == [("a",), ("b",), *([] if gone else [("c",)])]
    assert same_everywhere(stack)
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "c is bad", "worse"]


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


@pytest.mark.parametrize("deaths", [[], [ValueError, PowerCutError]], ids=["", "dies while it changes it"])
def test_column_that_changes_after_a_restore_within_a_replay_that_died(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch, deaths: list[type[BaseException]]
) -> None:
    """The sign of the restore is Parquet of rows missing from the table. It is removed before the column changes."""
    put(stack, "c", long("c"), b"c is bad")
    stack.run()
    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(job, "_summary", raising(PowerCutError))
        snapshot_within_run(stack, monkeypatch, "backup2", contract=wider(), replay=True)
    restore(stack, "backup2")
    for error in deaths:
        with monkeypatch.context() as patch, pytest.raises(error):
            patch.setattr(columns, "change", raising(error))
            stack.run(contract=wider(qty="bigint"))
    stack.run(contract=wider(qty="bigint"))
    assert [outcome for _, _, outcome, _ in history(stack)][4:] == ["failed", "died", "succeeded"][-len(deaths) - 1 :]
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert same_everywhere(stack)
    assert {kind for _, kind in stack.parquet_rows("typeof(qty)")} == {"BIGINT"}
    assert sorted(q["line"] for q in stack.quarantine()) == ["bad", "c is bad", "worse"]


def marks(stack: Stack) -> dict[str, Any]:
    found = {}
    for key in stack.keys("bookmarks/ledger/"):
        found[key.rpartition("/")[2]] = json.load(stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"])
    return found


def test_earlier_releases_can_read_the_marks(stack: Stack, saved: Any) -> None:
    [(ledger,)] = stack.database.rows("select distinct ledger_id from etl_runs")
    mark = {"ledger": ledger, "number": 2}
    assert marks(stack) == {"sales_txns_tbl.json": mark, "sales_txns_tbl.ended.json": mark}


@pytest.mark.parametrize("ended", [None, {"ledger": "this", "number": 1}])
def test_run_of_an_earlier_release_is_recognized(stack: Stack, saved: Any, ended: dict[str, Any] | None) -> None:
    """It writes no mark when it ends."""
    key = {"Bucket": stack.bucket, "Key": "bookmarks/ledger/sales_txns_tbl.ended.json"}
    for outcome, number in (("succeeded", 3), ("died", 4)):
        stack.database.rows(f"update etl_runs set outcome = '{outcome}' where run_number = {number - 1}")
        stack.s3.delete_object(**key)
        if ended:
            stack.s3.put_object(**key, Body=json.dumps(ended).encode())
        assert stack.run()["run_number"] == number


def test_run_succeeds_without_storing_the_mark_of_its_end(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = ledger_owner.write_mark

    def refuse(to: Any, mark: ledger_owner.Mark, suffix: str) -> None:
        if suffix == ledger_owner.ENDED:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "PutObject")
        write(to, mark, suffix)

    monkeypatch.setattr(ledger_owner, "write_mark", refuse)
    assert [stack.run()["run_number"], stack.run()["run_number"]] == [3, 4]


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
