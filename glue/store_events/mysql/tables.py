"""Creates the target tables from the contract, and updates them."""

import pymysql

from store_events.contract import Contract
from store_events.mysql import columns, database, ledger
from store_events.mysql.columns import Change, ColumnError
from store_events.sql import quoted

_OPTIONS = "engine=InnoDB row_format=dynamic default character set utf8mb4 collate utf8mb4_bin"
_KEY = "character set ascii collate ascii_bin not null"
# Text, because MySQL's JSON type changes values (long numbers, the order of members) and rejects some valid JSON
# (1e400) even with IGNORE. A check constraint would cost time, and json_valid rejects the same values. The job only
# writes valid JSON. https://dev.mysql.com/doc/refman/8.4/en/json.html
_EXTRA = "extra longtext character set utf8mb4 collate utf8mb4_bin null"
EVENT_INDEX = "event"
POSITION_NAME = "batch_position"
POSITION = f"{POSITION_NAME} int unsigned not null"
_BY_BATCH = f"primary key (batch_id, {POSITION_NAME})"


def ensure(
    connection: pymysql.Connection, table: str, contract: Contract, migrate: bool = False
) -> dict[str, list[Change]]:
    """Create missing tables, and update existing ones: add columns of new fields, and convert `extra` from JSON to
    text. Return, by table, the columns whose type the caller has to change: those of fields with a wider type, and with
    `migrate` also those whose values can be converted. Raise ColumnError, before any change, if a type cannot be
    changed or a value does not fit.
    """
    copy = [contract.migration_table] if _exists(connection, contract.migration_table) else []
    event_tables = (table, contract.collisions_table, *copy)
    changes = {table: columns.to_change(connection, table, contract, migrate)}
    # The others follow the events table: a migration that died may have changed only that.
    changes[contract.collisions_table] = _collision_changes(connection, contract)
    changes |= {one: columns.to_change(connection, one, contract, migrate=True) for one in copy}
    _create(connection, table, _events(contract))
    _create(connection, contract.batches_table, _BATCHES)
    _add_column(connection, contract.batches_table, _PROFILE)
    _create(connection, contract.objects_table, _OBJECTS)
    _create(connection, contract.runs_table, _RUNS)
    for column in (_FAILED, _LISTING, _BUCKET, _TABLE):
        _add_column(connection, contract.runs_table, column)
    for key in _RUNS_KEYS:
        _add_key(connection, contract.runs_table, key)
    _create(connection, contract.collisions_table, _collisions(contract))
    for one in event_tables:
        _add_columns(connection, one, contract)
    _extra_as_text(connection, table, contract)
    return changes


def _events(contract: Contract) -> list[str]:
    """Return the definition of the events table. Rows are clustered by batch, so that a load appends. The unique index
    is on a short hash of the key, because an index in random order should be small.
    """
    return [*_columns(contract), _BY_BATCH, event_index(contract)]


def event_index(contract: Contract) -> str:
    """Return the index that rejects a second row of an event."""
    return f"unique key {EVENT_INDEX} ({quoted(contract.key_hash)})"


def create_without_index(connection: pymysql.Connection, table: str, contract: Contract, comment: str) -> None:
    """Create an events table without its index. Adding the index after the rows takes less time."""
    _create(connection, table, [*_columns(contract), _BY_BATCH], f"comment='{comment}'")


def _columns(contract: Contract) -> list[str]:
    return [
        f"{quoted(contract.key)} {contract.fields[0].mysql_type} {_KEY}",
        *(f"{quoted(f.name)} {f.mysql_type} null" for f in contract.fields if f.name != contract.key),
        _EXTRA,
        f"{quoted(contract.partition_key)} date not null",
        "batch_id bigint not null",
        POSITION,
        hash_column(contract),
    ]


def hash_column(contract: Contract) -> str:
    """Return the column with the hash of the key, which sorted_rows.key_hash computes too.

    It is generated, so that it is always correct, and invisible to `select *`, because it is binary. It is never null,
    but MariaDB does not support that declaration for generated columns.
    """
    value = f"unhex(left(sha2({quoted(contract.key)}, 256), 32))"
    return f"{quoted(contract.key_hash)} binary(16) generated always as ({value}) stored invisible"


def _collisions(contract: Contract) -> list[str]:
    """Return the definition of the collisions table: the events table with another primary key."""
    return [*_columns(contract), f"primary key ({quoted(contract.key)}, batch_id)"]


def _collision_changes(connection: pymysql.Connection, contract: Contract) -> list[Change]:
    """Return the columns to change of the collisions table. If it is empty and cannot be changed, because its types are
    those of another events table, drop it, so that it is created again.
    """
    name = contract.collisions_table
    try:
        return columns.to_change(connection, name, contract, migrate=True)
    except ColumnError:
        if database.rows(connection, f"select 1 from {quoted(name)} limit 1"):
            raise
    database.execute(connection, f"drop table {quoted(name)}")
    return []


