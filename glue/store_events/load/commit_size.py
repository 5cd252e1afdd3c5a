"""Sizes commits: larger if the index over the hash is larger than the database's memory.

A commit reads and writes nearly every page of that index, so larger commits cost less per row. But rows become visible
later, and more work is lost if a worker dies.
"""

from dataclasses import dataclass

from store_events.mysql import database
from store_events.mysql.database import Connection

MEMORY = 64 << 20  # Bytes of rows in a worker's memory.
_LARGE_DIVISOR = 2  # Large commits use half of MEMORY, because the index of their rows needs memory too.
_BYTES = 64 << 20  # Bytes of rows in a commit of normal size.
_MAX_FACTOR = 16  # Commits grow with the ratio of index size to buffer pool size, up to this factor.
_POOL_SHARE = 0.5  # Commits grow above this ratio, because the buffer pool also has rows and undo logs.
_INDEX_SHARE = 0.2  # An event has at least about five times as many bytes as its index entry.


@dataclass(frozen=True)
class CommitSize:
    """The maximum size of a commit, and the bytes of rows that a worker keeps in memory."""

    rows: int
    bytes: int
    memory: int


def for_run(connection: Connection, table: str, rows: int, pending: int) -> CommitSize:
    """Return the size of a run's commits. `rows` is the normal size, and `pending` the bytes of events to load."""
    share = _share(connection, table, pending)
    if share <= _POOL_SHARE:
        return CommitSize(rows, _BYTES, MEMORY)
    times = min(round(_MAX_FACTOR * share), _MAX_FACTOR)
    return CommitSize(rows * times, _BYTES * times, MEMORY // _LARGE_DIVISOR)


def _share(connection: Connection, table: str, pending: int) -> float:
    """Return the size of the index after the load, divided by the size of the buffer pool."""
    # MySQL caches table sizes for a day. MariaDB ignores this comment.
    # https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_information_schema_stats_expiry
    database.execute(connection, "/*!80000 set session information_schema_stats_expiry=0 */")
    query = (
        "select coalesce(max(index_length), 0), @@innodb_buffer_pool_size from information_schema.tables"
        " where table_schema = database() and table_name = %s"
    )
    [(index, pool)] = database.rows(connection, query, table)
    return (int(index) + _INDEX_SHARE * pending) / int(pool)
