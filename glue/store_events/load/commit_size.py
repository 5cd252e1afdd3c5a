"""The size of a commit: larger where the index over the hash has outgrown the database's memory.

A commit reads and writes nearly every page of that index once, so with more rows a commit each of them costs less; but
what is not committed is lost when a worker dies, and readers see it later.
"""

from dataclasses import dataclass

from store_events.mysql import database
from store_events.mysql.database import Connection

MEMORY = 64 << 20  # Bytes of rows that a worker holds.
_LARGE_DIVISOR = 2  # Large commits hold half of MEMORY, because the index of their rows takes memory too.
_BYTES = 64 << 20  # Bytes of rows in a commit of the usual size.
_MAX_FACTOR = 16  # Commits grow up to so many times, in proportion to the index's size over the buffer pool's.
_POOL_SHARE = 0.5  # They grow from this ratio on: the buffer pool also has rows and undo logs.
_INDEX_SHARE = 0.2  # An event has at least about five times as many bytes as its entry in the index.


@dataclass(frozen=True)
class CommitSize:
    """The most that a commit has, and how many bytes of rows a worker holds in memory while it gathers them."""

    rows: int
    bytes: int
    memory: int


def for_run(connection: Connection, table: str, rows: int, pending: int) -> CommitSize:
    """Return the size of a run's commits, of usually `rows` rows; `pending` bytes of events are to be loaded."""
    share = _share(connection, table, pending)
    if share <= _POOL_SHARE:
        return CommitSize(rows, _BYTES, MEMORY)
    times = min(round(_MAX_FACTOR * share), _MAX_FACTOR)
    return CommitSize(rows * times, _BYTES * times, MEMORY // _LARGE_DIVISOR)


def _share(connection: Connection, table: str, pending: int) -> float:
    """Return the size of the index, once the events are loaded, over that of the buffer pool."""
    # MySQL keeps what it knows of a table's size for a day; MariaDB passes this comment over.
    # https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_information_schema_stats_expiry
    database.execute(connection, "/*!80000 set session information_schema_stats_expiry=0 */")
    query = (
        "select coalesce(max(index_length), 0), @@innodb_buffer_pool_size from information_schema.tables"
        " where table_schema = database() and table_name = %s"
    )
    [(index, pool)] = database.rows(connection, query, table)
    return (int(index) + _INDEX_SHARE * pending) / int(pool)
