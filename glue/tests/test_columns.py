"""Fields whose type changes after their column was created."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from store_events.contract import Field
from store_events.mysql import columns, database
from store_events.mysql.columns import ColumnError
from testsupport.events import event
from testsupport.stack import Stack

FIRST = "x_channel=string(16),tax=int"


def loaded(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/one.json", [event("a", x_channel="web", tax=3), event("b", tax=None)])
    stack.run(extra_columns=FIRST)
    stack.put("sale_events/dt=2024-05-02/two.json", [event("c", x_channel="a-channel-of-25-characters", tax=2.5)])


def test_column_is_widened_and_old_parquet_is_written_again(stack: Stack) -> None:
    loaded(stack)
    summary = stack.run(extra_columns="x_channel=string(32),tax=decimal(12,2)")
    assert summary["rows_new"] == 1
    expected = [
        ("a", "web", Decimal("3.00")),
        ("b", None, None),
        ("c", "a-channel-of-25-characters", Decimal("2.50")),
    ]
    assert stack.table("request_id, x_channel, tax") == stack.parquet("request_id, x_channel, tax") == expected
    types = {kind for _, kind in stack.parquet_rows("typeof(tax)")}
    assert types == {"DECIMAL(12,2)"}
    assert stack.run(extra_columns="x_channel=string(32),tax=decimal(12,2)")["parquet_recovered"] == 0


def test_parquet_of_deleted_rows_does_not_keep_the_old_type(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-04-30/zero.json", [event("z", tax=1)])
    stack.run(extra_columns=FIRST)
    loaded(stack)
    stack.database.rows("delete from sales_txns_tbl where request_id='z'")
    stack.run(extra_columns="x_channel=string(32),tax=decimal(12,2)")
    assert {kind for _, kind in stack.parquet_rows("typeof(tax)")} == {"DECIMAL(12,2)"}
    assert stack.parquet("request_id, tax") == stack.table("request_id, tax")


def test_longer_string_type_does_not_change_the_parquet(stack: Stack) -> None:
    loaded(stack)
    before = stack.s3.head_object(Bucket=stack.bucket, Key=stack.keys("curated/")[0])["LastModified"]
    assert stack.run(extra_columns="x_channel=string(300),tax=int")["parquet_recovered"] == 0
    assert stack.s3.head_object(Bucket=stack.bucket, Key=stack.keys("curated/")[0])["LastModified"] == before


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ("x_channel=string(8),tax=int", r"x_channel is varchar\(16\), but the contract requires varchar\(8\)"),
        ("x_channel=int,tax=int", r"x_channel is varchar\(16\), but the contract requires int"),
        ("x_channel=string(16),tax=string(20)", r"tax is int, but the contract requires varchar\(20\)"),
        ("x_channel=string(16),tax=decimal(6,2)", r"tax is int, but the contract requires decimal\(6,2\)"),
        ("x_channel=string(32),tax=boolean", r"tax is int, but the contract requires tinyint"),
    ],
)
def test_other_change_is_refused_before_anything_is_committed(stack: Stack, wanted: str, named: str) -> None:
    loaded(stack)
    with pytest.raises(ColumnError, match=named):
        stack.run(extra_columns=wanted)
    assert stack.table("request_id, x_channel, tax") == [("a", "web", 3), ("b", None, None)]
    assert stack.database.rows("select count(*) from etl_runs") == [(1,)]
    query = "select column_type from information_schema.columns where table_name='sales_txns_tbl' and column_name="
    assert stack.database.rows(f"{query}'x_channel'") in ([("varchar(16)",)], [(b"varchar(16)",)])
    assert stack.run(extra_columns=FIRST)["rows_read"] == 1


def test_next_run_completes_an_interrupted_change(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(stack)
    execute = database.execute

    def dying(connection: Any, statement: str, *values: Any) -> int:
        if "modify column" in statement:
            raise OSError("died")
        return execute(connection, statement, *values)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="died"):
        patch.setattr(database, "execute", dying)
        stack.run(extra_columns="x_channel=string(32),tax=decimal(12,2)")
    stack.run(extra_columns="x_channel=string(32),tax=decimal(12,2)")
    assert {kind for _, kind in stack.parquet_rows("typeof(tax)")} == {"DECIMAL(12,2)"}


def column_type(stack: Stack, name: str) -> str:
    query = "select column_type from information_schema.columns where table_name='sales_txns_tbl' and column_name="
    ((kind,),) = stack.database.rows(f"{query}'{name}'")
    return kind.decode() if isinstance(kind, bytes) else str(kind)


def test_migration_converts_values_and_writes_old_parquet_again(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/one.json", [event("a", x_channel="12.5", tax=3), event("b", tax=None)])
    stack.run(extra_columns=FIRST)
    wanted = "x_channel=decimal(4,1),tax=string(2)"
    with pytest.raises(ColumnError, match="`storeevents migrate` converts"):
        stack.run(extra_columns=wanted)
    summary = stack.run(extra_columns=wanted, migrate_columns=True)
    assert summary["parquet_recovered"] == 1
    assert column_type(stack, "x_channel") == "decimal(4,1)"
    assert column_type(stack, "tax") == "varchar(2)"
    expected = [("a", Decimal("12.5"), "3"), ("b", None, None)]
    assert stack.table("request_id, x_channel, tax") == stack.parquet("request_id, x_channel, tax") == expected
    stack.put("sale_events/dt=2024-05-02/two.json", [event("c", x_channel=2.5, tax="xy")])
    assert stack.run(extra_columns=wanted)["rows_new"] == 1


def test_next_run_completes_a_migration_that_died_between_two_tables(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events table has the new type, so that neither `storeevents migrate` nor the run asks for it again."""
    stack.put("sale_events/dt=2024-05-01/one.json", [event("a", x_channel="12.5", tax=3)])
    stack.run(extra_columns=FIRST)
    wanted, execute = "x_channel=decimal(4,1),tax=string(2)", database.execute

    def dying(connection: Any, statement: str, *values: Any) -> int:
        if "modify column" in statement and "etl_collisions" in statement:
            raise OSError("died")
        return execute(connection, statement, *values)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="died"):
        patch.setattr(database, "execute", dying)
        stack.run(extra_columns=wanted, migrate_columns=True)
    assert column_type(stack, "x_channel") == "decimal(4,1)"
    assert stack.run(extra_columns=wanted)["parquet_recovered"] == 1
    expected = [("a", Decimal("12.5"), "3")]
    assert stack.table("request_id, x_channel, tax") == stack.parquet("request_id, x_channel, tax") == expected


