"""Faults of database, network, disk and AWS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from faults import bodies
from faults.armed import Armed, joining
from faults.control import GO, Point, Trap
from faults.history import Fault
from faults.job import Outcome

if TYPE_CHECKING:
    from faults.play import Play

FULL = ("with the lock", "after the listing", "while reading", "before load")

Arm = Callable[["Play", Fault, dict[str, str]], Armed]


def cut(stream: str) -> Arm:
    """Cut the nth connection after so many bytes in one direction."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        proxy = stage.world.proxy
        proxy.toxic("cut", stream, connection=fault.nth, bytes=fault.amount)
        return Armed(struck=lambda _: proxy.fired("cut", stream), where=[f"{stream} byte {fault.amount}"])

    return arm


def latency(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
    """Answers of the database come late, each by another time."""
    stage.world.proxy.toxic("latency", "downstream", "slow", latency=2 + fault.amount % 8, jitter=fault.nth)
    return Armed(struck=lambda _: True)


def database(point: Point) -> Arm:
    """Kill the server with SIGKILL, and start it again while the job goes on."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        server, restarts = stage.world.database, list[threading.Thread]()

        def strike() -> dict[str, Any]:
            server.kill()
            restart = threading.Thread(target=server.restart)
            restarts.append(restart)
            restart.start()
            return GO

        trap = Trap(Point(point.role, point.name, point.when, fault.nth), strike)
        stage.world.control.arm(trap)
        return Armed(trap, finish=joining(restarts))

    return arm


def disk_full(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
    """No file of a worker grows beyond some bytes. All attempts meet it, so the run's error names it."""
    stage.world.control.arm(None)
    stage.world.control.file_bytes = fault.amount % 600
    return Armed(struck=_no_room)


def database_full(points: dict[str, Point]) -> Arm:
    """The server finds no room for another page, in any attempt; an object is there that needs some."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        server = stage.world.database

        def strike() -> dict[str, Any]:
            server.fill()
            return GO

        stage.put(f"sale_events/dt=2024-05-09/many-{fault.amount}.json", bodies.many(Random(fault.amount)))
        point = points[fault.name]
        trap = Trap(Point(point.role, point.name, point.when), strike)
        stage.world.control.arm(trap)
        return Armed(trap, struck=lambda outcome: "is full" in outcome.error, finish=server.make_room)

    return arm


def _no_room(outcome: Outcome) -> bool:
    return "File too large" in outcome.error


def aws(mode: str, method: str, path: str) -> Arm:
    """Some requests fail: few, so that the client's own repeats help, or more than an attempt of a task has."""

    def arm(stage: Play, fault: Fault, _: dict[str, str]) -> Armed:
        proxy = stage.world.proxy
        proxy.fail_aws(mode=mode, method=method, path=path, skip=fault.nth - 1, times=1 + fault.amount % 6)
        return Armed(struck=lambda _: proxy.failed_aws() > 0)

    return arm
