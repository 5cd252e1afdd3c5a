"""Objects that are overwritten, half loaded, read again on request, or deleted."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from store_events import job
from store_events.load import partition
from store_events.mysql import ledger
from store_events.mysql.ledger import BalanceError
from store_events.source import objects, parts
from store_events.source.read_events import GONE, End, Item, Lines, Unread
from testsupport.events import event, wider
from testsupport.loads import a_plan, attempt, batch, nothing_committed
from testsupport.stack import Stack

KEY = "sale_events/dt=2024-05-01/a.json"


def entries(stack: Stack) -> list[tuple[object, ...]]:
    return stack.database.rows("select rows_read, rows_quarantined, complete from etl_objects order by batch_id")


def test_object_overwritten_under_its_key(stack: Stack) -> None:
    stack.put(KEY, [event("a", qty=1), b"bad"])
    stack.run()
    stack.put(KEY, [event("a", qty=2), event("b"), b"worse"])
    summary = stack.run()
    assert (summary["rows_new"], summary["rows_duplicate"], summary["rows_quarantined"]) == (1, 1, 1)
    assert stack.table("request_id, qty") == stack.parquet("request_id, qty") == [("a", 1), ("b", None)]
    assert sorted(entry["line"] for entry in stack.quarantine()) == ["bad", "worse"]
    assert entries(stack) == [(2, 1, 1), (3, 1, 1)]


def test_same_bytes_put_again_are_not_read_again(stack: Stack) -> None:
    for _ in range(2):
        stack.put(KEY, [event("a")])
        stack.run()
    assert entries(stack) == [(1, 0, 1)]


def test_ledger_lost(stack: Stack) -> None:
    stack.put(KEY, [event("a"), b"bad"])
    stack.run()
    stack.database.rows("drop table etl_objects, etl_batches")
    summary = stack.run()
    assert (summary["rows_new"], summary["rows_duplicate"], summary["rows_quarantined"]) == (0, 1, 1)
    assert stack.table() == stack.parquet() == [("a",)]
    assert len(stack.quarantine()) == 1


def test_ledger_lost_after_a_run_that_died(stack: Stack) -> None:
    """Its rows are in the table but not in the Parquet."""
    stack.put(KEY, [event("a")])
    stack.run()
    stack.database.rows("update etl_batches set parquet_at = null")
    for key in stack.keys("curated/"):
        stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    stack.put(KEY, [event("b")])
    stack.database.rows("drop table etl_objects, etl_batches")
    assert stack.run()["rows_new"] == 1
    assert stack.table() == stack.parquet() == [("a",), ("b",)]


def test_run_numbers_continue_after_the_ledger_was_lost(stack: Stack) -> None:
    stack.put(KEY, [event("a")])
    stack.run()
    stack.database.rows("update sales_txns_tbl set batch_id = batch_id + 1000000000000")  # As if a clock was ahead.
    stack.database.rows("drop table etl_objects, etl_batches")
    stack.put(KEY, [event("b")])
    stack.run()
    [(first,), (second,)] = stack.table("batch_id")
    assert second > first


def test_half_loaded_object_is_completed(stack: Stack) -> None:
    lines = [event("a"), b"bad", event("b"), b"worse", event("c")]
    name = f"s3://{stack.bucket}/{KEY}"
    begin, *_ = batch(name)
    with a_plan(stack, commit_rows=1) as plan:
        with pytest.raises(BalanceError, match="ends within"):
            attempt(plan, [begin, Lines([1, 2, 3], lines[:3])])
        assert [entry["line_number"] for entry in stack.quarantine()] == [2]
        attempt(replace(plan, run_number=2, commit_rows=10), batch(name, *lines, done=((1, 2),)))
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert [entry["line_number"] for entry in stack.quarantine()] == [2, 4]
    assert stack.database.rows("select first_line, last_line, complete from etl_objects order by 1") == [
        (1, 1, 0),
        (2, 2, 0),
        (3, 5, 1),
    ]


BEGIN, *_ = batch("s3://b/a")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([Lines([1], [event("a")])], "arrived outside of an object"),
        ([End(1)], "arrived outside of an object"),
        ([BEGIN, Lines([2], [event("a")]), Lines([1], [event("b")])], "line 1 arrived after line 2"),
        ([BEGIN, Lines([1], [event("a")]), End(2)], "2 lines were read, but 1 arrived"),
        ([BEGIN, Lines([1], [event("a")])], "ends within"),
    ],
)
def test_missing_lines_are_an_error(stack: Stack, items: list[Item], message: str) -> None:
    with a_plan(stack) as plan, pytest.raises(BalanceError, match=message):
        attempt(plan, items)
    assert nothing_committed(stack)


def test_first_line_of_a_key_wins(stack: Stack) -> None:
    """Even if an unusual line, which is validated separately, comes before plain ones."""
    odd = b'{"request_id":"a","qty":"1","x":1}'
    with a_plan(stack) as plan:
        attempt(plan, batch(KEY, *(event(str(i)) for i in range(50)), odd, *(event("a", qty=i) for i in range(2, 50))))
    assert stack.table("request_id, qty")[-1] == ("a", 1)


def test_version_that_changed_after_the_listing(stack: Stack) -> None:
    name = f"s3://{stack.bucket}/{KEY}"
    with a_plan(stack) as plan:
        attempt(plan, batch(name, event("a")))
        attempt(replace(plan, run_number=2), batch(name, event("a"), listed=False))
        attempt(replace(plan, run_number=3), batch(name, event("b"), version="v2", listed=False))
    assert stack.table() == [("a",), ("b",)]
    assert stack.database.rows("select version, complete from etl_objects order by 1") == [("v1", 1), ("v2", 1)]


@pytest.mark.parametrize("deleted", [True, False])
def test_object_that_changes_between_two_attempts(stack: Stack, deleted: bool) -> None:
    """The lines that the first attempt has committed count, although the second one does not read them."""
    name = f"s3://{stack.bucket}/{KEY}"
    begin, *_ = batch(name)
    changed = [Unread(name, "v1", GONE)] if deleted else batch(name, event("d"), version="v2", listed=False)
    with a_plan(stack, commit_rows=2) as plan:
        with pytest.raises(BalanceError, match="ends within"):
            attempt(plan, [begin, Lines([1, 2, 3], [event("a"), event("b"), event("c")])])
        results = pa.Table.from_batches(partition.loaded(plan, [*changed, *batch(f"{name}.2", event("e"))])).to_pylist()
    [(committed,)] = stack.database.rows("select cast(sum(rows_read) as signed) from etl_batches")
    assert committed == 4 - deleted
    assert sum(r["rows_read"] + r["repeated"] for r in results) == committed


def test_former_version_is_back_when_it_is_read(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version that overwrote it was listed, and then overwritten or deleted."""
    stack.put(KEY, [event("a")])
    stack.run()
    stack.put(KEY, [event("b")])
    load = job._load

    def after_deletion(*args: Any) -> Any:
        stack.put(KEY, [event("a")])
        return load(*args)

    with monkeypatch.context() as patch:
        patch.setattr(job, "_load", after_deletion)
        assert stack.run()["unread"]["reasons"] == {"gone": 1}
    assert stack.table() == stack.parquet() == [("a",)]
    assert stack.run()["objects"]["considered"] == 0


