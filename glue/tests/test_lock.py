"""The lock of a run: it has one holder, and a holder that has vanished loses it."""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import numpy as np
import pymysql
import pytest

from store_events.load import batch as batching
from store_events.load import duplicates
from store_events.mysql import database, lock
from store_events.mysql.database import LockedError
from store_events.mysql.lock import LockError
from store_events.rows.row_buffer import RowBuffer
from store_events.rows.sorted_rows import NONE, SortedRows
from store_events.settings import Target
from store_events.source.read_events import Item
from testsupport import dbserver
from testsupport.loads import a_plan, attempt, attempt_all, batch
from testsupport.stack import Stack


def test_second_holder_gets_an_error_that_names_the_first(stack: Stack) -> None:
    target = stack.settings.target
    with lock.held(target, 0) as first:
        by = f"database connection {first.owner} of {dbserver.USER} from .*, Sleep for [0-9]+ s, waited 0 s"
        with pytest.raises(LockError, match=by), lock.held(target, 0):
            pass
        with pytest.raises(LockError), lock.held(Target(target.secret_arn, "other_table", target.ca), 0):
            pass
    with lock.held(target, 5):
        pass


def test_run_of_a_former_release_is_waited_for(stack: Stack) -> None:
    """Its lock is named after the table."""
    target = stack.settings.target
    with database.connect(target) as former:
        [(schema,)] = database.rows(former, "select database()")
        name = "store-events-" + hashlib.sha256(f"{schema}.{target.table}".encode()).hexdigest()[:32]
        assert database.rows(former, "select get_lock(%s, 0)", name) == [(1,)]
        by = f"database connection {former.thread_id()} of {dbserver.USER}"
        with pytest.raises(LockError, match=by), lock.held(target, 0):
            pass
    with lock.held(target, 5):
        pass


def test_holder_that_has_vanished_loses_the_lock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection stays open but is silent, as after a network failure."""
    monkeypatch.setattr(lock, "_LEASE_S", 1)
    target = stack.settings.target
    with (
        lock.held(target, 0) as vanished,
        lock.held(target, 60),
        database.connect(target) as connection,
        pytest.raises(LockError, match="was lost"),
    ):
        vanished.check(connection)


def test_holder_with_the_connection_id_of_a_later_one_has_lost_the_lock(stack: Stack) -> None:
    """Connection ids begin again at 1 when the server restarts."""
    target = stack.settings.target
    with lock.held(target, 0) as former:
        pass
    with lock.held(target, 0) as later, database.connect(target) as connection:
        later.check(connection)
        with pytest.raises(LockError, match="was lost"):
            replace(former, owner=later.owner).check(connection)


def test_holder_with_a_heartbeat_keeps_the_lock(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_LEASE_S", 3)
    monkeypatch.setattr(lock, "_HEARTBEAT_S", 0.2)
    with lock.held(stack.settings.target, 0) as held, database.connect(stack.settings.target) as connection:
        time.sleep(6)
        held.check(connection)


def test_transaction_of_a_worker_that_has_vanished(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server rolls it back and releases its locks. Between transactions, a worker may read for long."""
    monkeypatch.setattr(database, "_IDLE_S", 3)
    stack.database.rows("drop table if exists locked")
    stack.database.rows("create table locked (n int primary key)")
    insert = "insert into locked values (1)"
    with database.connect(stack.settings.target) as vanished, database.connect(stack.settings.target) as other:
        database.transaction(vanished, lambda: database.execute(vanished, "insert into locked values (2)"))
        database.commit(vanished)
        time.sleep(4.5)
        database.transaction(vanished, lambda: database.execute(vanished, insert))
        database.transaction(other, lambda: database.execute(other, insert))
        database.commit(other)
        with pytest.raises(pymysql.OperationalError):
            database.commit(vanished)
    assert stack.database.rows("select n from locked order by n") == [(1,), (2,)]


EVENT = b'{"request_id":"1"}'


def grant_process(stack: Stack) -> None:
    stack.database.rows(f"grant process on *.* to '{dbserver.USER}'@'%'")


