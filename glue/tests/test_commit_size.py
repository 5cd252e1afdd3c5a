"""The size of commits depends on the size of the index and on the server's memory."""

import pytest

from store_events import contract
from store_events.load import commit_size
from store_events.load.commit_size import CommitSize
from store_events.mysql import database, tables
from testsupport import tools
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

TABLE = "sales_txns_tbl"
USUAL = CommitSize(500, 64 << 20, 64 << 20)
LARGE, LARGEST = CommitSize(4_000, 512 << 20, 32 << 20), CommitSize(8_000, 1 << 30, 32 << 20)


@pytest.fixture
def pool(stack: Stack) -> int:
    [(size,)] = stack.database.rows("select @@innodb_buffer_pool_size")
    return int(str(size))


def event(key: int) -> bytes:
    return b'{"request_id":"%d"}' % key


def _size(stack: Stack, pending: int) -> CommitSize:
    with database.connect(stack.settings.target) as connection:
        tables.ensure(connection, TABLE, contract.load())
        return commit_size.for_run(connection, TABLE, 500, pending)


def test_size_depends_on_the_pending_bytes(stack: Stack, pool: int) -> None:
    """An event has about five times as many bytes as its index entry. The index may use half of the buffer pool."""
    assert _size(stack, 0) == _size(stack, int(pool * 2.4)) == USUAL
    assert _size(stack, int(pool * 2.6)) == LARGE
    assert _size(stack, int(pool * 3.75)) == CommitSize(6_000, 768 << 20, 32 << 20)
    assert _size(stack, pool * 5) == _size(stack, pool * 500) == LARGEST


def test_size_depends_on_the_index(stack: Stack, pool: int) -> None:
    """Even if it has just grown, although MySQL caches sizes for a day."""
    pending = int((pool * 0.5 - 500_000) / 0.2)
    assert _size(stack, pending) == USUAL
    with a_plan(stack, commit_rows=10**6) as plan:
        attempt(plan, batch("s3://b/sale_events/dt=2024-05-01/a", *(event(i) for i in range(20_000))))
    # The server updates the statistics some seconds after the table has changed.
    tools.wait(lambda: _size(stack, pending) == LARGE, "the index's new size")


def test_run_uses_the_commit_size(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [event(i) for i in range(40)]
    stack.put("sale_events/dt=2024-05-01/a.json", lines)
    monkeypatch.setattr(commit_size, "_INDEX_SHARE", 1e9)
    stack.run(commit_rows=5)
    assert stack.database.rows("select rows_new from etl_batches") == [(40,)]
    assert len(stack.table()) == len(stack.parquet()) == 40
