"""Changes the types of target table columns after their field's type has changed."""

import re
from dataclasses import dataclass

import pymysql

from store_events.contract import Contract, Field
from store_events.mysql import database, ledger
from store_events.sql import quoted

WIDER, MIGRATION, UNSUPPORTED = "wider", "migration", "refused"  # As in schema/column_change.go.

_DIGITS = {"int": 10, "bigint": 19}  # Digits of the largest value.
_BITS = {"int": 32, "bigint": 64}
_CONVERTED = ("varchar", "int", "bigint", "decimal")
# The display width that MariaDB and some releases of MySQL add to integer types in information_schema.
_WIDTH = re.compile(r"(tinyint|int|bigint)\(\d+\)")


class ColumnError(Exception):
    """A column's type cannot be changed to the type of its field."""


@dataclass(frozen=True)
class Change:
    """A field whose column has another type, `old`."""

    field: Field
    old: str

    def __str__(self) -> str:
        return f"{self.field.name} is {self.old}, but the contract requires {_column(self.field)}"


def to_change(connection: pymysql.Connection, table: str, contract: Contract, migrate: bool) -> list[Change]:
    """Return the fields whose column must become wider, and with `migrate` also those whose values can be converted.
    Raise ColumnError if other columns have a different type, or if a value does not fit.
    """
    query = (
        "select column_name, lower(column_type) from information_schema.columns"
        " where table_schema=database() and table_name=%s"
    )
    known = {str(name): _WIDTH.sub(r"\1", _text(kind)) for name, kind in database.rows(connection, query, table)}
    changed = [Change(f, known[f.name]) for f in contract.fields if known.get(f.name, _column(f)) != _column(f)]
    allowed = (WIDER, MIGRATION) if migrate else (WIDER,)
    refused = [c for c in changed if c.field.name == contract.key or conversion(c.old, _column(c.field)) not in allowed]
    if refused:
        raise ColumnError(
            f"table {table}: {', '.join(map(str, refused))}. Without a migration, a column can only become wider: "
            "string(16) to string(32), int to bigint or decimal(12,2), decimal(6,2) to decimal(12,2). `storeevents "
            "migrate` converts numbers and strings whose values fit. Otherwise restore the field's type, or rename it"
        )
    for change in changed:
        _check_values(connection, table, change)
    return changed


def _check_values(connection: pymysql.Connection, table: str, change: Change) -> None:
    new = _column(change.field)
    if _holds(new, change.old):
        return
    where = f"from {quoted(table)} where {_unfit(quoted(change.field.name), change.old, new)}"
    ((count,),) = database.rows(connection, f"select count(*) {where}")
    if count:
        ((first,),) = database.rows(connection, f"select {quoted(change.field.name)} {where} limit 1")
        raise ColumnError(f"table {table}: {change}, but {count} values do not fit, such as {str(first)!r}")


def change(connection: pymysql.Connection, table: str, contract: Contract, changes: list[Change]) -> None:
    """Change columns to the types of their fields. Mark the table's Parquet as missing if its schema changes too."""
    if not changes:
        return
    if changes_parquet(changes):
        # Mark first, so that the next run completes both steps if this one dies.
        batches = database.rows(connection, f"select distinct batch_id from {quoted(table)}")
        ledger.mark_parquet_missing(connection, contract, [one for (one,) in batches])
    altered = ", ".join(f"modify column {quoted(c.field.name)} {c.field.mysql_type} null" for c in changes)
    database.execute(connection, f"alter table {quoted(table)} {altered}")


def changes_parquet(changes: list[Change]) -> bool:
    """Report whether the Parquet's schema changes too. Its strings have no length."""
    return any(c.field.kind != "string" or not c.old.startswith("varchar") for c in changes)


def conversion(old: str, new: str) -> str:
    """Return the kind of conversion between two column types. schema/column_change.go has the same rules;
    schema/testdata/column_changes.jsonl tests both.
    """
    if _holds(new, old):
        return WIDER
    # Booleans and times have several text forms.
    return MIGRATION if all(kind.startswith(_CONVERTED) for kind in (old, new)) else UNSUPPORTED


def _unfit(column: str, old: str, new: str) -> str:
    """Return an SQL condition for values that the new type would change. In a select, a cast does not fail, but rounds
    or returns the nearest value. ops/migrate.go has the same condition.
    """
    kind, size = _parts(new)
    if kind == "varchar":
        return f"char_length(cast({column} as char)) > {size[0]}"
    conditions, value = [], column
    if old.startswith("varchar"):
        # The second condition is for line ends: a $ also matches before one.
        conditions.append(f"{column} not regexp '^-?[0-9]{{1,35}}([.][0-9]{{1,30}})?$'")
        conditions.append(f"{column} regexp '[^0-9.-]'")
        value = f"cast({column} as decimal(65,30))"
    number = f"decimal({_DIGITS[kind]},0)" if kind in _DIGITS else new
    conditions.append(f"{value} <> cast({value} as {number})")
    if kind in _BITS:
        limit = 2 ** (_BITS[kind] - 1)
        conditions.append(f"{value} not between {-limit} and {limit - 1}")
    return f"({' or '.join(conditions)})"


def _text(value: "str | bytes") -> str:
    return value.decode() if isinstance(value, bytes) else value


def _column(field: Field) -> str:
    return "tinyint" if field.kind == "boolean" else field.mysql_type


def _holds(new: str, old: str) -> bool:
    """Report whether the new column type can represent each value of the old one."""
    (kind, size), (old_kind, old_size) = _parts(new), _parts(old)
    if kind == old_kind == "varchar":
        return size >= old_size
    if kind == "bigint":
        return old_kind == "int"
    if kind != "decimal" or old_kind not in ("decimal", *_DIGITS):
        return False
    precision, scale = old_size if old_kind == "decimal" else [_DIGITS[old_kind], 0]
    return size[0] - size[1] >= precision - scale and size[1] >= scale


def _parts(column: str) -> tuple[str, list[int]]:
    """Return a column type's name and numbers."""
    return column.partition("(")[0], [int(n) for n in re.findall(r"\d+", column)]
