"""Faults of more than one run, or more than one attempt, at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyspark import SparkContext

from faults.control import GO, Point, Trap
from faults.fault import InjectedFault, joining
from faults.history import Fault
from faults.job import Outcome, Second

if TYPE_CHECKING:
    from faults.play import Play

Inject = Callable[["Play", Fault, dict[str, str]], InjectedFault]
_SLOW_S = 6.0
_ZOMBIE_S = 15.0
MOMENTS = ("with the lock", "within load", "after ledger", "after commit", "after parquet", "after the load")
SLOW = ("within load", "after ledger", "after commit", "after parquet")


def _start_second(stage: Play, options: dict[str, str], wait_s: int) -> Second:
    # What the first one reads again, the second leaves alone: the harness could not see both in the ledger.
    own = {name: options[name] for name in ("commit_rows", "extra_columns")}
    second = Second(stage.place, stage.next_run_id(), {**own, "lock_wait_seconds": str(wait_s)})
    second.start()
    return second


def refused(points: dict[str, Point]) -> Inject:
    """A second run starts while the first holds the lock, does not wait, and must be told."""

    def inject(stage: Play, fault: Fault, options: dict[str, str]) -> InjectedFault:
        seconds = list[Second]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(stage, options, 0))
            seconds[0].join()
            return GO

        def problems(_: Outcome) -> list[str]:
            wrong = [s.outcome.error for s in seconds if "another run is loading" not in s.outcome.error]
            return [f"two runs at once, and the second ended with {e or 'success'}" for e in wrong]

        trap = _trap(points, fault, strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, problems=problems)

    return inject


def waiting(points: dict[str, Point]) -> Inject:
    """A second run starts while the first holds the lock, and waits for it."""

    def inject(stage: Play, fault: Fault, options: dict[str, str]) -> InjectedFault:
        seconds = list[Second]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(stage, options, 60))
            return GO

        def problems(_: Outcome) -> list[str]:
            # Glue's bookmark conflicts, and only that: the first run saved its own in the meantime.
            errors = [s.outcome.error for s in seconds if s.outcome.error and "VersionMismatch" not in s.outcome.error]
            return [f"a run that waited for another failed: {error}" for error in errors]

        trap = _trap(points, fault, strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(seconds), problems=problems)

    return inject


def _trap(points: dict[str, Point], fault: Fault, strike: Callable[[], dict[str, Any]]) -> Trap:
    point = points[fault.name]
    return Trap(Point(point.role, point.name, point.when, fault.nth), strike)


def cancelled(point: Point, until: str = "worker after get raw") -> Inject:
    """The run ends while one of its workers is busy; that worker is held up until something happens in the next run."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
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
        stage.world.control.set_trap(trap)
        return InjectedFault(trap)

    return inject


def speculated(points: dict[str, Point]) -> Inject:
    """The first attempt of a task is slow, so that Spark starts a second one."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        def strike() -> dict[str, Any]:
            time.sleep(_SLOW_S)
            return GO

        def struck(outcome: Outcome) -> bool:
            return trap.fired > 0 and "as speculatable" in outcome.log

        trap = _trap(points, fault, strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, "cluster", struck)

    return inject