@pytest.fixture
def others(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[pymysql.Connection]:
    """Yield another user's session. The job's user may see its state."""
    monkeypatch.setattr(database, "_SESSION", database._SESSION.replace("timeout=20", "timeout=2"))
    monkeypatch.setattr(database, "TABLE_WAIT_S", 2)
    stack.put("sale_events/dt=2024-05-01/a.json", [EVENT])
    stack.run()
    grant_process(stack)
    with stack.database.root() as connection:
        connection.select_db(dbserver.DATABASE)
        yield connection
    stack.database.rows(f"revoke process on *.* from '{dbserver.USER}'@'%'")


def test_row_locked_by_another_session(
    stack: Stack, others: pymysql.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    others.begin()
    database.execute(others, "update sales_txns_tbl set qty = 1")
    named = f"load data local .* connection {others.thread_id()} of root from localhost, Sleep for [0-9]+ s"
    with a_plan(stack, run_number=9) as plan, pytest.raises(LockedError, match=named):
        attempt(plan, batch("s3://b/sale_events/b", EVENT))
    others.rollback()
    assert stack.table() == [("1",)]


def test_table_locked_by_another_session(stack: Stack, others: pymysql.Connection) -> None:
    """An open transaction that has read the table blocks adding a column."""
    others.begin()
    database.rows(others, "select * from sales_txns_tbl")
    named = f"alter table .* connection {others.thread_id()} of root from localhost, Sleep for [0-9]+ s"
    with pytest.raises(LockedError, match=named):
        stack.run(extra_columns="x_channel=string(32)")
    others.rollback()
    stack.run(extra_columns="x_channel=string(32)")


@pytest.mark.parametrize("table", ["sales_txns_tbl", "etl_objects"])
def test_table_locked_by_a_session_without_a_transaction(
    stack: Stack, others: pymysql.Connection, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """The tasks wait for it and not for each other, although their waits overlap."""
    monkeypatch.setattr(database, "_PAUSE_S", 0)
    monkeypatch.setattr(database, "_WAITING_ATTEMPTS", 3)
    monkeypatch.setattr(duplicates, "_SAMPLE", 1)  # As in a large batch, for which a sample of rows is looked up first.
    named = f"connection {others.thread_id()} of root from localhost, Sleep for [0-9]+ s"
    with a_plan(stack, run_number=9) as plan, ThreadPoolExecutor() as pool:
        database.execute(others, f"lock tables {table} read")
        tasks = []
        for number in (9, 10):  # With different batch numbers, like tasks of one run.
            one = replace(plan, run_number=number)
            tasks.append(pool.submit(attempt, one, batch("s3://b/sale_events/b", b'{"request_id":"%d"}' % number)))
            time.sleep(1)
        for task in tasks:
            with pytest.raises(LockedError, match=named):
                task.result()
        database.execute(others, "unlock tables")
    assert stack.table("batch_id") == [(100_000_000,)]


def test_task_has_no_open_transaction_while_it_reads(stack: Stack, others: pymysql.Connection) -> None:
    """Otherwise a task that waits for a locked table would block it: it is retried, and reads the table again."""
    open_ = list[tuple[object, ...]]()
    *begun, end = batch("s3://b/sale_events/b", EVENT, listed=False, reread=True)

    def items() -> Iterator[Item]:
        yield from begun
        open_.extend(database.rows(others, "select trx_mysql_thread_id from information_schema.innodb_trx"))
        yield end

    with a_plan(stack, run_number=9) as plan:
        attempt_all(plan, items())
    assert open_ == []


def test_holder_that_the_user_may_not_see(stack: Stack, others: pymysql.Connection) -> None:
    stack.database.rows(f"revoke process on *.* from '{dbserver.USER}'@'%'")
    others.begin()
    database.execute(others, "update sales_txns_tbl set qty = 1")
    with a_plan(stack, run_number=9) as plan, pytest.raises(LockedError, match=f"of {dbserver.USER}|may not see"):
        attempt(plan, batch("s3://b/sale_events/b", EVENT))


def test_task_of_the_same_run_is_waited_for(stack: Stack, others: pymysql.Connection) -> None:
    """It commits after more time than one wait takes."""

    class Slow(SortedRows):
        def blocks(self, without: np.ndarray) -> Iterator[bytes]:
            yield from super().blocks(without)
            time.sleep(5)

    stack.database.rows("delete from sales_txns_tbl")
    with a_plan(stack, run_number=9) as plan, database.connect(plan.target) as first, ThreadPoolExecutor() as pool:
        gathered = RowBuffer(plan.contract)
        gathered.add_row(b'"1",' + b"NULL," * 13 + b"2024-05-01\n", 0)
        rows = Slow(gathered, BytesIO())
        task = pool.submit(batching._load_data, first, plan, 8, rows, NONE)
        time.sleep(0.5)
        other = pool.submit(attempt, plan, batch("s3://b/sale_events/b", EVENT))
        task.result()
        first.commit()
        assert other.result() == {900_000_000: 1}
    assert stack.table("batch_id") == [(8,)]
