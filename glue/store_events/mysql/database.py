"""Connections to the target database: TLS, UTC, strict SQL mode, and LOAD DATA LOCAL only from memory."""

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
# Modes that MySQL 8.4 and MariaDB 11.4 support. A value that does not fit is an error.
_SQL_MODE = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_WAIT_S = 20
TABLE_WAIT_S = 60  # To change a table, which is not retried.
# The idle time after which the server closes a connection. It is short within `transaction`, because a task whose
# worker vanished keeps its locks so long, but long enough to store an object in the quarantine. Outside it is MySQL's
# default independent of the server's setting, because a task reads large objects, and the driver waits for tasks. The
# driver commits its writes without such pauses.
_IDLE_S = 900
_LONGEST_IDLE_S = 28_800
_SESSION = (
    f"set session sql_mode='{_SQL_MODE}', time_zone='+00:00', transaction_isolation='READ-COMMITTED',"
    " net_read_timeout=600, net_write_timeout=600,"  # LOAD DATA waits while the server writes its rows.
    # Limit waits for row locks and for table locks, which default to a year. Spark runs a task up to four times, so a
    # run that another session blocks fails in less than two minutes.
    f" innodb_lock_wait_timeout={_WAIT_S}, lock_wait_timeout={_WAIT_S}, wait_timeout={_LONGEST_IDLE_S},"
    # Defaults of MySQL, which an existing server may have changed: results without a limit, changes of whole tables,
    # joins of any size, every duplicate is found, and a commit only commits. MariaDB ignores the comment.
    " sql_select_limit=18446744073709551615, sql_safe_updates=0, sql_big_selects=1, unique_checks=1, completion_type=0"
    " /*!80000 , max_execution_time=0 */"
)
# Errors during a rotation, a restart or a failover: wrong password, server unavailable, connection lost. And too many
# connections to the server, or of the user: by the server's limit, or by the user's.
_TRANSIENT = (1040, 1045, 1053, 1203, 1226, 2003, 2006, 2013)
_HANDSHAKE_S = 30  # For each response while connecting.
# For a response, and to send 256 KiB. The slowest statements are rolled back: for the largest commits, 8 million rows,
# that takes minutes. Sending a LOAD DATA's rows does not count, because the server reads rows as it inserts them. Glue
# stops a run after 30 minutes by default.
RESPONSE_S = 900
# Keepalive closes a connection after two minutes if the server has vanished, even if the statement has no timeout.
# TCP_USER_TIMEOUT would also close connections to a server that is temporarily not reading rows.
_PROBES = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 8.0
_DEADLOCK = 1213
# Large enough to make the cost per packet negligible, and much less than the server's max_allowed_packet (16 MiB).
_PACKET = 1 << 18
_TRANSACTION_ATTEMPTS = 5
_WAITING_ATTEMPTS = 30  # For other tasks of the run, which commit one after the other.


class LockedError(pymysql.OperationalError):  # type: ignore[misc]
    """A wait for a lock has timed out. `by_job` means that only the job itself can be the cause."""

    def __init__(self, statement: str, holders: list[lock_holders.Holder], by_job: bool) -> None:
        super().__init__(lock_holders.TIMED_OUT, lock_holders.explained(statement, holders))
        self.by_job = by_job


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection that sends `infile` for LOAD DATA LOCAL, reports the possible holders of a lock when a wait times
    out, and detects a server that does not respond.
    """

    infile: Iterable[bytes | memoryview] = ()

    def write_packet(self, payload: Any) -> None:
        """Send a packet. Raise OperationalError if the connection is lost, which PyMySQL misses after a LOAD DATA."""
        if self._sock is None:
            raise pymysql.OperationalError(CR.CR_SERVER_GONE_ERROR, "the connection was lost")
        super().write_packet(payload)

    def set_timeout(self, seconds: float | None) -> None:
        """Set the timeout of responses. Statements that exceed it fail with a lost connection."""
        self._read_timeout = self._write_timeout = seconds

    @contextmanager
    def without_timeout(self) -> Iterator[None]:
        """Disable the timeout, for statements whose duration depends on the size of the table."""
        timeout = self._read_timeout
        self.set_timeout(None)
        try:
            yield
        finally:
            self.set_timeout(timeout)

    def enable_keepalive(self) -> None:
        """Set the intervals of TCP keepalive."""
        for name, value in _PROBES.items():
            if hasattr(socket, name):  # Linux only.
                self._sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def query(self, sql: Any, unbuffered: bool = False) -> Any:
        try:
            return super().query(sql, unbuffered)
        except pymysql.OperationalError as error:
            if error.args[0] != lock_holders.TIMED_OUT:
                raise
            raise LockedError(str(sql), *lock_holders.holders(self)) from error


def _send(_: bytes, connection: Any) -> None:
    """Send `infile` for the server's request for a file. No local file is ever read."""
    for block in getattr(connection, "infile", ()):
        view = memoryview(block)
        for start in range(0, len(view), _PACKET):
            connection.write_packet(bytes(view[start : start + _PACKET]))


