"""Loads one batch: collects its rows, sorts them by the hash of their key, and inserts rows and ledger entries."""

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
_WARNINGS = 100  # Warnings whose text is read.
_PENDING_BYTES = 32 << 20  # Bytes of invalid lines that a batch keeps in memory.


class LoadError(Exception):
    """The database changed or rejected a value."""


@dataclass(frozen=True)
class Plan:
    """The parameters of a worker. It is serialized with the function, so it has no secrets.

    A batch is committed after `commit_rows` lines or `commit_bytes` of rows, of which a worker keeps `memory` bytes in
    memory. `kept` is the number of bytes kept of an event that is too long. With `only_listed`, only listed versions
    are read.
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
    only_listed: bool = False

    @property
    def store(self) -> quarantine.Store:
        return quarantine.Store(self.bucket, self.contract.prefixes["quarantine"], self.run_id, self.region)

    @property
    def destination(self) -> parquet.Destination:
        return parquet.Destination(self.contract, self.target, self.bucket, self.region, self.lock)


def load(connection: Connection, plan: Plan, batch_id: int, builder: RowBuilder) -> BatchCounts:
    """Load one batch, commit it and write its Parquet. An exception before the commit rolls it back.

    A batch without lines and without an object's end is not recorded.
    """
    counts = BatchCounts()
    with ExitStack() as files:
        rows = _rows(builder, counts, plan, files)
        if not counts.ranges:
            return counts
        if builder.ended:
            builder.check_finished()
        database.transaction(connection, lambda: _insert(connection, plan, batch_id, rows, counts))
        # Store quarantine entries while the ledger rows are locked, so that a concurrent attempt does not.
        plan.lock.check(connection)
        builder.store_quarantine(lambda: plan.lock.check(connection))
        plan.lock.check(connection)
        database.commit(connection)
        # Remove stale quarantine entries last: if the database is restored to a point before the commit, the Parquet
        # shows it.
        parquet.write_sent(connection, plan.destination, batch_id, rows, counts)
        builder.committed()
    return counts


def _rows(builder: RowBuilder, counts: BatchCounts, plan: Plan, files: ExitStack) -> Rows:
    """Return the sorted rows of a batch. Rows that exceed the memory are stored in files and merged."""
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
    """Insert rows and ledger entries into the open transaction, and check their counts. It can be repeated."""
    _wait_for_tables(connection, plan)
    first = insert_rows(connection, plan, batch_id, rows, counts)
    counts.check()
    collisions.record(connection, plan.contract, batch_id, rows, first)
    ledger.record(connection, plan.contract, plan.run_id, batch_id, counts)


def _wait_for_tables(connection: Connection, plan: Plan) -> None:
    """Wait until no session blocks writes to the tables, for example with LOCK TABLES.

    Wait before this transaction reads anything, or tasks that wait would report each other as the cause.
    """
    contract = plan.contract
    names = (plan.target.table, contract.batches_table, contract.objects_table, contract.collisions_table)
    database.rows(connection, f"select 1 from {', '.join(map(quoted, names))} where false for update")


def insert_rows(connection: Connection, plan: Plan, batch_id: int, rows: Rows, counts: BatchCounts) -> list[int]:
    """Insert the rows whose events the table lacks, and count them. Return `duplicates.superseded`."""
    table = quoted(plan.target.table)
    known = duplicates.known(connection, plan.contract, table, rows)
    counts.rows_new = _load_data(connection, plan, batch_id, rows, known)
    counts.duplicates = duplicates.positions(connection, table, batch_id, len(rows), counts.rows_new)
    counts.rows_duplicate = len(counts.duplicates)
    keys = duplicates.with_keys(rows, counts.duplicates)
    return duplicates.superseded(connection, plan.contract, table, batch_id, keys)


def _load_data(connection: Connection, plan: Plan, batch_id: int, rows: Rows, known: np.ndarray) -> int:
    """Insert rows, except those at `known` positions and those that the table rejects. Return the number inserted."""
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
    # Rejected rows and changed values are warnings. The server counts all, but keeps the text of only some.
    [(warnings,)] = database.rows(connection, "show count(*) warnings")
    details = database.rows(connection, f"show warnings limit {_WARNINGS}") if warnings else []
    other = [f"{text} ({code})" for _, code, text in details if code != _DUPLICATE_KEY]
    if other or warnings != sent - new:
        counts = f"{sent - new} of {sent} rows rejected, {warnings} warnings"
        raise LoadError(f"the database changed or rejected values: {counts}, first: {other[:1]}")
    return new
