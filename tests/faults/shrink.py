"""Shrinking: find the smallest history that still fails."""

from collections.abc import Callable
from dataclasses import replace

from faults.history import History, Put, Step
from faults.lines import Body

Fails = Callable[[History], bool]


def smallest(history: History, fails: Fails, tries: int = 60) -> History:
    """Drop steps, then lines, as long as the rest still fails. `tries` limits how often histories are played."""
    budget = [tries]

    def still(candidate: History) -> bool:
        if budget[0] <= 0:
            return False
        budget[0] -= 1
        return fails(candidate)

    before = None
    while before != history:
        before = history
        history = _without_lines(_without_steps(history, still), still)
    return history


def _without_steps(history: History, still: Fails) -> History:
    """Drop smaller and smaller groups of steps, but never the last step, the run without a fault."""
    size = max(1, (len(history.steps) - 1) // 2)
    while size >= 1:
        start = 0
        while start < len(history.steps) - 1:
            end = min(start + size, len(history.steps) - 1)
            candidate = history.with_steps(history.steps[:start] + history.steps[end:])
            if still(candidate):
                history = candidate
            else:
                start += size
        size //= 2
    return history


def _without_lines(history: History, still: Fails) -> History:
    for index, step in enumerate(history.steps):
        if isinstance(step, Put):
            history = _shorter(history, index, step, still)
    return history


def _shorter(history: History, index: int, step: Put, still: Fails) -> History:
    """Drop halves of an object's lines, and finally single lines."""
    lines, size = step.body.lines, max(1, len(step.body.lines) // 2)
    while size >= 1:
        start = 0
        while start < len(lines):
            fewer = lines[:start] + lines[start + size :]
            candidate = _with(history, index, replace(step, body=Body(step.body.form, fewer)))
            if still(candidate):
                history, lines = candidate, fewer
            else:
                start += size
        size //= 2
    return history


def _with(history: History, index: int, step: Step) -> History:
    return history.with_steps((*history.steps[:index], step, *history.steps[index + 1 :]))
