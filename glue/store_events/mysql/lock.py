"""One run at a time on a ledger, and so in a schema: a named lock of the database, which dies with its connection."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import pymysql

from store_events.mysql import database, lock_holders
from store_events.settings import Target

# A holder that is silent for so long has vanished without closing its connection: the server then closes it.
_LEASE_S = 120
_BEAT_S = 20
_ANSWER_S = 30  # For an answer to a sign of life.


class LockError(Exception):
    """Another run holds the lock, or it was lost."""


@dataclass(frozen=True)
class Lock:
    """The lock's name and the connection that holds it."""

    name: str
    owner: int

    def check(self, connection: pymysql.Connection) -> None:
        """Raise LockError unless the lock is still its owner's; from any connection."""
        [(holder,)] = database.rows(connection, "select is_used_lock(%s)", self.name)
        if holder != self.owner:
            raise LockError(f"the run's lock {self.name} was lost: its database connection ended; run the job again")


@contextmanager
def held(target: Target, wait_s: int) -> Iterator[Lock]:
    """Hold the lock of a target's ledger on a separate connection, or raise LockError after `wait_s` seconds."""
    with database.connect(target) as connection:
        database.execute(connection, f"set session wait_timeout={_LEASE_S}")
        connection.answer_within(wait_s + _ANSWER_S)
        lock = _take(connection, target.table, wait_s)
        connection.answer_within(_ANSWER_S)
        done = Event()
        heart = Thread(target=_beat, args=(connection, done), daemon=True)
        heart.start()
        try:
            yield lock
        finally:
            done.set()
            heart.join(2 * _ANSWER_S)  # It may be sending, and then wait for the answer.


def _take(connection: pymysql.Connection, table: str, wait_s: int) -> Lock:
    [(schema,)] = database.rows(connection, "select database()")
    lock = Lock(_name(str(schema)), connection.thread_id())
    # Releases that know no bucket in etl_runs lock the table. A run of one may go on while a stack is updated from it;
    # once no stack is, the second lock can go.
    for name in (lock.name, _name(f"{schema}.{table}")):
        [(got,)] = database.rows(connection, "select get_lock(%s, %s)", name, wait_s)
        if got != 1:
            [(holder,)] = database.rows(connection, "select is_used_lock(%s)", name)
            named = "connection already closed" if holder is None else lock_holders.holder(connection, holder)
            raise LockError(
                f"another run is loading into schema {schema} (database {named}, waited {wait_s} s); "
                "start this one again when it has ended"
            )
    return lock


def _name(scope: str) -> str:
    return "store-events-" + hashlib.sha256(scope.encode()).hexdigest()[:32]


def _beat(connection: pymysql.Connection, done: Event) -> None:
    """Keep the lease. Whoever needs the lock finds out by `Lock.check` if that fails."""
    while not done.wait(_BEAT_S):
        try:
            connection.ping(reconnect=False)
        except pymysql.Error:
            return
