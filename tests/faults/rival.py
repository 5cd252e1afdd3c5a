"""Faults of more than one run, or more than one attempt, at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyspark import SparkContext

from faults.armed import Armed, joining
from faults.control import GO, Point, Trap
from faults.history import Fault
from faults.job import Outcome, Second

if TYPE_CHECKING:
    from faults.play import Play

Arm = Callable[["Play", Fault, dict[str, str]], Armed]
_SLOW_S = 6.0
_ZOMBIE_S = 15.0
MOMENTS = ("with the lock", "within load", "after ledger", "after commit", "after parquet", "after the load")
SLOW = ("within load", "after ledger", "after commit", "after parquet")


def _start_second(stage: Play, options: dict[str, str], wait_s: int) -> Second:
    # What the first one reads again, the second leaves alone: the harness could not see both in the ledger.
    own = {name: value for name, value in options.items() if name == "commit_rows"}
    second = Second(stage.place, stage.next_run_id(), {**own, "lock_wait_seconds": str(wait_s)})
    second.start()
    return second


def refused(points: dict[str, Point]) -> Arm:
    """A second run starts while the first holds the lock, does not wait, and must be told."""

    def arm(stage: Play, fault: Fault, options: dict[str, str]) -> Armed:
        seconds = list[Second]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(stage, options, 0))
            seconds[0].join()
            return GO

        def problems(_: Outcome) -> list[str]:
            wrong = [s.outcome.error for s in seconds if "another run is loading" not in s.outcome.error]
            return [f"two runs at once, and the second ended with {e or 'success'}" for e in wrong]

        trap = _trap(points, fault, strike)
        stage.world.control.arm(trap)
        return Armed(trap, problems=problems)

    return arm


def waiting(points: dict[str, Point]) -> Arm:
    """A second run starts while the first holds the lock, and waits for it."""

    def arm(stage: Play, fault: Fault, options: dict[str, str]) -> Armed:
        seconds = list[Second]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(stage, options, 60))
            return GO

        def problems(_: Outcome) -> list[str]:
            # Glue's bookmark conflicts, and only that: the first run saved its own in the meantime.
            errors = [s.outcome.error for s in seconds if s.outcome.error and "VersionMismatch" not in s.outcome.error]
            return [f"a run that waited for another failed: {error}" for error in errors]

        trap = _trap(points, fault, strike)
        stage.world.control.arm(trap)
        return Armed(trap, finish=joining(seconds), problems=problems)

    return arm


def _trap(points: dict[str, Point], fault: Fault, strike: Callable[[], dict[str, Any]]) -> Trap:
    point = points[fault.name]
    return Trap(Point(point.role, point.name, point.when, fault.nth), strike)


def cancelled(point: Point, until: str = "worker after get raw") -> Arm:
    """The run ends while one of its workers is busy; that worker is held up until something happens in the next run."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        control = stage.world.control

        def strike() -> dict[str, Any]:
            context = SparkContext._active_spark_context
            if context is not None:
                context.cancelAllJobs()
            run, end = control.run, time.monotonic() + _ZOMBIE_S
            while time.monotonic() < end and not (control.run > run and control.seen(until)):
                time.sleep(0.02)
            return GO

        trap = Trap(Point(point.role, point.name, point.when, fault.nth), strike)
        stage.world.control.arm(trap)
        return Armed(trap)

    return arm


def speculated(points: dict[str, Point]) -> Arm:
    """The first attempt of a task is slow, so that Spark starts another beside it."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        def strike() -> dict[str, Any]:
            time.sleep(_SLOW_S)
            return GO

        def struck(outcome: Outcome) -> bool:
            return trap.fired > 0 and "as speculatable" in outcome.log

        trap = _trap(points, fault, strike)
        stage.world.control.arm(trap)
        return Armed(trap, "cluster", struck)

    return arm
