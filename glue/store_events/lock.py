"""One run at a time on a target table: a named lock of the database, which dies with its connection."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pymysql

from store_events import database


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
def held(connection: pymysql.Connection, table: str, wait_s: int) -> Iterator[Lock]:
    """Hold the lock of a table on this connection, or raise LockError after `wait_s` seconds."""
    [(schema,)] = database.rows(connection, "select database()")
    name = "store-events-" + hashlib.sha256(f"{schema}.{table}".encode()).hexdigest()[:32]
    [(got,)] = database.rows(connection, "select get_lock(%s, %s)", name, wait_s)
    if got != 1:
        [(holder,)] = database.rows(connection, "select is_used_lock(%s)", name)
        raise LockError(
            f"another run is loading {schema}.{table} (database connection {holder}, waited {wait_s} s); "
            "start this one again when it has ended"
        )
    try:
        yield Lock(name, connection.thread_id())
    finally:
        with suppress(pymysql.Error):  # A connection that is lost has no lock any more.
            database.rows(connection, "select release_lock(%s)", name)