if not hasattr(pymysql.connections, "_send_local_file"):
    raise ImportError(f"PyMySQL {pymysql.__version__} sends local files in another way; see glue/requirements.txt")
pymysql.connections._send_local_file = _send


@contextmanager
def connect(target: Target) -> Iterator[Connection]:
    """Yield a connection without autocommit. It is always closed, which rolls back an open transaction."""
    connection = _connect_with_retries(target)
    try:
        yield connection
    finally:
        connection.close()


def _connect_with_retries(target: Target) -> Connection:
    """Connect, and retry transient errors with exponential backoff and jitter."""
    end = time.monotonic() + target.connect_timeout_s
    pause = _PAUSE_S
    while True:
        try:
            return _open(target)
        except pymysql.OperationalError as error:
            if error.args[0] not in _TRANSIENT or time.monotonic() + pause > end:
                raise
            _log.warning("cannot connect to the database (%s), retrying", error.args[0])
            time.sleep(random.uniform(pause / 2, pause))
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def _verifying(ca: str) -> ssl.SSLContext:
    """Return a context that verifies the server's certificate and name.

    Disable the strict checks of RFC 5280 that Python 3.13 (Glue 6.0) enables, because MySQL's generated certificates
    fail them: https://docs.python.org/3.13/library/ssl.html#ssl.create_default_context
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
        # PyMySQL's connect_timeout, 10 s, only applies to TCP.
        read_timeout=_HANDSHAKE_S,
        write_timeout=_HANDSHAKE_S,
    )
    connection.enable_keepalive()
    connection.set_timeout(RESPONSE_S)
    return connection


def rows(connection: pymysql.Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def execute(connection: pymysql.Connection, statement: str, *values: Any) -> int:
    """Run a statement, and return the number of changed rows."""
    with connection.cursor() as cursor:
        return int(cursor.execute(statement, values))


def transaction(connection: pymysql.Connection, work: Callable[[], object]) -> None:
    """Begin a transaction and call `work`, and repeat both after a deadlock. The caller calls `commit`.

    Sorted rows make deadlocks rare, but they are still possible: when a transaction is rolled back, InnoDB grants
    shared locks on its keys to all waiting transactions, and each of them then tries to insert the keys. Waits for
    other tasks of the run are repeated, because commits may take long. Raise LockedError if another session holds the
    lock.
    https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html
    """
    execute(connection, f"set session wait_timeout={_IDLE_S}")
    for attempt in count(1):
        connection.begin()
        try:
            work()
            return
        except LockedError as error:
            if not error.by_job or attempt >= _WAITING_ATTEMPTS:
                raise
            _log.warning("%s; retrying the transaction", error.args[1])
        except pymysql.OperationalError as error:
            if error.args[0] != _DEADLOCK or attempt >= _TRANSACTION_ATTEMPTS:
                raise
            _log.warning("deadlock, retrying the transaction")
        connection.rollback()
        time.sleep(random.uniform(0, _PAUSE_S))


def commit(connection: pymysql.Connection) -> None:
    """Commit the transaction that `transaction` began."""
    connection.commit()
    execute(connection, f"set session wait_timeout={_LONGEST_IDLE_S}")