def test_backfill_restores_rows_and_parquet(stack: Stack) -> None:
    for day in ("2024-05-01", "2024-05-02", "2024-05-03"):
        stack.put(f"sale_events/dt={day}/a.json", [event(f"{day}-{i}") for i in range(3)])
    stack.run()
    stack.database.rows("delete from sales_txns_tbl where dt='2024-05-02' and request_id like '%-1'")
    stack.database.rows("delete from sales_txns_tbl where dt='2024-05-03'")
    for key in stack.keys("curated/dt=2024-05-01"):
        stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    assert stack.run()["rows_read"] == 0
    summary = stack.run(backfill_from="2024-05-01", backfill_to="2024-05-02")
    assert (summary["rows_read"], summary["rows_new"]) == (6, 1)
    assert len(stack.table()) == 6
    assert stack.run(backfill_from="2024-05-03", backfill_to="2024-05-03")["rows_new"] == 3
    assert len(stack.table()) == 9
    assert stack.parquet() == stack.table()
    assert stack.database.rows("select count(*), min(complete) from etl_objects") == [(3, 1)]


def test_batch_lacks_lines_that_were_read_again(stack: Stack) -> None:
    """From this, `verify` concludes that rows of the batch may be from an object that no longer exists."""
    stack.put(KEY, [event("a"), b"bad"])
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b")])
    stack.run()
    lacking = (
        "select batch_id from etl_batches b left join etl_objects o using (batch_id)"
        " group by batch_id, b.rows_read having b.rows_read > coalesce(sum(o.rows_read), 0)"
    )
    assert stack.database.rows(lacking) == []
    stack.run(backfill_from="2024-05-01", backfill_to="2024-05-01")
    assert stack.database.rows(lacking) == stack.database.rows(
        "select batch_id from sales_txns_tbl where request_id = 'a'"
    )


