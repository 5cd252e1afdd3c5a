"""One batch: its lines are gathered, sorted by key, and loaded, recorded and committed in one transaction."""

import re
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from store_events.contract import Contract
from store_events.export import parquet
from store_events.load import collisions, csv_codec, database, ledger
from store_events.load.database import Connection, Target, quoted
from store_events.load.ledger import BatchCounts
from store_events.load.lock import Lock
from store_events.load.row_builder import RowBuilder

_DUPLICATE_KEY = 1062
_DUPLICATE_ENTRY = re.compile(r"Duplicate entry '(.*)' for key '[^']*PRIMARY'")
# A statement reports each row that it refuses by a warning, and the server keeps max_error_count of them, 1024 by
# default. Only an administrator may change that for a session, so a statement has fewer rows than the server keeps
# warnings. https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_error_count
_MOST_ROWS = 60_000
_FEWEST_ROWS = 1_000  # With fewer, round trips take longer than the rows.
# A batch is held in memory while it is gathered, so it ends after this many bytes of rows, or of lines that are
# not events.
_ROW_BYTES = 128 << 20
_PENDING_BYTES = 32 << 20
_BLOCK = 1 << 20


class LoadError(Exception):
    """The database refuses a row, or is not configured for the load."""


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know. It is serialised with the function, so nothing in it is secret.

    A batch is committed after `commit_rows` lines; a statement loads `statement_rows` of them at most.
    """

    contract: Contract
    target: Target
    lock: Lock
    bucket: str
    region: str
    run_id: str
    run_day: str
    run_number: int
    commit_rows: int
    statement_rows: int

    @property
    def destination(self) -> parquet.Destination:
        return parquet.Destination(self.contract, self.target, self.bucket, self.region)


@dataclass(frozen=True)
class _Rows:
    """A batch's rows, sorted by key, in a file; `statements` are the lengths of the rows that each statement loads."""

    file: IO[bytes]
    statements: list["array[int]"]

    def each(self) -> Iterator[bytes]:
        """The rows, one by one."""
        self.file.seek(0)
        return (self.file.read(length) for lengths in self.statements for length in lengths)


def statement_rows(connection: Connection) -> int:
    """How many rows a LOAD DATA statement may have, so that none of its warnings is lost.

    Raises LoadError if the server keeps too few warnings.
    """
    [(kept,)] = database.rows(connection, "select @@session.max_error_count")
    if kept <= _FEWEST_ROWS:
        raise LoadError(
            f"the database's parameter max_error_count is {kept}, but must be more than {_FEWEST_ROWS}: the job counts "
            "duplicates by the server's warnings. Set max_error_count to 65535 in the database's parameter group"
        )
    return min(int(kept) - 1, _MOST_ROWS)


def load(connection: Connection, plan: Plan, batch_id: int, builder: RowBuilder) -> BatchCounts:
    """Load one batch, commit it and write its Parquet. An exception before the commit leaves nothing of it behind.

    A batch without lines and without the end of an object is not recorded.
    """
    counts = BatchCounts()
    with tempfile.TemporaryFile() as file:
        rows = _sorted(_gathered(builder, counts, plan), plan.statement_rows, file)
        if not counts.ranges:
            return counts
        if builder.ended:
            builder.check_finished()
        database.transaction(connection, lambda: _insert(connection, plan, batch_id, rows, counts))
        # Now, as of two attempts only the one that will commit may store its quarantine.
        builder.store_quarantine()
        plan.lock.check(connection)
        connection.commit()
        builder.committed()
        parquet.write_sent(connection, plan.destination, batch_id, file, counts)
    return counts


def _complete(counts: BatchCounts, builder: RowBuilder, plan: Plan, size: int) -> bool:
    if builder.ended or builder.pending > _PENDING_BYTES:
        return True
    return (counts.rows_read >= plan.commit_rows or size >= _ROW_BYTES) and not builder.at_end


def _gathered(builder: RowBuilder, counts: BatchCounts, plan: Plan) -> list[bytes]:
    """The rows of a batch, in the order of their lines."""
    rows: list[bytes] = []
    size = 0
    while not _complete(counts, builder, plan, size):
        before = len(rows)
        rows.extend(builder.rows(counts, max(plan.commit_rows - counts.rows_read, 1)))
        size += sum(map(len, rows[before:]))
    return rows


def _sorted(rows: list[bytes], most: int, file: IO[bytes]) -> _Rows:
    """Write rows to a file by key, for statements of at most `most`. Rows with the same key keep their order.

    So a transaction walks through the table's index once, and two tasks with the same keys lock them in one order
    and cannot wait for each other.
    """
    rows.sort(key=_key)
    statements = []
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        file.writelines(some)
        statements.append(array("Q", map(len, some)))
    rows.clear()  # From here on the file has them.
    return _Rows(file, statements)


def _key(row: bytes) -> bytes:
    return row[: row.index(b'"', 1)]


def _insert(connection: Connection, plan: Plan, batch_id: int, rows: _Rows, counts: BatchCounts) -> None:
    """Put rows and ledger entries into the open transaction, and check that they balance. It can be repeated."""
    counts.rows_new = counts.rows_duplicate = 0
    counts.repeated.clear()
    rows.file.seek(0)
    for lengths in rows.statements:
        _statement(connection, plan, batch_id, _blocks(rows.file, sum(lengths)), counts)
    counts.check()
    table = quoted(plan.target.table)
    first = collisions.find_earlier(connection, plan.contract, table, batch_id, counts.repeated)
    if first:
        collisions.record(connection, plan.contract, batch_id, rows.each(), first)
    ledger.record(connection, plan.contract, plan.run_id, batch_id, counts)


def _blocks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        block = file.read(min(size, _BLOCK))
        size -= len(block)
        yield block


def _statement(connection: Connection, plan: Plan, batch_id: int, blocks: Iterator[bytes], counts: BatchCounts) -> None:
    columns = ", ".join(quoted(f.name) for f in csv_codec.columns(plan.contract))
    connection.infile = blocks
    counts.rows_new += database.execute(
        connection,
        f"load data local infile 'rows' ignore into table {quoted(plan.target.table)} {csv_codec.LOAD}"
        f" ({columns}) set batch_id=%s",
        batch_id,
    )
    repeated = list(_duplicates(connection))
    counts.rows_duplicate += len(repeated)
    counts.repeated.update(repeated)


def _duplicates(connection: Connection) -> Iterator[str]:
    """The keys of the last statement's rows that were there already. Any other warning is an error."""
    other = []
    for _, code, text in database.rows(connection, "show warnings"):
        match = _DUPLICATE_ENTRY.match(text) if code == _DUPLICATE_KEY else None
        if match:
            yield match[1]
        else:
            other.append(f"{text} ({code})")
    if other:
        raise LoadError(f"the database took {len(other)} values otherwise than sent, first: {other[0]}")
