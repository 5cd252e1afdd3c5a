"""Faults with concurrent runs, or concurrent attempts of a task."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pyspark import SparkContext

from faults.control import GO, Point, Trap
from faults.fault import Inject, InjectedFault, joining
from faults.history import Fault
from faults.job import Outcome, SecondRun

if TYPE_CHECKING:
    from faults.play import Player

_SLOW_S = 6.0
_ZOMBIE_S = 15.0
MOMENTS = ("with the lock", "within load", "after ledger", "after commit", "after parquet", "after the load")
SLOW = ("within load", "after ledger", "after commit", "after parquet")


def _start_second(player: Player, options: dict[str, str], wait_s: int) -> SecondRun:
    # Without reload and replay: if both runs read an object again, the harness could not see both in the ledger.
    shared = {name: options[name] for name in ("commit_rows", "extra_columns", "tgt_tbl_name")}
    second = SecondRun(player.sandbox, player.next_run_id(), {**shared, "lock_wait_seconds": str(wait_s)})
    second.start()
    return second


def refused(points: dict[str, Point]) -> Inject:
    """Start a second run while the first holds the lock. It does not wait, so it must fail."""

    def inject(player: Player, fault: Fault, options: dict[str, str]) -> InjectedFault:
        seconds = list[SecondRun]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(player, options, 0))
            seconds[0].join()
            return GO

        def problems(_: Outcome) -> list[str]:
            wrong = [s.outcome.error for s in seconds if "another run is loading" not in s.outcome.error]
            return [f"the second of two concurrent runs ended with {e or 'success'}" for e in wrong]

        trap = Trap(points[fault.name].at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, problems=problems)

    return inject


def waiting(points: dict[str, Point]) -> Inject:
    """Start a second run while the first holds the lock. It waits for the lock."""

    def inject(player: Player, fault: Fault, options: dict[str, str]) -> InjectedFault:
        seconds = list[SecondRun]()

        def strike() -> dict[str, Any]:
            seconds.append(_start_second(player, options, 60))
            return GO

        def problems(_: Outcome) -> list[str]:
            # Only a conflict of Glue's bookmark is allowed: the first run saved its bookmark in the meantime.
            errors = [s.outcome.error for s in seconds if s.outcome.error and "VersionMismatch" not in s.outcome.error]
            return [f"a run that waited for another failed: {error}" for error in errors]

        trap = Trap(points[fault.name].at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(seconds), problems=problems)

    return inject


def cancelled(point: Point, until: str = "worker after get raw") -> Inject:
    """Cancel the run while a worker is busy, and pause that worker until the next run reaches the point `until`."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        control = player.world.control

        def strike() -> dict[str, Any]:
            context = SparkContext._active_spark_context
            if context is not None:
                context.cancelAllJobs()
            run, end = control.run, time.monotonic() + _ZOMBIE_S
            while time.monotonic() < end and not (control.run > run and control.seen(until)):
                time.sleep(0.02)
            return GO

        trap = Trap(point.at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap)

    return inject


def speculated(points: dict[str, Point]) -> Inject:
    """Slow down the first attempt of a task, so that Spark starts a second one."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        def strike() -> dict[str, Any]:
            time.sleep(_SLOW_S)
            return GO

        def struck(outcome: Outcome) -> bool:
            return trap.fired > 0 and "as speculatable" in outcome.log

        trap = Trap(points[fault.name].at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, "cluster", struck)

    return inject
