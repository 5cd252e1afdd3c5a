"""Unknown fields: table and Parquet keep them as they were sent."""

from typing import Any

from store_events.contract import load as load_contract
from store_events.export.parquet import recoverer
from store_events.mysql import database, tables
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

# Values that MySQL's JSON type rejects or changes.
VALUES = {
    "overflow": '{"x":1e400}',
    "underflow": '{"x":1e-400}',
    "thirty_digits": '{"x":123456789012345678901234567890}',
    "many_digits": '{"x":' + "9" * 400 + "}",
    "exact": '{"x":0.1234567890123456789012}',
    "below_bigint": '{"x":-9223372036854775809}',
    "long_name": '{"' + "k" * 70_000 + '":1}',
    "order": '{"z":1,"a":2,"zz":[1.0,1e0,true,null],"b":{}}',
    "long_text": '{"x":"' + "y" * 300_000 + '"}',
}


def line(key: str, extra: str) -> bytes:
    return f'{{"request_id":"{key}",{extra[1:]}'.encode()


def expected() -> list[tuple[Any, ...]]:
    return sorted(VALUES.items())


def json_typed(stack: Stack) -> None:
    """Convert the table to that of an earlier release."""
    stack.database.rows("alter table sales_txns_tbl modify column extra json null")


def test_table_and_parquet_keep_the_values(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [line(key, extra) for key, extra in VALUES.items()])
    stack.run()
    assert stack.table("request_id, extra") == expected()
    assert stack.parquet("request_id, extra") == expected()


def test_many_events_with_the_same_fields(stack: Stack) -> None:
    """They are loaded as columns, with quoted strings."""
    extra = [(f"{i:03}", f'{{"tier":"it\'s {i}","address":{{"city":"Ulm, {i}"}},"points":{i}}}') for i in range(100)]
    stack.put("sale_events/dt=2024-05-01/a.json", [line(key, text) for key, text in extra])
    stack.run()
    assert stack.table("request_id, extra") == stack.parquet("request_id, extra") == extra


def test_recovered_parquet_is_the_same(stack: Stack) -> None:
    """Even for rows longer than the server's sort buffer, 256 kB."""
    with a_plan(stack) as plan:
        attempt(plan, batch("s3://b/sale_events/a", *[line(key, extra) for key, extra in VALUES.items()]))
        assert recoverer(plan.destination)(100_000_000) == len(VALUES)
    assert stack.parquet("request_id, extra") == stack.table("request_id, extra") == expected()


def test_json_column_is_converted(stack: Stack) -> None:
    """Rows keep the values that the JSON type has changed. Only the Parquet of their batches is written again."""
    stack.put("sale_events/dt=2024-05-01/a.json", [line("order", VALUES["order"])])
    stack.run()
    stack.put("sale_events/dt=2024-05-01/b.json", [b'{"request_id":"without"}'])
    stack.run()
    json_typed(stack)
    stack.put("sale_events/dt=2024-05-01/c.json", [line("overflow", VALUES["overflow"])])
    stack.run()
    assert stack.parquet("request_id, extra") == stack.table("request_id, extra")
    assert ("overflow", VALUES["overflow"]) in stack.table("request_id, extra")
    query = (
        "select data_type, collation_name from information_schema.columns"
        " where table_schema=database() and table_name='sales_txns_tbl' and column_name='extra'"
    )
    assert stack.database.rows(query) == [("longtext", "utf8mb4_bin")]


def test_next_run_completes_an_interrupted_change(stack: Stack) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [line("order", VALUES["order"])])
    stack.run()
    json_typed(stack)
    with database.connect(stack.settings.target) as connection:
        tables.ensure(connection, "sales_txns_tbl", load_contract())
    assert stack.run()["parquet_recovered"] in (0, 1)  # 0 on a server whose JSON type is text.
    assert stack.parquet("request_id, extra") == stack.table("request_id, extra")
