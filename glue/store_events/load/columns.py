"""Columns of the target table whose field has another type than they were made for."""

import re

import pymysql

from store_events.contract import Contract, Field
from store_events.load import database, ledger
from store_events.load.database import quoted

_DIGITS = {"int": 10, "bigint": 19}  # Of the largest value.
# How information_schema names a type: MariaDB, and MySQL in some releases, give whole numbers a display width.
_WIDTH = re.compile(r"(tinyint|int|bigint)\(\d+\)")


class ColumnError(Exception):
    """A column has another type than its field, and not every value of it would fit."""


def to_widen(connection: pymysql.Connection, table: str, contract: Contract) -> list[Field]:
    """The fields whose column is too narrow; none if there is no table. Raises ColumnError, naming all other columns
    whose type is another one.
    """
    query = (
        "select column_name, lower(column_type) from information_schema.columns"
        " where table_schema=database() and table_name=%s"
    )
    known = {str(name): _WIDTH.sub(r"\1", _text(kind)) for name, kind in database.rows(connection, query, table)}
    changed = [f for f in contract.fields if f.name in known and known[f.name] != _column(f)]
    refused = [f for f in changed if f.name == contract.key or not _holds(_column(f), known[f.name])]
    if refused:
        named = ", ".join(f"{f.name} is {known[f.name]}, and {_column(f)} is wanted" for f in refused)
        raise ColumnError(
            f"table {table}: {named}. A column can become wider only: string(16) to string(32), int to bigint or"
            " decimal(12,2), decimal(6,2) to decimal(12,2). Give the field its old type, or another name"
        )
    return changed


def widen(connection: pymysql.Connection, table: str, contract: Contract, fields: list[Field]) -> None:
    """Give columns the type of their fields. All Parquet of the table is made again if its columns change, too."""
    if not fields:
        return
    if any(f.kind != "string" for f in fields):
        # First, so that a run which dies in between leaves nothing undone.
        batches = database.rows(connection, f"select distinct batch_id from {quoted(table)}")
        ledger.mark_parquet_missing(connection, contract, [one for (one,) in batches])
    changes = ", ".join(f"modify column {quoted(f.name)} {f.mysql_type} null" for f in fields)
    database.execute(connection, f"alter table {quoted(table)} {changes}")


def _text(value: "str | bytes") -> str:
    return value.decode() if isinstance(value, bytes) else value


def _column(field: Field) -> str:
    return "tinyint" if field.kind == "boolean" else field.mysql_type


def _holds(new: str, old: str) -> bool:
    """Whether each value of one column type is a value of another one, and is read as the same."""
    (kind, size), (before, had) = _parts(new), _parts(old)
    if kind == before == "varchar":
        return size >= had
    if kind == "bigint":
        return before == "int"
    if kind != "decimal" or before not in ("decimal", *_DIGITS):
        return False
    precision, scale = had if before == "decimal" else [_DIGITS[before], 0]
    return size[0] - size[1] >= precision - scale and size[1] >= scale


def _parts(column: str) -> tuple[str, list[int]]:
    """A column type's name and numbers."""
    return column.partition("(")[0], [int(n) for n in re.findall(r"\d+", column)]
