"""Events with the same key in one run: which one is kept does not depend on the order of commits."""

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from store_events.export import parquet, parquet_writer
from store_events.load import collisions
from store_events.load.batch import Plan
from store_events.mysql import database, ledger, lock
from store_events.mysql.lock import LockError
from store_events.source import objects
from store_events.source.objects import SourceObject
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

DAYS = ("2024-05-01", "2024-05-02", "2024-05-03")
OBJECTS = {task: f"s3://b/sale_events/dt={day}/a" for task, day in enumerate(DAYS)}


def event(key: str, qty: int) -> bytes:
    return json.dumps({"request_id": key, "qty": qty}).encode()


class Loads:
    """A run of three tasks with one object each. The test chooses their order."""

    def __init__(self, stack: Stack, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stack, self.plan, self._patch = stack, plan, monkeypatch

    def task(self, number: int, *lines: bytes, run: int = 1) -> None:
        of_task = ledger.of_task
        with self._patch.context() as patch:
            patch.setattr(ledger, "of_task", lambda c, contract, at, _: of_task(c, contract, at, number))
            patch.setattr(ledger, "batch_id", lambda at, _, n: at * 10**8 + number * 10**4 + n)
            attempt(replace(self.plan, run_number=run), batch(OBJECTS[number], *lines, version=f"v{run}"))

    def apply_winners(self) -> int:
        """Apply winners as at the end of a run, and return the number of batches whose rows moved."""
        with database.connect(self.plan.target) as connection:
            moved = collisions.apply_winners(connection, self.plan.destination)
            for one in sorted(moved.union(ledger.without_parquet(connection, self.plan.contract))):
                parquet.recoverer(self.plan.destination)(one)
        return len(moved)

    def check(self, *expected: tuple[str, int, int]) -> None:
        """Check key, quantity and task of each row. Table, Parquet and ledger must agree, without collisions left."""
        rows = [(key, qty, DAYS[task]) for key, qty, task in expected]
        assert self.stack.table("request_id, qty, cast(dt as char), batch_id div 10000 mod 10000") == [
            (*row, task) for row, (_, _, task) in zip(rows, expected, strict=True)
        ]
        found = [(k, qty, path.split("dt=")[1][:10]) for path, k, qty in self.stack.parquet_rows("request_id, qty")]
        assert sorted(found) == rows
        counts = self.stack.database.rows(
            "select batch_id, rows_new, rows_read, rows_new + rows_duplicate + rows_quarantined,"
            " (select count(*) from sales_txns_tbl t where t.batch_id = b.batch_id) from etl_batches b"
        )
        assert all(new == there and read == sum_ for _, new, read, sum_, there in counts)
        assert self.stack.database.rows("select count(*) from etl_collisions") == [(0,)]


@pytest.fixture
def loads(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loads]:
    with a_plan(stack) as plan:
        yield Loads(stack, plan, monkeypatch)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_order_of_commits_does_not_matter(loads: Loads, order: tuple[int, ...]) -> None:
    lines = [
        [event("a", 10), event("a", 11), event("own0", 0)],
        [event("b", 21), event("a", 20), event("b", 22), event('q"', 23)],
        [event('q"', 33), event("b", 31), event("a", 30), event("own2", 2)],
    ]
    for task in order:
        loads.task(task, *lines[task])
    loads.apply_winners()
    loads.check(("a", 10, 0), ("b", 21, 1), ("own0", 0, 0), ("own2", 2, 2), ('q"', 23, 1))


def test_retried_task(loads: Loads) -> None:
    loads.task(2, event("a", 30))
    loads.task(0, event("a", 10))
    loads.task(0, event("a", 10))
    loads.apply_winners()
    loads.check(("a", 10, 0))


def test_row_of_an_earlier_run_is_kept(loads: Loads) -> None:
    loads.task(2, event("a", 30))
    loads.task(0, event("a", 10), run=2)
    loads.apply_winners()
    loads.check(("a", 30, 2))


def test_same_event_twice_moves_nothing(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """This is the most common duplicate, and its Parquet is kept. Trailing spaces make a difference."""
    monkeypatch.setitem(OBJECTS, 2, OBJECTS[0] + "2")  # Of the same day.
    loads.task(2, b'{"request_id":"a","contact_me":"x"}', b'{"request_id":"b","contact_me":"x"}')
    assert loads.apply_winners() == 0
    loads.task(0, b'{"request_id":"a","contact_me":"x"}')
    assert loads.stack.database.rows("select request_id from etl_collisions") == [("a",)]
    assert loads.apply_winners() == 0
    loads.task(1, b'{"request_id":"b","contact_me":"x "}')
    assert loads.apply_winners() == 2
    assert loads.stack.table("request_id, contact_me, batch_id div 10000 mod 10000") == [("a", "x", 2), ("b", "x ", 1)]
    assert loads.stack.parquet("request_id, contact_me") == [("a", "x"), ("b", "x ")]


@pytest.mark.parametrize("step", range(7))
def test_next_run_applies_the_remaining_winners(loads: Loads, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    loads.task(1, event("a", 20), event("b", 21))
    loads.task(0, event("a", 10))
    steps = iter(range(100))

    def dying(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if next(steps) == step:
                raise OSError("died")
            return inner(*args, **options)

        return call

    with monkeypatch.context() as patch, pytest.raises(OSError, match="died"):
        patch.setattr(database, "transaction", dying(database.transaction))
        patch.setattr(ledger, "mark_parquet_missing", dying(ledger.mark_parquet_missing))
        patch.setattr(parquet_writer.Writer, "ensure_object", dying(parquet_writer.Writer.ensure_object))
        patch.setattr(type(loads.plan.lock), "check", dying(type(loads.plan.lock).check))
        patch.setattr(parquet_writer.Writer, "_store", dying(parquet_writer.Writer._store))
        loads.apply_winners()
    loads.apply_winners()
    loads.check(("a", 10, 0), ("b", 21, 1))


def test_delayed_worker_writes_no_parquet(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has committed its batch. Since then a row has moved, and its Parquet was written from the table."""
    late, sent = [], parquet.write_sent

    def delayed(*call: Any) -> None:
        loads.task(0, event("a", 10))
        loads.apply_winners()
        sent(*call)
        late.append(True)

    with monkeypatch.context() as patch:
        patch.setattr(parquet, "write_sent", lambda *call: delayed(*call) if call[2] == 100_010_000 else sent(*call))
        loads.task(1, event("a", 20))
    assert late == [True]
    loads.check(("a", 10, 0))


def test_driver_that_was_frozen_overwrites_no_parquet(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has lost its lock, and the next run has moved the rows and written their Parquet."""
    loads.task(1, event("a", 20), event("b", 21))
    loads.task(0, event("a", 10))
    former, conditions = loads.plan, parquet_writer.Writer._conditions

    def freeze(writer: parquet_writer.Writer, pool: Any) -> Any:
        found = conditions(writer, pool)
        if writer._check and loads.plan is former:
            loads.stack.database.rows(f"kill {former.lock.owner}")
            with lock.held(former.target, 5) as later:
                loads.plan = replace(former, lock=later)
                loads.apply_winners()
        return found

    with monkeypatch.context() as patch, pytest.raises(LockError):
        patch.setattr(parquet_writer.Writer, "_conditions", freeze)
        loads.apply_winners()
    loads.check(("a", 10, 0), ("b", 21, 1))


def test_lost_response_to_a_request_for_empty_parquet(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client repeats the request, and S3 refuses the second one, because the first one has changed the object."""
    loads.task(1, event("a", 20), event("b", 21))
    loads.task(0, event("a", 10))
    store, lost = parquet_writer.Writer._store, [parquet_writer.WrittenError()]

    def losing(writer: parquet_writer.Writer) -> None:
        store(writer)
        if writer._check and lost:
            raise lost.pop()

    monkeypatch.setattr(parquet_writer.Writer, "_store", losing)
    loads.apply_winners()
    assert lost == []
    loads.check(("a", 10, 0), ("b", 21, 1))


def test_many_collisions(loads: Loads) -> None:
    keys = range(20_000)
    loads.plan = replace(loads.plan, commit_rows=10**6)
    for task in (2, 1, 0):
        loads.task(task, *[event(f"{key:05d}", task) for key in keys])
    loads.apply_winners()
    loads.check(*[(f"{key:05d}", 0, 0) for key in keys])


def test_partitions_follow_the_order_of_objects() -> None:
    sizes = [0, 5 << 20, 1 << 20, 90 << 20, 3, 64 << 20, 7 << 20] * 5
    found = [SourceObject(f"s3://b/{i % 9}", size, "v", modified=i * 7 % 5) for i, size in enumerate(sizes)]
    groups = objects.partitions(found, 4)
    assert [o for group in groups for o in group] == sorted(found, key=lambda o: (o.modified, o.name))
    assert 4 <= len(groups) <= sum(sizes) // (64 << 20) + 4
    assert all(groups)


@pytest.mark.parametrize("repeat", range(3))
def test_original_wins_over_its_correction(stack: Stack, monkeypatch: pytest.MonkeyPatch, repeat: int) -> None:
    """Among objects of one run, the oldest wins, then the first by key, in any order of tasks."""
    stack.put("sale_events/dt=2024-05-01/z.json", [event("a", 1), event("s", 1)])
    stack.put("inventory_events/dt=2024-05-02/b.json", [event("s", 2), event("a", 2)])
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a", 3), event("b", 3)])
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b", 4)])
    times = {"z.json": 1, "inventory_events/dt=2024-05-02/b.json": 2, "a.json": 2, "b.json": 2}
    listed = objects.listed

    def timed(client: object, location: str) -> Iterator[SourceObject]:
        for one in listed(client, location):
            yield replace(one, modified=next(t for name, t in times.items() if one.name.endswith(name)))

    monkeypatch.setattr(objects, "listed", timed)
    for _ in range(repeat):
        stack.put("sale_events/dt=2024-05-03/b.json", [event("other", 1)])
    summary = stack.run(commit_rows=1)
    expected = [("a", 1), ("b", 3), *([("other", 1)] if repeat else []), ("s", 1)]
    assert stack.table("request_id, qty") == stack.parquet("request_id, qty") == expected
    assert summary["rows_duplicate"] == 4


def test_sixteen_copies_crosswise(stack: Stack) -> None:
    """Each copy has different content, and half of them begin in the middle, so that tasks lock in both orders."""
    keys = [f"{n:05d}" for n in range(4_000)]
    for copy in range(16):
        start = 2_000 * (copy % 2)
        lines = [event(key, copy) for key in keys[start:] + keys[:start]]
        stack.put(f"sale_events/dt=2024-05-01/{copy:02d}.json.gz", lines)
    deadlocks = "select count from information_schema.innodb_metrics where name='lock_deadlocks'"
    before = stack.database.rows(deadlocks)
    summary = stack.run()
    assert (summary["rows_new"], summary["rows_duplicate"]) == (4_000, 60_000)
    assert stack.table("request_id, qty") == stack.parquet("request_id, qty") == [(key, 0) for key in keys]
    assert stack.balanced()
    assert stack.database.rows(deadlocks) == before
