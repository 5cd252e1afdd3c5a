"""Shrinking, generating and serializing histories."""

import json

import pytest

from faults.generate import history
from faults.history import ChangeTable, History, Put, Run, from_json, show
from faults.kinds import CHANGED, KINDS
from faults.lines import Line
from faults.shrink import smallest


def has_bad_line_and_two_runs(candidate: History) -> bool:
    lines = [line for step in candidate.steps if isinstance(step, Put) for line in step.body.lines]
    return Line("marked") in lines and sum(isinstance(step, Run) for step in candidate.steps) >= 2


def test_smallest_history() -> None:
    large = history(11)
    at, put = next((i, s) for i, s in enumerate(large.steps) if isinstance(s, Put))
    marked = Put(put.key, type(put.body)("plain", (*put.body.lines, Line("marked"), Line("blank"))))
    large = large.with_steps((*large.steps[:at], marked, *large.steps[at + 1 :]))
    small = smallest(large, has_bad_line_and_two_runs, tries=500)
    assert [type(s).__name__ for s in small.steps] == ["Put", "Run", "Run"]
    assert [s.body.lines for s in small.steps if isinstance(s, Put)] == [(Line("marked"),)]
    assert small.steps[-1] == large.steps[-1]


def test_tries_are_limited() -> None:
    tried: list[History] = []

    def holds(candidate: History) -> bool:
        tried.append(candidate)
        return False

    smallest(history(3), holds, tries=7)
    assert len(tried) == 7


@pytest.mark.parametrize("seed", range(20))
def test_json_round_trip(seed: int) -> None:
    assert from_json(json.dumps(history(seed).to_json())) == history(seed)


@pytest.mark.parametrize("seed", range(20))
def test_first_run_with_another_table_has_the_fault(seed: int) -> None:
    kind = f"{CHANGED}driver dies with the lock"
    changed = history(seed, (kind,))
    assert from_json(json.dumps(changed.to_json())) == changed
    before = changed.steps[: next(i for i, s in enumerate(changed.steps) if isinstance(s, Run) and s.fault)]
    last = before[-1]
    assert isinstance(last, ChangeTable)
    assert ChangeTable(last.table) not in before[:-1]
    assert f"load into {last.table} from now on" in show(changed)
    assert any(isinstance(step, Run) for step in before)


def test_campaign_has_all_kinds_equally_often() -> None:
    first = [history(seed).faults[0].kind for seed in range(2 * len(KINDS))]
    assert sorted(first) == sorted([*KINDS, *KINDS])


@pytest.mark.parametrize("seed", range(20))
def test_last_step_is_a_run_without_a_fault(seed: int) -> None:
    last = history(seed).steps[-1]
    assert isinstance(last, Run)
    assert last.fault is None
