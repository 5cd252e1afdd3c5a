"""Limits of the events table's columns, the same as in schema/limits.go. schema/testdata/limits.jsonl tests both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store_events.contract import Field

# Digits of a decimal in Athena, Spark and Arrow. MySQL allows 65:
# https://docs.aws.amazon.com/athena/latest/ug/data-types.html
_DECIMAL = 38
# Digits after the point of a decimal in MySQL:
# https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html
_SCALE = 30
# Bytes of a row in MySQL: https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html
_ROW = 65_535
# Bytes of a row in an InnoDB page of 16 KiB, as measured with MySQL 9.7.4, and the number of columns:
# https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html
_RECORD = 8_125
_COLUMNS = 1_017
_UTF8 = 4  # Bytes of a character in utf8mb4.
# Bytes of the job's columns: the pointer to extra, the day, the batch, the position and the hash.
_JOB_BYTES = 12 + 3 + 8 + 4 + 16
_JOB_NULLABLE = 2  # extra and the hash.
_JOB_COLUMNS = 5
# Bytes in the page: header, transaction, undo, and the job's columns without the pointer.
_JOB_RECORD = 5 + 6 + 7 + 3 + 8 + 4 + 16
_SIZES = {"int": 4, "bigint": 8, "timestamp": 7, "boolean": 1}
_DIGITS = (0, 1, 1, 2, 2, 3, 3, 4, 4)  # Bytes by the number of digits, up to eight.
# Names that MySQL, the catalog and Athena accept without quotes.
NAME = r"[a-z_][a-z0-9_]{0,63}"


def check(fields: Sequence[Field], key: str) -> None:
    """Raise ValueError if the table or its catalog cannot store a field, or if rows are too large for MySQL."""
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
    count = len(fields) + _JOB_COLUMNS
    if count > _COLUMNS:
        raise ValueError(f"the table has {count} columns, {_JOB_COLUMNS} of them the job's: use at most {_COLUMNS}")


def _check(field: Field) -> None:
    if not re.fullmatch(NAME, field.name):
        raise ValueError(
            f"field {field.name!r}: use at most 64 lower-case letters, digits and underscores, not beginning with a"
            " digit"
        )
    if field.kind != "decimal":
        return
    precision, scale = field.params
    max_scale = min(precision, _SCALE)
    if not 1 <= precision <= _DECIMAL or scale > max_scale:
        raise ValueError(
            f"field {field.name}: {field.type} is not allowed: 1 to {_DECIMAL} digits, at most {max_scale} of"
            " them after the point"
        )


def _row_bytes(fields: Sequence[Field], key: str) -> int:
    """Return the row size by MySQL's rules: the maximum size of each column, and a bit for each nullable column.

    https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html
    """
    # The key is ASCII and not null.
    sizes = [_varchar(f.params[0]) if f.name == key else _bytes(f) for f in fields]
    nullable = _JOB_NULLABLE + sum(f.name != key for f in fields)
    return _JOB_BYTES + sum(sizes) + (nullable + 7) // 8


def _record_bytes(fields: Sequence[Field], key: str) -> int:
    """Return the size of a row in an InnoDB page, in row format DYNAMIC, which stores long text off-page."""
    size, nullable = _JOB_RECORD + _inline(_ROW), _JOB_NULLABLE
    for field in fields:
        nullable += field.name != key
        if field.kind == "string":
            size += _inline(field.params[0] * (1 if field.name == key else _UTF8))
        else:
            size += _bytes(field)
    return size + (nullable + 7) // 8


def _inline(max_bytes: int) -> int:
    """Return the minimum size of a text column in the page, with its length. Text over 40 bytes can be off-page."""
    return min(max_bytes, 40) + 1


def _bytes(field: Field) -> int:
    if field.kind == "string":
        return _varchar(field.params[0] * _UTF8)
    if field.kind == "decimal":
        precision, scale = field.params
        return _digits(precision - scale) + _digits(scale)
    return _SIZES[field.kind]


def _varchar(max_bytes: int) -> int:
    """Return the maximum size of a text column, with its length."""
    return max_bytes + (2 if max_bytes > 255 else 1)


def _digits(count: int) -> int:
    """Return the size of the digits on one side of a decimal's point: four bytes for each nine digits."""
    nines, rest = divmod(count, 9)
    return nines * 4 + _DIGITS[rest]
