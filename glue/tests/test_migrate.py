"""Migration of a table of an earlier release, including after crashes and with concurrent readers."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from store_events import contract
from store_events.load import duplicates
from store_events.load.duplicates import HashCollisionError
from store_events.mysql import database, migrate, tables
from store_events.mysql.database import LockedError
from store_events.rows import sorted_rows
from testsupport import dbserver, former_layout
from testsupport.events import event, wider
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

TABLE = "sales_txns_tbl"
IN_PARQUET = "request_id, qty, category, extra"
COLUMNS = "request_id, qty, category, extra, dt, batch_id"
_WRITES = "(alter|create|insert into `etl_mig|rename|drop|update `etl_coll)"


@pytest.fixture
def former(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Return a stack with rows of two runs in tables of the former layout. They are copied a few rows at a time."""
    monkeypatch.setattr(migrate, "CHUNK_ROWS", 3)
    monkeypatch.setattr(migrate, "_PAUSE_S", 0.1)
    for run, keys in enumerate(("abcdefgh", 'BCa!"~')):
        lines = [event(key, qty=run, category=f'{key}, "quoted"', other=["x" * run]) for key in keys]
        stack.put(f"sale_events/dt=2024-05-0{run + 1}/a.json", lines)
        stack.run()
    become_former(stack)
    return stack


def become_former(stack: Stack) -> None:
    for statement in former_layout.statements(TABLE, "etl_collisions"):
        stack.database.rows(statement)


def is_migrated(stack: Stack) -> bool:
    """Report whether the tables have the current layout, except for the order of added columns."""
    [(made,)] = [row[1:] for row in stack.database.rows(f"show create table {TABLE}")]
    left = stack.database.rows("show tables like 'etl\\_%ti%'")
    keys = ("PRIMARY KEY (`batch_id`,`batch_position`)", "UNIQUE KEY `event` (`request_id_hash`)")
    return all(key in str(made) for key in keys) and not left


def test_rows_ledger_and_parquet_are_kept(former: Stack) -> None:
    rows, parquet = former.table(COLUMNS), former.parquet(IN_PARQUET)
    assert len(rows) == 13
    summary = former.run()
    assert (summary["rows_read"], summary["parquet_recovered"]) == (0, 0)
    assert is_migrated(former)
    assert former.table(COLUMNS) == rows
    assert former.parquet(IN_PARQUET) == parquet
    former.put("sale_events/dt=2024-05-03/a.json", [event("a"), event("A"), event("z"), event('"')])
    assert former.run()["rows_new"] == 2
    assert former.parquet("request_id") == former.table("request_id")


def test_migrated_table_is_like_a_new_one(former: Stack) -> None:
    query = (
        "select column_name, column_type, collation_name, is_nullable, generation_expression, ordinal_position"
        " from information_schema.columns where table_schema=database() and table_name='{}' order by 1"
    )
    former.run()
    migrated = [former.database.rows(query.format(t)) for t in (TABLE, "etl_collisions")]
    former.database.rows(f"drop table {TABLE}, etl_collisions")
    with database.connect(former.settings.target) as connection:
        tables.ensure(connection, TABLE, contract.load())
    assert migrated == [former.database.rows(query.format(t)) for t in (TABLE, "etl_collisions")]


def test_columns_with_names_from_the_copy_statement(former: Stack) -> None:
    rows = former.table(COLUMNS)
    former.run(extra_columns="n=int,k=int")
    assert is_migrated(former)
    assert former.table(f"{COLUMNS}, n, k") == [(*row, None, None) for row in rows]


class DeathError(Exception):
    """The death of the driver."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, nth: int, kind: str = _WRITES) -> Iterator[list[str]]:
    """Die after the nth statement of a kind, by default one that writes. Yield the statements of that kind."""
    inner, seen = database.Connection.query, list[str]()

    def query(self: Any, sql: Any, *args: Any) -> Any:
        result = inner(self, sql, *args)
        text = sql if isinstance(sql, str) else bytes(sql).decode()
        if re.match(kind, text):
            seen.append(text)
            if len(seen) == nth:
                raise DeathError
        return result

    with monkeypatch.context() as patch:
        patch.setattr(database.Connection, "query", query)
        yield seen


def test_migration_continues_after_a_death_at_any_statement(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, died = former.table(COLUMNS), list[str]()
    while True:
        with dying(monkeypatch, len(died) + 1) as seen:
            try:
                former.run()
                break
            except DeathError:
                died.append(seen[-1])
        assert former.table(COLUMNS) == rows, died[-1]
        former.run()
        assert is_migrated(former), died[-1]
        assert former.table(COLUMNS) == rows, died[-1]
        become_former(former)
    assert {text.split()[0] for text in died} == {"alter", "create", "insert", "rename", "drop", "update"}
    assert former.parquet("request_id") == former.table("request_id")


def test_migration_that_dies_repeatedly(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run gets a little further than the previous one."""
    rows = former.table(COLUMNS)
    for _ in range(20):
        with dying(monkeypatch, 5) as seen:
            try:
                former.run()
                break
            except DeathError:
                assert former.table(COLUMNS) == rows, seen
    assert is_migrated(former)
    assert former.table(COLUMNS) == rows


