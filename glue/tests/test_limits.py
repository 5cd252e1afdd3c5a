"""The limits of columns match those of a real server."""

import re
from bisect import bisect_left

import pymysql
import pytest

from store_events import limits
from store_events.contract import load as load_contract
from store_events.mysql import database, tables
from testsupport.stack import Stack


@pytest.mark.parametrize("kind", ["string(16)", "string(9)", "bigint", "boolean"])
def test_server_allows_the_maximum_number_of_columns_and_no_more(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Columns of earlier runs exist already, so the server rejects an ALTER TABLE."""
    if "MariaDB" in str(stack.database.rows("select version()")):
        pytest.skip("MariaDB has other limits")
    stack.database.rows("drop table if exists most")
    contract = load_contract()

    def columns(count: int) -> str:
        return ",".join(f"c{i}={kind}" for i in range(count))

    def refused(count: int) -> bool:
        try:
            contract.with_columns(columns(count))
        except ValueError as error:
            assert re.search("page of InnoDB|the table has", str(error))
            return True
        return False

    most = bisect_left(range(1_100), True, key=refused) - 1
    with database.connect(stack.settings.target) as connection:
        tables.ensure(connection, "most", contract.with_columns(columns(most)))
    monkeypatch.setattr(limits, "check", lambda *_: None)
    with (
        database.connect(stack.settings.target) as connection,
        pytest.raises(pymysql.OperationalError, match=r"Row size too large|Too many columns"),
    ):
        tables.ensure(connection, "most", contract.with_columns(columns(most + 1)))


def test_server_allows_the_longest_row_and_no_longer_one(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    contract, longest = load_contract().with_columns("wide=string(9999)"), 9_999
    while longest > 0:
        try:
            widest = contract.with_columns(f"most=string({longest})")
            break
        except ValueError:
            longest -= 1
    with database.connect(stack.settings.target) as connection:
        tables.ensure(connection, "widest", widest)
        with pytest.raises(pymysql.OperationalError, match="Row size too large"):
            # A character has four bytes, so up to three bytes may be left.
            database.execute(connection, "alter table widest add more int not null")
    monkeypatch.setattr(limits, "check", lambda *_: None)
    wider = contract.with_columns(f"most=string({longest + 1})")
    with (
        database.connect(stack.settings.target) as connection,
        pytest.raises(pymysql.OperationalError, match="Row size too large"),
    ):
        tables.ensure(connection, "wider", wider)
