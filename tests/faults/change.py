"""Faults that change the input, the password or the clock while the job runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

from faults import bodies
from faults.control import GO, Point, Trap
from faults.fault import Inject, InjectedFault, joining
from faults.history import Fault

if TYPE_CHECKING:
    from faults.play import Player

_PAUSE_S = 0.7  # Between changing the database's password and the secret.
MOMENTS = ("with the lock", "after the listing", "while reading", "within load", "after commit", "after the load")


def _during(points: dict[str, Point], act: Callable[[Player, Fault], None]) -> Inject:
    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        def strike() -> dict[str, Any]:
            act(player, fault)
            return GO

        trap = Trap(points[fault.name].at(fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap)

    return inject


def put(points: dict[str, Point]) -> Inject:
    """Add a new object."""
    return _during(points, lambda player, fault: player.put(_new_key(fault), bodies.small(Random(fault.amount))))


def _new_key(fault: Fault) -> str:
    return f"sale_events/dt=2024-05-09/during-{fault.amount}.json"


def overwrite(points: dict[str, Point]) -> Inject:
    """Overwrite an existing object."""

    def act(player: Player, fault: Fault) -> None:
        keys = sorted(player.model.current) or [_new_key(fault)]
        player.put(keys[fault.amount % len(keys)], bodies.small(Random(fault.amount)))

    return _during(points, act)


def delete(points: dict[str, Point]) -> Inject:
    """Delete an object."""

    def act(player: Player, fault: Fault) -> None:
        keys = sorted(player.model.current)
        if keys:
            player.delete(keys[fault.amount % len(keys)])

    return _during(points, act)


def snapshot(points: dict[str, Point]) -> Inject:
    """Take a snapshot of the database, which a later step restores."""
    return _during(points, lambda player, _: player.snapshot())


def password(first: str) -> Inject:
    """Change the database's password and the secret, one shortly after the other."""

    def inject(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
        new, timers = next(player.passwords), list[threading.Timer]()
        changes = [player.change_user, player.change_secret]
        if first == "secret":
            changes.reverse()

        def strike() -> dict[str, Any]:
            changes[0](new)
            timer = threading.Timer(_PAUSE_S, changes[1], [new])
            timers.append(timer)
            timer.start()
            return GO

        trap = Trap(Point("", "statement", "before", fault.nth), strike)
        player.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(timers))

    return inject


def clock(player: Player, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """Set the driver's clock hours ahead or behind the clocks of S3 and of the previous run."""
    now, wrong_s = time.time, (fault.amount - 5_000) * 20
    patch = mock.patch("time.time", lambda: now() + wrong_s)
    patch.start()

    def finish() -> None:
        patch.stop()

    return InjectedFault(struck=lambda _: True, finish=finish, where=[f"clock wrong by {wrong_s} s"])