def test_copied_chunks_are_not_copied_again(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with dying(monkeypatch, 1000) as seen:
        former.run()
    assert sum(text.startswith("insert") for text in seen) == 6  # Five with rows.
    become_former(former)
    last = next(i for i, text in enumerate(seen, 1) if text.startswith("insert")) + 3
    with dying(monkeypatch, last), pytest.raises(DeathError):
        former.run()
    with dying(monkeypatch, 1000) as seen:
        former.run()
    assert sum(text.startswith("insert") for text in seen) == 3  # The fourth was not committed.


@pytest.mark.parametrize(
    "statement",
    [f"alter table `{TABLE}` modify", "alter table `etl_collisions` modify", "insert into `etl_mig", "rename"],
)
def test_column_change_in_a_run_that_migrates(former: Stack, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """All Parquet gets the new type, at whatever statement the run dies."""
    former.database.rows(f"delete from {TABLE} where qty = 1")
    with dying(monkeypatch, 1, statement), pytest.raises(DeathError):
        former.run(contract=wider(qty="bigint"))
    former.run(contract=wider(qty="bigint"))
    assert is_migrated(former)
    assert former.parquet(IN_PARQUET) == former.table(IN_PARQUET)
    assert {kind for _, kind in former.parquet_rows("typeof(qty)")} == {"BIGINT"}


def test_run_of_an_earlier_release_in_between(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads into a part of the old table that was copied already."""
    with dying(monkeypatch, 8) as seen, pytest.raises(DeathError):
        former.run()
    assert seen[-1].startswith("insert")
    former.database.rows(f"insert into {TABLE} (request_id, dt, batch_id) values ('0', '2024-05-01', 900000000)")
    former.database.rows("insert into etl_batches values (900000000, 'old', 1, 1, 0, 0, now(3), now(3), null)")
    former.run()
    assert is_migrated(former)
    assert len(former.table()) == 14


def add_pending_collision(former: Stack) -> None:
    """Add a collision of a run of an earlier release that died before it applied the winners."""
    former.database.rows("insert into etl_batches values (500000000, 'old', 1, 0, 1, 0, now(3), now(3), null)")
    former.database.rows("insert into etl_batches values (500010000, 'old', 1, 1, 0, 0, now(3), now(3), null)")
    former.database.rows(
        f"insert into {TABLE} (request_id, qty, dt, batch_id) values ('n', 2, '2024-05-01', 500010000)"
    )
    former.database.rows(
        "insert into etl_collisions (request_id, qty, dt, batch_id) values ('n', 1, '2024-05-01', 500000000)"
    )


def test_pending_collisions_of_an_earlier_release_are_applied(former: Stack) -> None:
    add_pending_collision(former)
    former.run()
    assert ("n", 1, 500_000_000) in former.table("request_id, qty, batch_id")
    assert former.parquet("request_id, qty") == former.table("request_id, qty")


def test_rows_that_an_earlier_release_moves_in_between(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run adds no batch, and the table has the same number of rows as the copy."""
    add_pending_collision(former)
    with dying(monkeypatch, 1, "alter table `etl_migration"), pytest.raises(DeathError):
        former.run()
    former.database.rows(f"update {TABLE} set qty = 1, batch_id = 500000000 where request_id = 'n'")
    former.database.rows("update etl_batches set rows_new = 1 - rows_new, parquet_at = null where run_id = 'old'")
    former.database.rows("delete from etl_collisions")
    former.run()
    assert ("n", 1, 500_000_000) in former.table("request_id, qty, batch_id")


def test_readers_always_see_all_rows(former: Stack) -> None:
    counts, errors, done = set[int](), list[Exception](), threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                [(count,)] = former.database.rows(f"select count(*) from {TABLE}")
                counts.add(int(str(count)))
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        former.run()
    finally:
        done.set()
        reader.join()
    assert is_migrated(former)
    assert (counts, errors) == ({13}, [])


def test_error_names_a_reader_that_blocks_the_migration(former: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other readers wait only briefly, and the next run completes the migration."""
    monkeypatch.setattr(migrate, "_WAIT_S", 1)
    monkeypatch.setattr(migrate, "_ATTEMPTS", 2)
    former.database.rows(f"grant process on *.* to '{dbserver.USER}'@'%'")
    with former.database.root() as reader, reader.cursor() as cursor:
        cursor.execute("use store_events")
        cursor.execute("begin")
        cursor.execute(f"select * from {TABLE}")
        start = time.monotonic()
        with pytest.raises(LockedError, match=f"connection {reader.thread_id()} of root"):
            former.run()
        assert time.monotonic() - start < 30
        assert len(former.table()) == 13
        cursor.execute("rollback")
    former.database.rows(f"revoke process on *.* from '{dbserver.USER}'@'%'")
    former.run()
    assert is_migrated(former)


def test_other_event_with_the_same_hash(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is detected in the table and in the same batch, and nothing is committed."""

    def short(key: bytes) -> bytes:
        return key[:1] * 16

    for module in (sorted_rows, duplicates):
        monkeypatch.setattr(module, "key_hash", short)
    with a_plan(stack) as plan:
        stack.database.rows(
            f"alter table {TABLE} drop key event, drop column request_id_hash, add column request_id_hash binary(16)"
            " generated always as (repeat(left(request_id, 1), 16)) stored, add unique key event (request_id_hash)"
        )
        attempt(plan, batch("s3://b/sale_events/a", event("a1")))
        for number, lines in enumerate(([event("a2")], [event("b1"), event("b2")], [event("a1"), event("a3")]), 2):
            with pytest.raises(HashCollisionError, match=r"rejected request_id '(a[23]|b[12])'"):
                attempt(plan, batch(f"s3://b/sale_events/{number}", *lines))
    assert stack.table() == [("a1",)]
    assert stack.database.rows("select count(*) from etl_objects") == [(1,)]
