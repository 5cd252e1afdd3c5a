"""Connections to the target database: always TLS, UTC, strict; LOAD DATA LOCAL reads from memory only."""

import logging
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pymysql
import pymysql.connections
from pymysql.constants import CR

from store_events import aws
from store_events.mysql import lock_holders
from store_events.settings import Target

_log = logging.getLogger(__name__)
# What both MySQL 8.4 and MariaDB 11.4 know; a value that does not fit is an error and never altered.
_SQL_MODE = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_WAIT_S = 20
TABLE_WAIT_S = 60  # To change a table, which nobody tries again.
# Until the server ends a connection that says nothing. Within a transaction of `transaction` it is short, as a task
# whose worker has vanished keeps its locks so long; it may store an object of the batch's quarantine meanwhile. Outside
# of one it is MySQL's default, whatever the server has: a task reads a large object, and the driver waits for tasks.
# What the driver writes there, it commits without waiting for anything else.
_IDLE_S = 900
_LONGEST_IDLE_S = 28_800
_SESSION = (
    f"set session sql_mode='{_SQL_MODE}', time_zone='+00:00', transaction_isolation='READ-COMMITTED',"
    " net_read_timeout=600, net_write_timeout=600,"  # A LOAD DATA waits while its rows are being written.
    # For rows, and for a table that another session keeps from being written, else for a year. Spark tries a task
    # four times, so a run that somebody else blocks ends in less than two minutes.
    f" innodb_lock_wait_timeout={_WAIT_S}, lock_wait_timeout={_WAIT_S}, wait_timeout={_LONGEST_IDLE_S}"
)
# Wrong password, server not there, connection lost: what a rotation, a restart or a failover looks like. Too many
# connections: of the server, or of the user.
_PASSING = (1040, 1045, 1053, 1203, 2003, 2006, 2013)
_HANDSHAKE_S = 30  # For each answer until a connection can be used.
# For an answer, and to send 256 KiB. The slowest is that to a statement which is rolled back: of the largest commits, 8
# million rows, that takes minutes. What a LOAD DATA sends is not part of the wait for its answer: the server takes rows
# as fast as it inserts them. Glue stops a run after 30 minutes by default.
ANSWER_S = 900
# A peer that has vanished answers no probe: after two minutes the system ends a connection that waits for it, however
# long the statement may take. TCP_USER_TIMEOUT would also end one whose server is there, but takes no rows meanwhile.
_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 8.0
_DEADLOCK = 1213
# Large enough that a packet's cost does not count, small against the server's max_allowed_packet (16 MiB).
_PACKET = 1 << 18
_TRANSACTION_ATTEMPTS = 5
_WAITING_ATTEMPTS = 30  # For tasks of the own run, which commit one after the other.


class LockedError(pymysql.OperationalError):  # type: ignore[misc]
    """A wait for a lock has timed out. `own` says that only the job itself keeps this session waiting."""

    def __init__(self, statement: str, holders: list[lock_holders.Holder], own: bool) -> None:
        super().__init__(lock_holders.TIMED_OUT, lock_holders.explained(statement, holders))
        self.own = own


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection whose next LOAD DATA LOCAL sends `infile`, and that names who holds a lock it waits for in vain. It
    does not wait forever for a server that is silent.
    """

    infile: Iterable[bytes | memoryview] = ()

    def write_packet(self, payload: Any) -> None:
        """Send a packet, unless the connection was lost, which PyMySQL does not check at the end of a LOAD DATA."""
        if self._sock is None:
            raise pymysql.OperationalError(CR.CR_SERVER_GONE_ERROR, "the connection was lost")
        super().write_packet(payload)

    def answer_within(self, seconds: float | None) -> None:
        """Have later statements fail, as by a lost connection, if their answer does not come in time."""
        self._read_timeout = self._write_timeout = seconds

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Let statements take as long as the table is large: only a server that has vanished ends them."""
        within = self._read_timeout
        self.answer_within(None)
        try:
            yield
        finally:
            self.answer_within(within)

    def probe(self) -> None:
        """Have the system find out if the server vanishes."""
        for name, value in _PROBES.items():
            if hasattr(socket, name):  # Those of Linux.
                self._sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def query(self, sql: Any, unbuffered: bool = False) -> Any:
        try:
            return super().query(sql, unbuffered)
        except pymysql.OperationalError as error:
            if error.args[0] != lock_holders.TIMED_OUT:
                raise
            raise LockedError(str(sql), *lock_holders.holders(self)) from error


