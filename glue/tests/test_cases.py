"""Inputs that users reported: each alone in an empty stack, and all together."""

import re
from typing import Any

import pytest

from store_events.contract import load as load_contract
from store_events.mysql import database
from store_events.mysql.database import LockedError
from testsupport import dbserver, fieldcases
from testsupport.fieldcases import FieldCase
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack, client

CASES = [fieldcases.load(name) for name in fieldcases.NAMES]


def check_names(stack: Stack) -> None:
    """Check that S3 allows the names, and can list them."""
    for key in stack.keys("quarantine/"):
        assert len(key.encode()) <= 1024
        assert not re.search("[\x00-\x1f\x7f-\x9f\ufffe\uffff]", key)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_alone(stack: Stack, case: FieldCase) -> None:
    if case.expect.get("fresh"):  # The crawler has not created the tables, or has created others.
        for stream in load_contract().streams:
            client("glue").delete_table(DatabaseName=stack.bucket, Name=f"txns_{stream}")
    case.put(stack)
    summary = stack.run()
    case.check(stack, summary)
    check_names(stack)
    if case.expect.get("fresh"):
        assert "catalog_table_missing" in {f["kind"] for f in summary["findings"]}
    again = stack.run()
    assert (again["rows_read"], again["objects"]["considered"]) == (0, summary["objects"]["unread"])


def test_column_type_changes(stack: Stack) -> None:
    """The column is altered, and existing Parquet is written again."""
    for step in ("first", "second"):
        case = fieldcases.load(f"column-type-changes/{step}")
        case.put(stack)
        case.check(stack, stack.run(**case.expect["arguments"]))
        columns = "request_id, x_channel, tax"
        assert stack.parquet(columns) == stack.table(columns)


def test_open_transaction(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run fails with the name of the session that has locked a row. The next run loads everything."""
    monkeypatch.setattr(database, "_SESSION", database._SESSION.replace("timeout=20", "timeout=2"))
    first, second = (fieldcases.load(f"open-transaction/{step}") for step in ("first", "second"))
    first.put(stack)
    first.check(stack, stack.run())
    second.put(stack)
    with stack.database.root() as other:
        other.select_db(dbserver.DATABASE)
        other.begin()
        database.execute(other, "update sales_txns_tbl set qty = 7 where request_id = 'b25-01'")
        named = f"connection {other.thread_id()} of root|of {dbserver.USER}|may not see"
        with a_plan(stack, run_number=9) as plan, pytest.raises(LockedError, match=named):
            attempt(plan, batch(f"s3://{stack.bucket}/locked", *next(iter(second.objects.values()))[0].splitlines()))
        other.rollback()
    second.check(stack, stack.run())


def test_all_together(stack: Stack) -> None:
    cases = [case for case in CASES if not case.expect.get("fresh")]
    for case in cases:
        case.put(stack)
    summary = stack.run()
    for case in cases:
        case.check(stack, summary)
    check_names(stack)
    listed: dict[str, Any] = summary["objects"]
    [(complete,)] = stack.database.rows("select count(distinct object_id) from etl_objects where complete")
    assert listed["listed"] == complete + listed["unread"]
    assert summary["rows_quarantined"] == sum(case.expect["quarantined"] for case in cases)