def test_replay_loads_lines_that_have_become_valid(stack: Stack) -> None:
    stack.put(KEY, [event("a"), event("b", category="x" * 70), b"bad"])
    stack.put("sale_events/dt=2024-05-01/b.json", [event("c", category="x" * 70)])
    stack.put("sale_events/dt=2024-05-01/c.json", [event("d")])
    stack.run()
    summary = stack.run(contract=wider(), replay=True)
    assert (summary["rows_read"], summary["rows_new"], summary["rows_quarantined"]) == (4, 2, 1)
    assert stack.table() == stack.parquet() == [("a",), ("b",), ("c",), ("d",)]
    assert [entry["line"] for entry in stack.quarantine()] == ["bad"]
    assert stack.run(contract=wider(), replay=True)["rows_new"] == 0


def load_half(stack: Stack, lines: list[bytes], count: int) -> None:
    """Make a run die after it has committed the first lines of the object, one per batch."""
    name = stack.put(KEY, lines)
    begin, *_ = batch(name, version=stack.s3.head_object(Bucket=stack.bucket, Key=KEY)["ETag"].strip('"'))
    read = Lines(range(1, count + 2), lines[: count + 1])
    with a_plan(stack, commit_rows=1, run_id="jr_dead") as plan, pytest.raises(BalanceError, match="ends within"):
        attempt(plan, [begin, read])
    assert entries(stack) == [(1, line == b"bad" or b"xx" in line, 0) for line in lines[:count]]


