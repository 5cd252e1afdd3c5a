"""The two layouts of the events table, and how the job of each release loads a commit."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from store_events import contract, csv_codec
from store_events.load import batch, commit_size
from store_events.load.batch import Plan
from store_events.mysql import database
from store_events.mysql.database import Connection
from store_events.mysql.ledger import BatchCounts
from store_events.mysql.lock import Lock
from store_events.mysql.tables import ensure
from store_events.rows.merged_rows import Chunks
from store_events.rows.row_buffer import RowBuffer
from store_events.rows.sorted_rows import Rows
from store_events.settings import Target
from testsupport import former_layout

TABLE = "sales_txns_tbl"
_STATEMENT_ROWS = 60_000  # The former job's limit, because the server kept no more warnings.
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Layout:
    """`create` creates an empty table. `load` sorts and loads a commit's rows, and returns the number of new ones."""

    name: str
    create: Callable[[Connection], None]
    load: Callable[[Connection, list[bytes], int], int]
    by_key: str  # The SQL condition that selects an event.


def _create(connection: Connection) -> None:
    ensure(connection, TABLE, contract.load())


def _create_former(connection: Connection) -> None:
    _create(connection)
    for statement in former_layout.statements(TABLE, contract.load().collisions_table):
        database.execute(connection, statement)


def _load(connection: Connection, rows: list[bytes], batch_id: int) -> int:
    declared = contract.load()
    target = Target("", TABLE, "")
    plan = Plan(declared, target, Lock("", 0, ""), "", "", "", "", 1, len(rows))
    with ExitStack() as files:
        counts = BatchCounts()
        batch.insert_rows(connection, plan, batch_id, _sorted(rows, files), counts)
    connection.commit()
    return counts.rows_new


def _sorted(rows: list[bytes], files: ExitStack) -> Rows:
    """Sort rows as the job does: in chunks if they exceed its memory limit."""
    declared = contract.load()
    gathered, chunks = RowBuffer(declared), Chunks(declared, files)
    for number, row in enumerate(rows):
        if gathered.size >= commit_size.MEMORY:
            chunks.add(gathered)
        gathered.add_row(row, number)
    return chunks.sorted(gathered)


def _load_former(connection: Connection, rows: list[bytes], batch_id: int) -> int:
    rows.sort(key=lambda row: row[: row.index(b'"', 1)])
    columns = ", ".join(f.name for f in csv_codec.columns(contract.load()))
    statement = f"load data local infile 'rows' ignore into table {TABLE} {csv_codec.LOAD} ({columns}) set batch_id=%s"
    new = 0
    for start in range(0, len(rows), _STATEMENT_ROWS):
        connection.infile = _blocks(b"".join(rows[start : start + _STATEMENT_ROWS]))
        new += database.execute(connection, statement, batch_id)
        database.rows(connection, "show warnings")
    connection.commit()
    return new


def _blocks(body: bytes) -> Iterator[bytes]:
    return (body[i : i + _BLOCK] for i in range(0, len(body), _BLOCK))


FORMER = Layout("by key", _create_former, _load_former, "request_id = '{}'")
PRESENT = Layout("by batch and position", _create, _load, "request_id_hash = unhex(left(sha2('{}', 256), 32))")
LAYOUTS = (PRESENT, FORMER)
