"""Faults of the database, the network, the disk and AWS."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING, Any

from faults import bodies
from faults.control import GO, Point, Trap
from faults.fault import Inject, InjectedFault, joining
from faults.history import Fault
from faults.job import Outcome

if TYPE_CHECKING:
    from faults.play import Player

_TIMEOUT_S = 4  # The job's timeout for responses: longer than any statement of a history takes.
FULL = ("with the lock", "after the listing", "while reading", "before load")


def cut(stream: str) -> Inject:
    """Cut the nth connection after `fault.amount` bytes in one direction."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy = player.world.proxy
        proxy.toxic("cut", stream, connection=fault.nth, bytes=fault.amount)
        return InjectedFault(struck=lambda _: proxy.fired("cut", stream), where=[f"{stream} byte {fault.amount}"])

    return inject


def silence(stream: str) -> Inject:
    """Drop what the nth connection sends after `fault.amount` bytes in one direction, without closing it."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy, control = player.world.proxy, player.world.control
        proxy.toxic("silence", stream, connection=fault.nth, bytes=fault.amount)
        control.set_trap(None)
        control.timeout_s = _TIMEOUT_S
        struck = lambda _: proxy.fired("silence", stream)  # noqa: E731
        return InjectedFault(struck=struck, where=[f"{stream} byte {fault.amount}"])

    return inject


def latency(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """Delay each response of the database by a random time."""
    player.world.proxy.toxic("latency", "downstream", "slow", latency=2 + fault.amount % 8, jitter=fault.nth)
    return InjectedFault(struck=lambda _: True)


def database(point: Point) -> Inject:
    """Kill the database server with SIGKILL, and restart it while the job continues."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        server, restarts = player.world.database, list[threading.Thread]()

        def strike() -> dict[str, Any]:
            server.kill()
            restart = threading.Thread(target=server.restart)
            restarts.append(restart)
            restart.start()
            return GO

        trap = Trap(point.at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(restarts))

    return inject


def disk_full(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """Limit the size of workers' files. All attempts fail on it, so the run's error is about it."""
    player.world.control.set_trap(None)
    player.world.control.file_bytes = fault.amount % 600
    return InjectedFault(struck=_file_too_large)


def database_full(points: dict[str, Point]) -> Inject:
    """Fill the database's space before an object is loaded that needs another page."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        server = player.world.database

        def strike() -> dict[str, Any]:
            server.fill()
            return GO

        player.put(f"sale_events/dt=2024-05-09/many-{fault.amount}.json", bodies.large(Random(fault.amount)))
        trap = Trap(points[fault.name], strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, struck=lambda outcome: "is full" in outcome.error, finish=server.free_space)

    return inject


def _file_too_large(outcome: Outcome) -> bool:
    return "File too large" in outcome.error


def aws(mode: str, method: str, path: str) -> Inject:
    """Fail some requests: few enough for the client's retries, or more than an attempt of a task makes.

    When a response is truncated, the job requests the rest, and does so more often.
    """

    def problems(outcome: Outcome) -> list[str]:
        if mode != "truncate" or outcome.succeeded or "ErrorThresholdError" in outcome.error:
            return []
        return [f"the run failed because of truncated responses: {outcome.error}"]

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        proxy = player.world.proxy
        proxy.fail_aws(mode=mode, method=method, path=path, skip=fault.nth - 1, times=1 + fault.amount % 6)
        return InjectedFault(struck=lambda _: proxy.failed_aws() > 0, problems=problems)

    return inject