@pytest.mark.parametrize("part_bytes", [parts.PART_BYTES, 60], ids=["one task", "parts"])
def test_replay_reads_a_half_loaded_object_from_its_beginning(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", part_bytes)
    load_half(stack, [event("a", category="x" * 70), b"bad", event("b"), event("c", category="x" * 70), b"bad"], 3)
    summary = stack.run(contract=wider(), replay=True)
    assert (summary["rows_read"], summary["rows_new"], summary["rows_quarantined"]) == (5, 2, 2)
    assert stack.table() == stack.parquet() == [("a",), ("b",), ("c",)]
    assert sorted((e["line_number"], e["run_id"]) for e in stack.quarantine()) == [(2, "jr_1"), (5, "jr_1")]
    assert stack.database.rows("select sum(rows_read), sum(rows_quarantined), sum(complete) from etl_objects") == [
        (5, 2, 1)
    ]


def test_replay_of_a_half_loaded_object_that_dies(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its committed lines are kept. Lines of the first run are read again, and then removed from the quarantine."""
    lines = [event("a", category="x" * 70), b"bad", event("b"), event("c", category="x" * 70), b"bad"]
    load_half(stack, lines, 3)
    name = f"s3://{stack.bucket}/{KEY}"
    [(version,)] = stack.database.rows("select distinct version from etl_objects")
    begin, *_ = batch(name, version=str(version), reread=True)
    with a_plan(stack, contract=wider(), commit_rows=1, run_id="jr_replay", run_number=2) as plan:
        stack.database.rows("alter table sales_txns_tbl modify category varchar(80)")
        with pytest.raises(BalanceError, match="ends within"):
            attempt(plan, [begin, Lines([1, 2, 3], lines[:3])])
    assert entries(stack) == [(1, 0, 0), (1, 1, 0)]
    assert {e["line_number"] for e in stack.quarantine()} == {1, 2}, "until all is read again"
    stack.run(contract=wider())
    assert stack.table() == stack.parquet() == [("a",), ("b",), ("c",)]
    assert sorted((e["line_number"], e["run_id"]) for e in stack.quarantine()) == [(2, "jr_replay"), (5, "jr_1")]
    assert stack.database.rows("select sum(rows_read), sum(complete) from etl_objects") == [(5, 1)]


def test_backfill_restores_rows_of_a_half_loaded_object(stack: Stack) -> None:
    load_half(stack, [event("a"), b"bad", event("b"), event("c")], 3)
    stack.database.rows("delete from sales_txns_tbl where request_id='a'")
    summary = stack.run(backfill_from="2024-05-01", backfill_to="2024-05-01")
    assert (summary["rows_read"], summary["rows_new"], summary["rows_duplicate"]) == (4, 2, 1)
    assert stack.table() == stack.parquet() == [("a",), ("b",), ("c",)]
    assert [e["line_number"] for e in stack.quarantine()] == [2]
    assert stack.database.rows("select sum(rows_read), sum(complete) from etl_objects") == [(4, 1)]


def test_ledger_drops_entries_of_deleted_objects(stack: Stack) -> None:
    stack.put(KEY, [event("a")])
    stack.put("sale_events/dt=2024-05-01/b.json", [event("b")])
    stack.run()
    stack.s3.delete_object(Bucket=stack.bucket, Key=KEY)
    stack.run()
    assert len(entries(stack)) == 2
    stack.database.rows("update etl_batches set committed_at = committed_at - interval 8 day")
    stack.run(ledger_days=9)
    assert len(entries(stack)) == 2
    stack.run(ledger_days=7)
    assert stack.database.rows("select source_object from etl_objects") == [
        (f"s3://{stack.bucket}/sale_events/dt=2024-05-01/b.json",)
    ]
    assert stack.run()["rows_read"] == 0
    assert stack.table() == [("a",), ("b",)]


def test_ledger_keeps_all_versions_of_a_recently_loaded_object(stack: Stack) -> None:
    """Until the last version is old: `verify` relies on this."""
    stack.put(KEY, [event("a")])
    stack.run()
    stack.database.rows("update etl_batches set committed_at = committed_at - interval 8 day")
    stack.put(KEY, [event("b")])
    stack.run()
    stack.s3.delete_object(Bucket=stack.bucket, Key=KEY)
    stack.run(ledger_days=7)
    assert len(entries(stack)) == 2
    stack.database.rows("update etl_batches set committed_at = committed_at - interval 8 day")
    stack.run(ledger_days=7)
    assert entries(stack) == []


def test_field_becomes_a_column_by_configuration(stack: Stack) -> None:
    stack.put(KEY, [event("a", x_channel="web", tax=1.5)])
    stack.run()
    stack.put("sale_events/dt=2024-05-01/b.json", [event("b", x_channel="shop", tax=2), event("c", x_channel=["x"])])
    summary = stack.run(extra_columns="x_channel=string(16),tax=decimal(6,2)")
    assert (summary["rows_new"], summary["rows_quarantined"]) == (1, 1)
    assert [tuple(map(str, row)) for row in stack.table("request_id, x_channel, tax, extra")] == [
        ("a", "None", "None", '{"x_channel":"web","tax":1.5}'),
        ("b", "shop", "2.00", "None"),
    ]


def test_hidden_objects_are_skipped(stack: Stack) -> None:
    for name in ("_temporary/a.json", ".b.json", "dt=2024-05-01/_SUCCESS", "dt=2024-05-01/"):
        stack.s3.put_object(Bucket=stack.bucket, Key=f"sale_events/{name}", Body=event("a"))
    assert stack.run()["rows_read"] == 0


def test_partitions_have_similar_sizes_and_keep_the_order() -> None:
    found = [objects.SourceObject(f"s3://b/{i:03d}", size, "v") for i, size in enumerate([900_000_000, *[10] * 99])]
    first, *rest = sorted(objects.partitions(found, 2), key=len)
    assert [o.name for o in first] == ["s3://b/000"]
    assert sum(map(len, rest)) == 99
    assert all([o.name for o in group] == sorted(o.name for o in group) for group in rest)
    assert objects.partitions([], 2) == []


@pytest.mark.parametrize(("count", "workers"), [(14, 2), (5, 4), (9, 4), (100, 3), (3, 8)])
def test_workers_get_equal_shares(count: int, workers: int) -> None:
    """If one worker had more groups than the others, these would wait for it."""
    found = [objects.SourceObject(f"s3://b/{i:03d}", 16 << 20, "v") for i in range(count)]
    groups = [len(group) for group in objects.partitions(found, workers)]
    shares = [sum(groups[worker::workers]) for worker in range(workers)]
    assert max(shares) <= -(-count // workers) + len(groups) // workers
    assert len(groups) <= workers or max(groups) <= 5, "a task reads about 64 MiB"


def test_batch_ids_have_a_limit() -> None:
    with pytest.raises(ValueError, match="at most"):
        ledger.batch_id(1, 10_000, 0)
