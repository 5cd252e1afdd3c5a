"""Databases that were restored to an earlier state: rows and quarantine of invalid lines after the next run."""

from typing import Any

import pytest

from store_events import job
from store_events.mysql import columns
from store_events.mysql.lock import LockError
from store_events.report import metrics
from testsupport.backup import restore, snapshot, snapshot_within_run
from testsupport.events import event, wider
from testsupport.restores import PowerCutError, delete, history, put, raising, same_everywhere
from testsupport.stack import Stack


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
