"""The lock of a run: one holder, and none that has vanished."""

import time

import pytest

from store_events import database, lock
from store_events.lock import LockError
from testsupport.stack import Stack


def test_second_holder_is_refused_with_a_reason(stack: Stack) -> None:
    target = stack.settings.target
    with lock.held(target, 0) as first:
        with pytest.raises(LockError, match=f"database connection {first.owner}, waited 0 s"), lock.held(target, 0):
            pass
        with lock.held(database.Target(target.secret_arn, "other_table", target.ca), 0):
            pass
    with lock.held(target, 5):
        pass


def test_holder_that_has_vanished_loses_the_lock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection stays open, as after a cut of the network, but nothing is heard of it."""
    monkeypatch.setattr(lock, "_LEASE_S", 1)
    target = stack.settings.target
    with (
        lock.held(target, 0) as vanished,
        lock.held(target, 60),
        database.connect(target) as connection,
        pytest.raises(LockError, match="was lost"),
    ):
        vanished.check(connection)


def test_holder_that_is_heard_of_keeps_the_lock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_LEASE_S", 3)
    monkeypatch.setattr(lock, "_BEAT_S", 0.2)
    with lock.held(stack.settings.target, 0) as held, database.connect(stack.settings.target) as connection:
        time.sleep(6)
        held.check(connection)