def _send(_: bytes, connection: Any) -> None:
    """Answer the server's request for a file with `infile`: whatever file it asks for, none of this machine is read."""
    for block in getattr(connection, "infile", ()):
        view = memoryview(block)
        for start in range(0, len(view), _PACKET):
            connection.write_packet(bytes(view[start : start + _PACKET]))


if not hasattr(pymysql.connections, "_send_local_file"):
    raise ImportError(f"PyMySQL {pymysql.__version__} sends local files in another way; see glue/requirements.txt")
pymysql.connections._send_local_file = _send


@contextmanager
def connect(target: Target) -> Iterator[Connection]:
    """Yield a connection without autocommit; it is closed, and so rolled back, in any case."""
    connection = _patiently(target)
    try:
        yield connection
    finally:
        connection.close()


def _patiently(target: Target) -> Connection:
    """Connect; try again while the password changes, the server is coming back, or all its connections are taken.

    Pauses grow and differ, so that many tasks do not try at the same moments.
    """
    end = time.monotonic() + target.patience_s
    pause = _PAUSE_S
    while True:
        try:
            return _open(target)
        except pymysql.OperationalError as error:
            if error.args[0] not in _PASSING or time.monotonic() + pause > end:
                raise
            _log.warning("cannot connect to the database (%s), trying again", error.args[0])
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def _verifying(ca: str) -> ssl.SSLContext:
    """Return a context that verifies the server's certificate and name, with each Python alike.

    Python 3.13, which Glue 6.0 has, also refuses certificates that are not formed as RFC 5280 says, such as those that
    MySQL makes for itself: https://docs.python.org/3.13/library/ssl.html#ssl.create_default_context
    """
    context = ssl.create_default_context(cadata=ca)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _open(target: Target) -> Connection:
    credentials = aws.read_credentials(target.secret_arn)
    connection = Connection(
        host=credentials.host,
        port=credentials.port,
        database=credentials.database,
        user=credentials.user,
        password=credentials.password,
        ssl=_verifying(target.ca),
        charset="utf8mb4",
        autocommit=False,
        local_infile=True,
        init_command=_SESSION,
        # PyMySQL's connect_timeout, 10 s, is for TCP only.
        read_timeout=_HANDSHAKE_S,
        write_timeout=_HANDSHAKE_S,
    )
    connection.probe()
    connection.answer_within(ANSWER_S)
    return connection


def rows(connection: pymysql.Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def execute(connection: pymysql.Connection, statement: str, *values: Any) -> int:
    """Run a statement; return the number of rows that it changed."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, values))


def transaction(connection: pymysql.Connection, work: Callable[[], object]) -> None:
    """Begin a transaction and do `work` in it, again from the start if a deadlock ends it. The caller calls `commit`.

    Sorted rows keep deadlocks rare but not out: when a transaction is rolled back, InnoDB grants shared locks on a
    key that it inserted to all that wait for it, and each of them then tries to insert the key. A wait for another
    task of the run, which may take long to commit, goes on; raises LockedError if somebody else holds the lock.
    https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html
    """
    execute(connection, f"set session wait_timeout={_IDLE_S}")
    for attempt in count(1):
        connection.begin()
        try:
            work()
            return
        except LockedError as error:
            if not error.own or attempt >= _WAITING_ATTEMPTS:
                raise
            _log.warning("%s; the transaction is tried again", error.args[1])
        except pymysql.OperationalError as error:
            if error.args[0] != _DEADLOCK or attempt >= _TRANSACTION_ATTEMPTS:
                raise
            _log.warning("deadlock, the transaction is tried again")
        connection.rollback()
        time.sleep(random.uniform(0, _PAUSE_S))


def commit(connection: pymysql.Connection) -> None:
    """Commit what `transaction` began."""
    connection.commit()
    execute(connection, f"set session wait_timeout={_LONGEST_IDLE_S}")
