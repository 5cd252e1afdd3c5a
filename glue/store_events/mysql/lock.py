"""The lock that allows one run at a time per schema: a named database lock, which ends with its connection."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import pymysql

from store_events.mysql import database, lock_holders
from store_events.settings import Target

# The server closes an idle connection after this time, in case its client vanished.
_LEASE_S = 120
_HEARTBEAT_S = 20
_RESPONSE_S = 30  # Timeout of a heartbeat's response.


class LockError(Exception):
    """Another run holds the lock, or it was lost."""


@dataclass(frozen=True)
class Lock:
    """The lock's name, the connection that holds it, and a second lock of this connection, whose name is this run's.

    Connection ids begin again at 1 when the server restarts, so that another run's connection can have the same id.
    """

    name: str
    owner: int
    own: str

    def check(self, connection: pymysql.Connection) -> None:
        """Raise LockError unless the owner still holds the lock. Any connection can be used."""
        [(holder,)] = database.rows(connection, "select is_used_lock(%s)", self.own)
        if holder != self.owner:
            raise LockError(f"the run's lock {self.name} was lost: its database connection ended; run the job again")


@contextmanager
def held(target: Target, wait_s: int) -> Iterator[Lock]:
    """Hold the lock on a separate connection. Raise LockError if it is not free within `wait_s` seconds."""
    with database.connect(target) as connection:
        database.execute(connection, f"set session wait_timeout={_LEASE_S}")
        connection.set_timeout(wait_s + _RESPONSE_S)
        lock = _acquire(connection, target.table, wait_s)
        connection.set_timeout(_RESPONSE_S)
        done = Event()
        heartbeat = Thread(target=_beat, args=(connection, done), daemon=True)
        heartbeat.start()
        try:
            yield lock
        finally:
            done.set()
            heartbeat.join(2 * _RESPONSE_S)  # It may have to send, and then wait for the response.


def _acquire(connection: pymysql.Connection, table: str, wait_s: int) -> Lock:
    [(schema,)] = database.rows(connection, "select database()")
    lock = Lock(_name(str(schema)), connection.thread_id(), _name(uuid.uuid4().hex))
    # The second name is the one of earlier releases, without a bucket in etl_runs: one of their runs may still be
    # running when a stack is updated. Remove it once no stack is updated from these releases.
    for name in (lock.name, _name(f"{schema}.{table}"), lock.own):
        [(got,)] = database.rows(connection, "select get_lock(%s, %s)", name, wait_s)
        if got != 1:
            [(holder,)] = database.rows(connection, "select is_used_lock(%s)", name)
            named = "connection already closed" if holder is None else lock_holders.holder(connection, holder)
            raise LockError(
                f"another run is loading into schema {schema} (database {named}, waited {wait_s} s); "
                "start this run again after it has ended"
            )
    return lock


def _name(scope: str) -> str:
    return "store-events-" + hashlib.sha256(scope.encode()).hexdigest()[:32]


def _beat(connection: pymysql.Connection, done: Event) -> None:
    """Keep the connection alive. If this fails, `Lock.check` reports it."""
    while not done.wait(_HEARTBEAT_S):
        try:
            connection.ping(reconnect=False)
        except pymysql.Error:
            return