def test_another_target_table_may_have_other_types(stack: Stack) -> None:
    """All target tables share the table of collisions."""
    stack.put("sale_events/dt=2024-05-01/one.json", [event("a", x_channel="web", tax=3)])
    stack.run(extra_columns="x_channel=string(16),tax=boolean")
    target = replace(stack.settings.target, table="sales_2")
    try:
        assert stack.run(extra_columns="x_channel=int,tax=int", target=target)["rows_quarantined"] == 1
    finally:
        stack.database.rows("drop table if exists sales_2")


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ("x_channel=int,tax=int", r"1 values do not fit, such as 'web'"),
        ("x_channel=string(2),tax=int", r"1 values do not fit, such as 'web'"),
        ("x_channel=string(16),tax=decimal(1,1)", r"1 values do not fit, such as '3'"),
        ("x_channel=string(16),tax=boolean", r"tax is int, but the contract requires tinyint"),
        ("x_channel=timestamp,tax=int", r"x_channel is varchar\(16\), but the contract requires datetime\(3\)"),
    ],
)
def test_migration_that_would_change_a_value_changes_nothing(stack: Stack, wanted: str, named: str) -> None:
    loaded(stack)
    with pytest.raises(ColumnError, match=named):
        stack.run(extra_columns=wanted, migrate_columns=True)
    assert column_type(stack, "x_channel") == "varchar(16)"
    assert stack.table("request_id, x_channel, tax") == [("a", "web", 3), ("b", None, None)]
    assert stack.run(extra_columns=FIRST)["rows_read"] == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_migration_refuses_text_with_a_line_end(stack: Stack, end: str) -> None:
    """In MySQL a $ also matches before it, but the change of the column would fail."""
    stack.put("sale_events/dt=2024-05-01/one.json", [event("a", x_channel="12"), event("b", x_channel=f"12{end}")])
    stack.run(extra_columns=FIRST)
    with pytest.raises(ColumnError, match="1 values do not fit, such as '12"):
        stack.run(extra_columns="x_channel=int,tax=int", migrate_columns=True)


def test_kinds_of_changes() -> None:
    """The cases are shared with schema/column_change_test.go."""
    file = Path(__file__).resolve().parents[2] / "schema" / "testdata" / "column_changes.jsonl"
    cases = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(cases) > 20
    for case in cases:
        old, new = columns._WIDTH.sub(r"\1", case["from"]), columns._column(Field("a", case["type"]))
        assert ("" if old == new else columns.conversion(old, new)) == case["way"], case


@pytest.mark.parametrize(
    ("new", "old", "holds"),
    [
        ("varchar(32)", "varchar(16)", True),
        ("varchar(16)", "varchar(32)", False),
        ("bigint", "int", True),
        ("int", "bigint", False),
        ("decimal(12,2)", "int", True),
        ("decimal(11,2)", "int", False),
        ("decimal(19,0)", "bigint", True),
        ("decimal(18,0)", "bigint", False),
        ("decimal(12,4)", "decimal(10,2)", True),
        ("decimal(12,4)", "decimal(11,2)", False),
        ("decimal(12,1)", "decimal(10,2)", False),
        ("datetime(3)", "varchar(30)", False),
        ("tinyint", "int", False),
    ],
)
def test_wider_types(new: str, old: str, holds: bool) -> None:
    assert columns._holds(new, old) is holds
