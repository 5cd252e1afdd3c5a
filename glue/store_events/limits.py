"""What the columns of the events table may be: schema/limits.go has the same limits, and schema/testdata/limits.jsonl
the cases that both agree on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store_events.contract import Field

# Of digits in Athena, Spark and Arrow; MySQL takes 65:
# https://docs.aws.amazon.com/athena/latest/ug/data-types.html
_DECIMAL = 38
# Of MySQL's digits after the point:
# https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html
_SCALE = 30
# Of bytes that the columns of a MySQL table may need: https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html
_ROW = 65_535
# Of bytes of a row that InnoDB keeps in a page of 16 KiB, and of columns. What it counts is what a MySQL 9.7.4 showed:
# https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html
_RECORD = 8_125
_COLUMNS = 1_017
_UTF8 = 4  # Bytes of a character in utf8mb4.
# The pointer to extra, the day, the batch, the position and the hash.
_OWN = 12 + 3 + 8 + 4 + 16
_OWN_NULLABLE = 2  # extra and the hash.
_OWN_COLUMNS = 5
# In the page: header, transaction and undo, and all but the pointer.
_OWN_RECORD = 5 + 6 + 7 + 3 + 8 + 4 + 16
_SIZES = {"int": 4, "bigint": 8, "timestamp": 7, "boolean": 1}
_DIGITS = (0, 1, 1, 2, 2, 3, 3, 4, 4)  # Bytes of fewer than nine digits.
# What MySQL, the catalog and Athena all take without quotes.
NAME = r"[a-z_][a-z0-9_]{0,63}"


def check(fields: Sequence[Field], key: str) -> None:
    """Raise ValueError naming a field that the table or its catalog cannot hold, or a row that MySQL refuses."""
    for field in fields:
        _check(field)
    size = _row_bytes(fields, key)
    if size > _ROW:
        raise ValueError(
            f"the columns need {size} bytes in a row of MySQL, where a string(N) needs {_UTF8}N: use at most {_ROW}"
        )
    size = _record_bytes(fields, key)
    if size > _RECORD:
        raise ValueError(
            f"the columns need {size} bytes in a page of InnoDB, where a string(N) needs {_UTF8}N+1, and at most "
            f"{_inline(_ROW)}: use at most {_RECORD}"
        )
    count = len(fields) + _OWN_COLUMNS
    if count > _COLUMNS:
        raise ValueError(f"the table has {count} columns, {_OWN_COLUMNS} of them the job's: use at most {_COLUMNS}")


def _check(field: Field) -> None:
    if not re.fullmatch(NAME, field.name):
        raise ValueError(
            f"field {field.name!r}: use at most 64 lower-case letters, digits and underscores, not beginning with a"
            " digit"
        )
    if field.kind != "decimal":
        return
    precision, scale = field.params
    most = min(precision, _SCALE)
    if not 1 <= precision <= _DECIMAL or scale > most:
        raise ValueError(
            f"field {field.name}: {field.type} is not allowed: 1 to {_DECIMAL} digits, at most {most} of them after the"
            " point"
        )


def _row_bytes(fields: Sequence[Field], key: str) -> int:
    """Return what MySQL counts for a row: the most that each column can need, and a bit for each that may be null.

    https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html
    """
    # The key is in ASCII, and never null.
    sizes = [_varchar(f.params[0]) if f.name == key else _bytes(f) for f in fields]
    nullable = _OWN_NULLABLE + sum(f.name != key for f in fields)
    return _OWN + sum(sizes) + (nullable + 7) // 8


def _record_bytes(fields: Sequence[Field], key: str) -> int:
    """Return what InnoDB counts for a row in its page, in row format DYNAMIC: text too long for it can be elsewhere."""
    size, nullable = _OWN_RECORD + _inline(_ROW), _OWN_NULLABLE
    for field in fields:
        nullable += field.name != key
        if field.kind == "string":
            size += _inline(field.params[0] * (1 if field.name == key else _UTF8))
        else:
            size += _bytes(field)
    return size + (nullable + 7) // 8


def _inline(most: int) -> int:
    """Return what a text column of at most so many bytes needs in the page, with its length. One of more than 40 is
    elsewhere if the row is too long.
    """
    return min(most, 40) + 1


def _bytes(field: Field) -> int:
    if field.kind == "string":
        return _varchar(field.params[0] * _UTF8)
    if field.kind == "decimal":
        precision, scale = field.params
        return _digits(precision - scale) + _digits(scale)
    return _SIZES[field.kind]


def _varchar(most: int) -> int:
    """Return the size of a text column of at most so many bytes, with its length."""
    return most + (2 if most > 255 else 1)


def _digits(count: int) -> int:
    """Return the bytes of one side of a decimal: nine digits in four bytes."""
    nines, rest = divmod(count, 9)
    return nines * 4 + _DIGITS[rest]
