"""One batch: its lines are gathered, sorted by the hash of their key, and loaded and recorded in one transaction."""

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from store_events import csv_codec
from store_events.contract import Contract
from store_events.export import parquet, quarantine
from store_events.load import collisions, duplicates
from store_events.load.row_builder import RowBuilder
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.mysql.ledger import BatchCounts
from store_events.mysql.lock import Lock
from store_events.rows.merged_rows import Chunks
from store_events.rows.row_buffer import RowBuffer
from store_events.rows.sorted_rows import Rows
from store_events.settings import Target
from store_events.source import framing
from store_events.sql import quoted

_DUPLICATE_KEY = 1062
_WARNINGS = 100  # Looked at for their text.
_PENDING_BYTES = 32 << 20  # Of lines that are not events, which are held in memory while a batch is gathered.


class LoadError(Exception):
    """The database refuses a row, or is not configured for the load."""


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know. It is serialized with the function, so nothing in it is secret.

    A batch is committed after `commit_rows` lines or `commit_bytes` of rows, of which a worker holds `memory` bytes. Of
    an event that is too long, `kept` bytes are kept.
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
    commit_bytes: int = 64 << 20
    memory: int = 64 << 20
    kept: int = framing.KEPT

    @property
    def store(self) -> quarantine.Store:
        return quarantine.Store(self.bucket, self.contract.prefixes["quarantine"], self.run_id, self.region)

    @property
    def destination(self) -> parquet.Destination:
        return parquet.Destination(self.contract, self.target, self.bucket, self.region)


def load(connection: Connection, plan: Plan, batch_id: int, builder: RowBuilder) -> BatchCounts:
    """Load one batch, commit it and write its Parquet. An exception before the commit leaves nothing of it behind.

    A batch without lines and without the end of an object is not recorded.
    """
    counts = BatchCounts()
    with ExitStack() as files:
        rows = _rows(builder, counts, plan, files)
        if not counts.ranges:
            return counts
        if builder.ended:
            builder.check_finished()
        database.transaction(connection, lambda: _insert(connection, plan, batch_id, rows, counts))
        # Store quarantine only now: the ledger rows are locked, so of two attempts only the one that commits gets here.
        plan.lock.check(connection)
        builder.store_quarantine(lambda: plan.lock.check(connection))
        plan.lock.check(connection)
        database.commit(connection)
        builder.committed()
        parquet.write_sent(connection, plan.destination, batch_id, rows, counts)
    return counts


def _rows(builder: RowBuilder, counts: BatchCounts, plan: Plan, files: ExitStack) -> Rows:
    """Return the rows of a batch, sorted. Those that the memory does not hold together are merged from files."""
    gathered, chunks = RowBuffer(plan.contract), Chunks(plan.contract, files)
    while not _complete(counts, builder, plan, chunks.size + gathered.size):
        if gathered.size >= plan.memory and chunks.size + gathered.size < plan.commit_bytes:
            chunks.add(gathered)
        builder.add(gathered, counts, max(plan.commit_rows - counts.rows_read, 1))
    return chunks.sorted(gathered)


def _complete(counts: BatchCounts, builder: RowBuilder, plan: Plan, size: int) -> bool:
    if builder.ended or builder.pending > _PENDING_BYTES:
        return True
    return (counts.rows_read >= plan.commit_rows or size >= plan.commit_bytes) and not builder.at_end


def _insert(connection: Connection, plan: Plan, batch_id: int, rows: Rows, counts: BatchCounts) -> None:
    """Put rows and ledger entries into the open transaction, and check that they balance. It can be repeated."""
    _wait_for_tables(connection, plan)
    first = insert_rows(connection, plan, batch_id, rows, counts)
    counts.check()
    collisions.record(connection, plan.contract, batch_id, rows, first)
    ledger.record(connection, plan.contract, plan.run_id, batch_id, counts)


def _wait_for_tables(connection: Connection, plan: Plan) -> None:
    """Wait until no session keeps the tables from being written, as LOCK TABLES does without a transaction.

    Wait here, where this session has read nothing: tasks that wait with a transaction open would take each other for
    the cause.
    """
    contract = plan.contract
    ours = (plan.target.table, contract.batches_table, contract.objects_table, contract.collisions_table)
    database.rows(connection, f"select 1 from {', '.join(map(quoted, ours))} where false for update")


def insert_rows(connection: Connection, plan: Plan, batch_id: int, rows: Rows, counts: BatchCounts) -> list[int]:
    """Insert the rows whose events the table does not have, and count them; see `duplicates.superseded`."""
    table = quoted(plan.target.table)
    known = duplicates.known(connection, plan.contract, table, rows)
    counts.rows_new = _load_data(connection, plan, batch_id, rows, known)
    counts.duplicates = duplicates.positions(connection, table, batch_id, len(rows), counts.rows_new)
    counts.rows_duplicate = len(counts.duplicates)
    keys = duplicates.with_keys(rows, counts.duplicates)
    return duplicates.superseded(connection, plan.contract, table, batch_id, keys)


def _load_data(connection: Connection, plan: Plan, batch_id: int, rows: Rows, known: np.ndarray) -> int:
    """Insert rows, except those at `known` positions and those that the table refuses; return how many."""
    sent = len(rows) - len(known)
    if not sent:
        return 0
    columns = ", ".join(quoted(f.name) for f in csv_codec.sent_columns(plan.contract))
    connection.infile = rows.blocks(known)
    new = database.execute(
        connection,
        f"load data local infile 'rows' ignore into table {quoted(plan.target.table)} {csv_codec.LOAD}"
        f" ({columns}) set batch_id=%s",
        batch_id,
    )
    # A refused row is a warning, and so is a value that was changed to fit. All are counted, but few are kept.
    [(warnings,)] = database.rows(connection, "show count(*) warnings")
    named = database.rows(connection, f"show warnings limit {_WARNINGS}") if warnings else []
    other = [f"{text} ({code})" for _, code, text in named if code != _DUPLICATE_KEY]
    if other or warnings != sent - new:
        refused = f"{sent - new} of {sent} rows were refused, with {warnings} warnings"
        raise LoadError(f"the database did not take all values as sent: {refused}, first: {other[:1]}")
    return new
