"""Finds the sessions that may hold a lock that this session waits for.

With the PROCESS privilege, which the program grants to the loader, it finds every open transaction, and without it only
connections of the same user. Only an administrator can see which row is locked, so errors list all candidates.
https://dev.mysql.com/doc/refman/8.4/en/information-schema-innodb-trx-table.html
"""

from dataclasses import dataclass

import pymysql

TIMED_OUT = 1205  # ER_LOCK_WAIT_TIMEOUT, for rows and tables.
_NOT_ALLOWED = 1227
_NAMED = 5
# Tasks of the job that hold locks are idle for a shorter time, while they load rows or store a few objects.
IDLE_S = 15
_COLUMNS = "p.id, p.user, p.host, p.command, p.time, p.user = %s as same_user"
_PROCESSES = "from information_schema.processlist p"
_TRANSACTIONS = (
    f"{_PROCESSES} join information_schema.innodb_trx t on t.trx_mysql_thread_id = p.id"
    " where p.id <> connection_id() and t.trx_state = 'RUNNING' order by t.trx_started"
)
_OTHERS = (
    f"{_PROCESSES} where p.id <> connection_id() and p.command not in ('Daemon', 'Binlog Dump')"
    " order by same_user, p.time desc"
)


@dataclass(frozen=True)
class Holder:
    """A connection that may hold the lock. `same_user` means that it belongs to the job's user."""

    connection: int
    user: str
    host: str
    command: str
    seconds: int
    same_user: bool

    @property
    def idle_s(self) -> int:
        """How long it has been idle, in seconds."""
        return self.seconds if self.command == "Sleep" else 0

    def __str__(self) -> str:
        return f"connection {self.connection} of {self.user} from {self.host}, {self.command} for {self.seconds} s"


def holders(connection: pymysql.Connection) -> tuple[list[Holder], bool]:
    """Return the connections with an open transaction, oldest first, or all connections without one, other users first.
    Also report whether only the job itself can be the cause, so that the wait will end.
    """
    try:
        found = _found(connection, _TRANSACTIONS)
    except pymysql.OperationalError as error:
        if error.args[0] != _NOT_ALLOWED:
            raise
        found = _found(connection, _OTHERS)
        return found, any(h.command == "Query" for h in found)
    if not found:
        return _found(connection, _OTHERS), False
    return found, all(h.same_user for h in found) and not any(h.idle_s >= IDLE_S for h in found)


def holder(connection: pymysql.Connection, number: int) -> str:
    """Describe a connection by its number."""
    found = [h for h in _found(connection, _OTHERS) if h.connection == number]
    return str(found[0]) if found else f"connection {number}, whose user this session may not see"


def explained(statement: str, found: list[Holder]) -> str:
    """Return the error message for a statement whose wait timed out."""
    named = "; ".join(map(str, found[:_NAMED])) or (
        "a connection that this user may not see; as the master user, select * from sys.innodb_lock_waits"
    )
    return f"{' '.join(statement.split()[:6])}: another session holds a lock on its rows or table: {named}"


def _found(connection: pymysql.Connection, query: str) -> list[Holder]:
    user = connection.user.decode() if isinstance(connection.user, bytes) else connection.user
    with connection.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} {query}", (user,))
        return [Holder(n, by, host, command, int(time), bool(same)) for n, by, host, command, time, same in cursor]
