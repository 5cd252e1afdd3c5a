"""The limits of columns are those of a real server."""

import pymysql
import pytest

from store_events import limits
from store_events.contract import load as load_contract
from store_events.mysql import database, tables
from testsupport.stack import Stack


def test_the_server_takes_the_longest_row_and_none_longer(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
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
            # A character has four bytes, so that up to three of them are left.
            database.execute(connection, "alter table widest add more int not null")
    monkeypatch.setattr(limits, "check", lambda *_: None)
    wider = contract.with_columns(f"most=string({longest + 1})")
    with (
        database.connect(stack.settings.target) as connection,
        pytest.raises(pymysql.OperationalError, match="Row size too large"),
    ):
        tables.ensure(connection, "wider", wider)
