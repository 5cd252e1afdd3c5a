"""Replays that die: no quarantined line is lost, and no loaded line stays in the quarantine."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from store_events.export import quarantine
from store_events.load import batch as batches
from store_events.load.batch import Plan
from store_events.mysql import ledger
from store_events.mysql.lock import Lock, LockError
from testsupport.events import wider
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

KEY = "sale_events/dt=2024-05-01/a.json"
LONG = "x" * 70  # Too long for the column as it is declared.
LINES = [b'{"request_id":"a"}', b"bad", json.dumps({"request_id": "b", "category": LONG}).encode(), b"worse"]


class DeathError(Exception):
    """The death of the worker."""


def numbers(stack: Stack) -> list[int]:
    return sorted(entry["line_number"] for entry in stack.quarantine())


def dying(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, nth: int) -> None:
    """Make the nth call fail before it does anything."""
    inner, calls = getattr(where, name), [0]

    def call(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            raise DeathError
        return inner(*args, **options)

    monkeypatch.setattr(where, name, call)


def load_first(stack: Stack, plan: Plan) -> str:
    """Load the object, and then widen the column so that line 3 becomes valid."""
    name = f"s3://{stack.bucket}/{KEY}"
    attempt(plan, batch(name, *LINES))
    assert numbers(stack) == [2, 3, 4]
    stack.database.rows("alter table sales_txns_tbl modify category varchar(80)")
    return name


DEATHS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before the first commit": lambda m: dying(m, Lock, "check", 1),
    "before the second commit": lambda m: dying(m, Lock, "check", 2),
    "after the lines' commit": lambda m: dying(m, quarantine.Writer, "remove_stale_entries", 1),
    "before the end's commit": lambda m: dying(m, Lock, "check", 5),
    "before the quarantine is stored": lambda m: dying(m, quarantine.Store, "put", 1),
    "before the ledger": lambda m: dying(m, ledger, "record", 3),
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("again", [True, False], ids=["replayed again", "not replayed again"])
def test_replay_that_dies(stack: Stack, monkeypatch: pytest.MonkeyPatch, death: str, again: bool) -> None:
    with a_plan(stack) as plan:
        name = load_first(stack, plan)
        replay = replace(plan, contract=wider(), run_number=2, run_id="jr_2", commit_rows=1)
        with monkeypatch.context() as patch:
            DEATHS[death](patch)
            with pytest.raises(DeathError):
                attempt(replay, batch(name, *LINES, reread=True))
        counted = stack.database.rows("select sum(rows_quarantined), max(complete), max(last_line) from etl_objects")
        assert {2, 4} <= set(numbers(stack)), "no line is lost"
        [(_, complete, last)] = counted
        done = {"reread": again} if complete else {"done": ((1, last),)}
        if complete and not again:
            return  # Ledger and quarantine are unchanged.
        attempt(replace(replay, run_number=3, run_id="jr_3"), batch(name, *LINES, **done))
    assert numbers(stack) == [2, 4]
    assert stack.table() == [("a",), ("b",)]
    assert stack.database.rows("select sum(rows_quarantined), max(complete) from etl_objects") == [(2, 1)]


def test_all_lines_become_valid(stack: Stack) -> None:
    with a_plan(stack) as plan:
        name = f"s3://{stack.bucket}/{KEY}"
        attempt(plan, batch(name, LINES[2]))
        stack.database.rows("alter table sales_txns_tbl modify category varchar(80)")
        replay = replace(plan, contract=wider(), run_number=2, run_id="jr_2")
        attempt(replay, batch(name, LINES[2], reread=True))
    assert stack.quarantine() == []
    assert stack.table() == [("b",)]


def test_late_worker_does_not_change_the_quarantine(stack: Stack) -> None:
    """Another task has committed more lines in the meantime, so its commit fails."""
    with a_plan(stack, commit_rows=2) as plan:
        name = f"s3://{stack.bucket}/{KEY}"
        attempt(plan, batch(name, *LINES))
        late = replace(plan, run_number=2, run_id="jr_late", lock=replace(plan.lock, owner=plan.lock.owner + 1))
        with pytest.raises((LockError, pymysql.IntegrityError)):
            attempt(late, batch(name, *LINES))
    assert numbers(stack) == [2, 3, 4]
    assert {entry["run_id"] for entry in stack.quarantine()} == {"jr_1"}


def test_many_invalid_lines_end_a_batch(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are buffered until the commit, and must not fill the worker's memory or disk."""
    monkeypatch.setattr(batches, "_PENDING_BYTES", 800)
    with a_plan(stack) as plan:
        objects = [batch(f"s3://{stack.bucket}/sale_events/dt=2024-05-01/{n}.json", b"bad") for n in range(5)]
        committed = attempt(plan, *objects)
    assert list(committed.values()) == [2, 2, 1]
    assert numbers(stack) == [1] * 5