_PROFILE = "profile longtext character set utf8mb4 collate utf8mb4_bin null"
_BATCHES = [
    "batch_id bigint not null primary key",
    f"run_id varchar(128) {_KEY}",
    "rows_read bigint not null",
    "rows_new bigint not null",
    "rows_duplicate bigint not null",
    "rows_quarantined bigint not null",
    "committed_at datetime(3) not null",
    "parquet_at datetime(3) null",
    _PROFILE,
    "key pending (parquet_at)",
    "key run (run_id)",
]
_OBJECTS = [
    "object_id binary(16) not null",
    "source_object varchar(1100) not null",
    f"version varchar(128) {_KEY}",
    "version_id varchar(1024) character set ascii collate ascii_bin null",
    "first_line bigint not null",
    "last_line bigint not null",
    "rows_read bigint not null",
    "rows_quarantined bigint not null",
    "complete tinyint(1) not null",
    "batch_id bigint not null",
    "primary key (object_id, version, first_line)",
    "key batch (batch_id)",
]
# A run's counts are those of its committed batches. The outcome is succeeded, failed or died, and null during the run.
# ended_at of a run that died is null.
_FAILED = "expectations_failed int null"
# One of the contract's listings. Null during the run, and for runs of earlier releases, which listed all objects.
_LISTING = "listing varchar(16) character set ascii collate ascii_bin null"
# The source bucket and the target table, null for runs of earlier releases. A ledger belongs to one bucket and table.
_BUCKET = "bucket varchar(255) character set ascii collate ascii_bin null"
_TABLE = "target_table varchar(64) null"
_RUNS_KEYS = ("key outcome (outcome)", "key started (started_at)")
_RUNS = [
    "run_number bigint not null primary key",
    f"ledger_id char(32) {_KEY}",
    f"run_id varchar(128) {_KEY}",
    "started_at datetime(3) not null",
    "ended_at datetime(3) null",
    "outcome varchar(16) character set ascii collate ascii_bin null",
    "rows_read bigint not null default 0",
    "rows_new bigint not null default 0",
    "rows_duplicate bigint not null default 0",
    "rows_quarantined bigint not null default 0",
    _FAILED,
    _LISTING,
    _BUCKET,
    _TABLE,
    *_RUNS_KEYS,
]


def _exists(connection: pymysql.Connection, table: str) -> bool:
    query = "select 1 from information_schema.tables where table_schema=database() and table_name=%s"
    return bool(database.rows(connection, query, table))


def _create(connection: pymysql.Connection, table: str, lines: list[str], more: str = "") -> None:
    if not _exists(connection, table):
        options = f"{_OPTIONS} {more}"
        database.execute(connection, f"create table if not exists {quoted(table)} ({', '.join(lines)}) {options}")


def column_names(connection: pymysql.Connection, table: str) -> list[str]:
    """Return a table's columns in order, without generated ones, or none if the table does not exist."""
    query = (
        "select column_name from information_schema.columns where table_schema=database() and table_name=%s"
        " and coalesce(generation_expression, '') = '' order by ordinal_position"
    )
    return [str(name) for (name,) in database.rows(connection, query, table)]


def has_column(connection: pymysql.Connection, table: str, name: str) -> bool:
    return name in column_names(connection, table)


def _add_columns(connection: pymysql.Connection, table: str, contract: Contract) -> None:
    known = column_names(connection, table)
    for field in contract.fields:
        if field.name not in known:
            column = f"{quoted(field.name)} {field.mysql_type} null"
            database.execute(connection, f"alter table {quoted(table)} add column {column}")


def _add_column(connection: pymysql.Connection, table: str, column: str) -> None:
    """Add a column that tables of earlier releases lack."""
    if not has_column(connection, table, column.split()[0]):
        database.execute(connection, f"alter table {quoted(table)} add column {column}")


def _add_key(connection: pymysql.Connection, table: str, key: str) -> None:
    """Add an index that tables of earlier releases lack."""
    query = (
        "select 1 from information_schema.statistics where table_schema=database() and table_name=%s and index_name=%s"
        " limit 1"
    )
    if not database.rows(connection, query, table, key.split()[1]):
        database.execute(connection, f"alter table {quoted(table)} add {key}")


def _extra_as_text(connection: pymysql.Connection, table: str, contract: Contract) -> None:
    """Convert `extra` from JSON to text, and mark Parquet of rows that the JSON type may have changed as missing."""
    query = (
        "select data_type from information_schema.columns"
        " where table_schema=database() and table_name=%s and column_name='extra'"
    )
    if database.rows(connection, query, table) != [("json",)]:
        return
    changed = f"select distinct batch_id from {quoted(table)} where extra is not null"
    # Mark first, so that the next run completes both steps if this one dies.
    ledger.mark_parquet_missing(connection, contract, [one for (one,) in database.rows(connection, changed)])
    database.execute(connection, f"alter table {quoted(table)} modify column {_EXTRA}")
