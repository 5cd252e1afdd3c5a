"""Changes of input, password and time while the job runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

from faults import bodies
from faults.control import GO, Point, Trap
from faults.fault import InjectedFault, joining
from faults.history import Fault

if TYPE_CHECKING:
    from faults.play import Play

Inject = Callable[["Play", Fault, dict[str, str]], InjectedFault]
_PAUSE_S = 0.7  # Between the two halves of a change of password.
MOMENTS = ("with the lock", "after the listing", "while reading", "within load", "after commit", "after the load")


def _during(points: dict[str, Point], act: Callable[[Play, Fault], None]) -> Inject:
    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        def strike() -> dict[str, Any]:
            act(stage, fault)
            return GO

        point = points[fault.name]
        trap = Trap(Point(point.role, point.name, point.when, fault.nth), strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap)

    return inject


def put(points: dict[str, Point]) -> Inject:
    """A new object arrives."""
    return _during(points, lambda stage, fault: stage.put(_new_key(fault), bodies.some(Random(fault.amount))))


def _new_key(fault: Fault) -> str:
    return f"sale_events/dt=2024-05-09/during-{fault.amount}.json"


def overwrite(points: dict[str, Point]) -> Inject:
    """Overwrite an existing object."""

    def act(stage: Play, fault: Fault) -> None:
        keys = sorted(stage.model.current) or [_new_key(fault)]
        stage.put(keys[fault.amount % len(keys)], bodies.some(Random(fault.amount)))

    return _during(points, act)


def delete(points: dict[str, Point]) -> Inject:
    """An object goes."""

    def act(stage: Play, fault: Fault) -> None:
        keys = sorted(stage.model.current)
        if keys:
            stage.delete(keys[fault.amount % len(keys)])

    return _during(points, act)


def copy(points: dict[str, Point]) -> Inject:
    """The database is copied, for a restore later on."""
    return _during(points, lambda stage, _: stage.copy())


def password(first: str) -> Inject:
    """The database's password and the secret change, one a moment after the other."""

    def inject(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
        new, seconds = next(stage.passwords), list[threading.Timer]()
        changes = [stage.change_user, stage.change_secret]
        if first == "secret":
            changes.reverse()

        def strike() -> dict[str, Any]:
            changes[0](new)
            later = threading.Timer(_PAUSE_S, changes[1], [new])
            seconds.append(later)
            later.start()
            return GO

        trap = Trap(Point("", "statement", "before", fault.nth), strike)
        stage.world.control.set_trap(trap)
        return InjectedFault(trap, finish=joining(seconds))

    return inject


def clock(stage: Play, fault: Fault, _: dict[str, str]) -> InjectedFault:
    """The driver's clock is hours ahead or behind, as against that of S3 and that of the run before."""
    now, wrong_s = time.time, (fault.amount - 5_000) * 20
    patch = mock.patch("time.time", lambda: now() + wrong_s)
    patch.start()

    def finish() -> None:
        patch.stop()

    return InjectedFault(struck=lambda _: True, finish=finish, where=[f"clock wrong by {wrong_s} s"])
