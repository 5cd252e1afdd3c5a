"""Runs of the whole job with real Spark, a real database, and S3 over HTTP."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from store_events.mysql import lock
from store_events.mysql.lock import LockError
from testsupport.stack import Stack, client


def event(key: str, **more: Any) -> bytes:
    return json.dumps({"request_id": key, "event_type": "sale_event", "sales": 1.5, **more}).encode()


def test_rows_parquet_ledger_and_quarantine(stack: Stack) -> None:
    sales = stack.put(
        "sale_events/dt=2024-05-01/a.json",
        [event("a", ts="2024-05-01T10:20:30.123Z", gift_wrap=True, qty=2, contact_me='tab\t "quote" \\ line\n'),
         event("b", color="red", n=1.50), b"", b"broken", b'{"qty":1}'],
    )  # fmt: skip
    stack.put("inventory_events/dt=2024-05-02/b.json.gz", [event("c", sales=None, store_id=7)])
    summary = stack.run()
    assert stack.table("request_id, store_id, ts, sales, qty, gift_wrap, contact_me, extra, dt") == [
        ("a", None, datetime.datetime(2024, 5, 1, 10, 20, 30, 123000), Decimal("1.50"), 2, 1,
         'tab\t "quote" \\ line\n', None, datetime.date(2024, 5, 1)),
        ("b", None, None, Decimal("1.50"), None, None, None, '{"color":"red","n":1.5}', datetime.date(2024, 5, 1)),
        ("c", "7", None, None, None, None, None, None, datetime.date(2024, 5, 2)),
    ]  # fmt: skip
    assert stack.parquet("request_id, store_id, ts, sales, qty, gift_wrap, contact_me, extra") == [
        ("a", None, datetime.datetime(2024, 5, 1, 10, 20, 30, 123000), Decimal("1.50"), 2, True,
         'tab\t "quote" \\ line\n', None),
        ("b", None, None, Decimal("1.50"), None, None, None, '{"color":"red","n":1.5}'),
        ("c", "7", None, None, None, None, None, None),
    ]  # fmt: skip
    assert [(q["reason"], q["line"], q["source_object"]) for q in stack.quarantine()] == [
        ("not_json_object", "broken", sales),
        ("missing_key", '{"qty":1}', sales),
    ]
    counts = {
        k: summary[k] for k in ("rows_read", "rows_new", "rows_duplicate", "rows_quarantined", "parquet_recovered")
    }
    assert counts == {"rows_read": 5, "rows_new": 3, "rows_duplicate": 0, "rows_quarantined": 2, "parquet_recovered": 0}
    assert summary["streams"]["sale_events"] == {"objects": 1, "rows_read": 4}
    assert stack.database.rows("select count(*) from etl_batches where parquet_at is null") == [(0,)]
    assert stack.balanced()


def test_second_run_reads_only_new_objects(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a"), event("b")])
    stack.run()
    assert stack.run()["rows_read"] == 0
    stack.put("sale_events/dt=2024-05-01/b.json", [event("c"), event("a")])
    summary = stack.run()
    assert (summary["rows_read"], summary["rows_new"], summary["rows_duplicate"]) == (2, 1, 1)
    assert stack.table() == stack.parquet() == [("a",), ("b",), ("c",)]


def test_run_after_one_that_died_before_the_bookmark_changes_nothing(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a"), event("b"), b"bad"])
    stack.run(commit=False)
    assert stack.run()["rows_read"] == 0
    assert stack.table() == stack.parquet() == [("a",), ("b",)]
    assert len(stack.quarantine()) == 1


def test_large_object_is_committed_in_parts(stack: Stack) -> None:
    for name in "abc":
        stack.put(f"sale_events/dt=2024-05-01/{name}.json", [event(f"{name}{i}") for i in range(12_000)])
    stack.run(commit_rows=3000)
    for name in "abc":
        parts = stack.database.rows(
            "select first_line, last_line, rows_read, complete from etl_objects"
            f" where source_object like '%/{name}.json' order by 1"
        )
        assert [part[1] for part in parts] == [3000, 6000, 9000, 12_000]
        assert [part[0] for part in parts] == [1, *(int(str(part[1])) + 1 for part in parts[:-1])]
        assert sum(int(str(part[2])) for part in parts) == parts[-1][1] == 12_000
        assert [part[3] for part in parts] == [0] * (len(parts) - 1) + [1]
    assert len(stack.table()) == len(stack.parquet()) == 36_000


def test_two_runs_at_once(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a")])
    stack.run()
    with lock.held(stack.settings.target, 0):
        stack.put("sale_events/dt=2024-05-01/b.json", [event("b")])
        with pytest.raises(LockError, match="another run is loading"):
            stack.run()
    assert stack.run()["rows_new"] == 1


def test_catalog_does_not_decide_what_is_read(stack: Stack) -> None:
    """A missing table, another location, and unknown columns are findings."""
    glue = client("glue")
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a")])
    stack.put("inventory_events/dt=2024-05-01/b.json", [event("b")])
    assert [f["kind"] for f in stack.run(table_prefix="other_")["findings"]] == ["catalog_table_missing"] * 2
    assert stack.table() == [("a",), ("b",)]
    columns = [{"Name": name, "Type": "string"} for name in ("qty", "color")]
    storage = {"Location": f"s3://{stack.bucket}/sale_events/dt=2024-05-01/", "Columns": columns}
    glue.update_table(DatabaseName=stack.bucket, TableInput={"Name": "txns_sale_events", "StorageDescriptor": storage})
    found = stack.run()["findings"]
    assert [(f["kind"], f["about"]) for f in found] == [
        ("catalog_location", f"{stack.bucket}.txns_sale_events"),
        ("catalog_columns", f"{stack.bucket}.txns_sale_events"),
    ]
    assert "color" in found[1]["detail"]
    assert "qty" not in found[1]["detail"]


def test_nothing_to_read(stack: Stack) -> None:
    assert stack.run()["rows_read"] == 0
    assert stack.table() == []
