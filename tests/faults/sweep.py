"""Histories that cut the connection at every statement of a first load and of a replay."""

from collections.abc import Iterator

from faults.campaign import Harness
from faults.history import Fault, History, Put, Run, Step
from faults.lines import Body, Line

CUTS = ("connection cut before a statement", "connection cut before an answer")
_FIRST_SEED = 10**6  # Higher than the seeds of random histories.


def _events(*numbers: int) -> Body:
    return Body("plain", (*(Line("event", n) for n in numbers), Line("missing_key")))


_SCOUT: tuple[Step, ...] = (
    Put("sale_events/dt=2024-05-01/a.json", _events(1, 2)),
    Run(2),
    Put("sale_events/dt=2024-05-01/b.json", _events(1, 3)),
    Run(2, replay=True),
)


def histories(harness: Harness) -> Iterator[History]:
    """Yield a history for each statement and each kind of cut, in the order of the statements."""
    seed = _FIRST_SEED
    for end in (2, 4):
        *before, run = _SCOUT[:end]
        assert isinstance(run, Run)
        for nth in range(1, statements(harness, _SCOUT[:end]) + 1):
            for kind in CUTS:
                cut = Run(run.commit_rows, Fault(kind, nth), replay=run.replay)
                yield History(seed, (*before, cut, Run(run.commit_rows)))
                seed += 1


def statements(harness: Harness, steps: tuple[Step, ...]) -> int:
    """Count the statements of the last run."""
    result = harness.play(History(_FIRST_SEED, steps))
    if result.problems:
        raise AssertionError(f"history failed without a fault: {result.problems}")
    return harness.world.control.statements
