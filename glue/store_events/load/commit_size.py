"""How much a commit has: more where the index over the hash has outgrown the database's memory.

A commit reads and writes nearly every page of that index once, so with more rows a commit each of them costs less; but
what is not committed is lost when a worker dies, and readers see it later.
"""

from dataclasses import dataclass

from store_events.load import database
from store_events.load.database import Connection

MEMORY = 64 << 20  # Bytes of rows that a worker holds,
_LEFT = 2  # and of these so many times less where the hashes of more rows take memory, too.
_BYTES = 64 << 20  # Of rows in a commit.
_LARGER = 8
_OF_POOL = 0.5  # The share of the buffer pool that an index may have: rows and undo logs are in it, too.
_INDEX_SHARE = 0.2  # An event has at least about five times as many bytes as its entry in the index.


@dataclass(frozen=True)
class CommitSize:
    """The most that a commit has, and how many bytes of rows a worker holds in memory while it gathers them."""

    rows: int
    bytes: int
    memory: int


def of(connection: Connection, table: str, rows: int, pending: int) -> CommitSize:
    """The size of a run's commits, of usually so many rows; `pending` bytes of events are to be loaded."""
    if _outgrown(connection, table, pending):
        return CommitSize(rows * _LARGER, _BYTES * _LARGER, MEMORY // _LEFT)
    return CommitSize(rows, _BYTES, MEMORY)


def _outgrown(connection: Connection, table: str, pending: int) -> bool:
    # MySQL keeps what it knows of a table's size for a day; MariaDB passes this comment over.
    # https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_information_schema_stats_expiry
    database.execute(connection, "/*!80000 set session information_schema_stats_expiry=0 */")
    query = (
        "select coalesce(max(index_length), 0), @@innodb_buffer_pool_size from information_schema.tables"
        " where table_schema = database() and table_name = %s"
    )
    [(index, pool)] = database.rows(connection, query, table)
    return bool(int(index) + _INDEX_SHARE * pending > _OF_POOL * pool)
