"""The checks of a second stack's run."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from faults import second_stack
from faults.history import Fault
from faults.job import Outcome
from faults.world import Sandbox

REFUSED = Outcome("OtherBucketError: etl_runs belongs to the stack with bucket first", 1)


@pytest.fixture
def problems(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return a function that checks a run's outcome, the keys in its bucket and the tables' rows."""
    world = Mock()
    world.create_second_stack.return_value = Sandbox("first-2", "arn")
    monkeypatch.setattr(second_stack, "world", world)
    player = Mock(sandbox=Sandbox("first", "arn"))

    def check(outcome: Outcome, keys: list[str], **tables: list[tuple[Any, ...]]) -> list[str]:
        world.keys.return_value = keys
        player.world.database.snapshot.return_value = {t: ("create table", rows) for t, rows in tables.items()}
        options = {"extra_columns": "note=string(4)", "tgt_tbl_name": "sales_txns_tbl"}
        stack = second_stack._Stack(player, Fault("second stack before the run"), options, 0)
        return list(stack.problems(outcome, "OtherBucketError"))

    return check


def test_refused_run(problems: Callable[..., list[str]]) -> None:
    assert problems(REFUSED, [], etl_runs=[(1, "jr_first_1", "first")]) == []


def test_run_that_is_not_refused_or_changes_something(problems: Callable[..., list[str]]) -> None:
    for outcome in (Outcome("", 1), Outcome("LockError: another run is loading", 1)):
        assert len(problems(outcome, [])) == 1
    assert len(problems(REFUSED, ["curated/dt=2024-05-01/batch_id=1/rows.parquet"])) == 1
    assert len(problems(REFUSED, [], second_tbl=[])) == 1
    assert len(problems(REFUSED, [], etl_runs=[(1, "jr_first-2", None)])) == 1
    assert len(problems(REFUSED, [], etl_objects=[(1, "s3://first-2/sale_events/a.json")])) == 1
