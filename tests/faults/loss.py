"""Faults of database, network, disk and AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from faults import bodies
from faults.control import GO, Point, Trap
from faults.fault import InjectedFault, joining
from faults.history import Fault
from faults.job import Outcome

if TYPE_CHECKING:
    from faults.play import Play

_ANSWER_S = 4  # For which the job then waits: more than any statement of a history takes.
FULL = ("with the lock", "after the listing", "while reading", "before load")

Inject = Callable[["Play", Fault, dict[str, str]], InjectedFault]


def cut(stream: str) -> Inject:
    """Cut the nth connection after so many bytes in one direction."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy = stage.world.proxy
        proxy.toxic("cut", stream, connection=fault.nth, bytes=fault.amount)
        return InjectedFault(struck=lambda _: proxy.fired("cut", stream), where=[f"{stream} byte {fault.amount}"])

    return inject


def silence(stream: str) -> Inject:
    """Lose what the nth connection sends after so many bytes in one direction, and close nothing."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy, control = stage.world.proxy, stage.world.control
        proxy.toxic("silence", stream, connection=fault.nth, bytes=fault.amount)
        control.set_trap(None)
        control.answer_s = _ANSWER_S
        struck = lambda _: proxy.fired("silence", stream)  # noqa: E731
        return InjectedFault(struck=struck, where=[f"{stream} byte {fault.amount}"])

    return inject


def latency(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """Delay each answer of the database by a random time."""
    stage.world.proxy.toxic("latency", "downstream", "slow", latency=2 + fault.amount % 8, jitter=fault.nth)
    return InjectedFault(struck=lambda _: True)


def database(point: Point) -> Inject:
    """Kill the server with SIGKILL, and start it again while the job goes on."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        server, restarts = stage.world.database, list[threading.Thread]()

        def strike() -> dict[str, Any]:
            server.kill()
            restart = threading.Thread(target=server.restart)
            restarts.append(restart)
            restart.start()
            return GO

        trap = Trap(Point(point.role, point.name, point.when, fault.nth), strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(restarts))

    return inject


def disk_full(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """No file of a worker grows beyond some bytes. All attempts meet it, so the run's error names it."""
    stage.world.control.set_trap(None)
    stage.world.control.file_bytes = fault.amount % 600
    return InjectedFault(struck=_no_room)


def database_full(points: dict[str, Point]) -> Inject:
    """The server finds no room for another page, in any attempt; an object is there that needs some."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        server = stage.world.database

        def strike() -> dict[str, Any]:
            server.fill()
            return GO

        stage.put(f"sale_events/dt=2024-05-09/many-{fault.amount}.json", bodies.many(Random(fault.amount)))
        point = points[fault.name]
        trap = Trap(Point(point.role, point.name, point.when), strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, struck=lambda outcome: "is full" in outcome.error, finish=server.make_room)

    return inject


def _no_room(outcome: Outcome) -> bool:
    return "File too large" in outcome.error


def aws(mode: str, method: str, path: str) -> Inject:
    """Some requests fail: few, so that the client's own repeats help, or more than an attempt of a task has.

    Of an answer that is cut the job asks for the rest, more often than that.
    """

    def problems(outcome: Outcome) -> list[str]:
        if mode != "truncate" or outcome.succeeded or "ErrorThresholdError" in outcome.error:
            return []
        return [f"answers were cut, and the run failed: {outcome.error}"]

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy = stage.world.proxy
        proxy.fail_aws(mode=mode, method=method, path=path, skip=fault.nth - 1, times=1 + fault.amount % 6)
        return InjectedFault(struck=lambda _: proxy.failed_aws() > 0, problems=problems)

    return inject
