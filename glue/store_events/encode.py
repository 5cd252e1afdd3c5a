"""Rows as the text that LOAD DATA reads: tab-separated, backslash-escaped, \\N for null.

https://dev.mysql.com/doc/refman/8.4/en/load-data.html#load-data-field-line-handling
"""

from collections.abc import Iterable

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})


def row(values: Iterable[str | None]) -> bytes:
    """One line, with its end."""
    return ("\t".join(NULL if v is None else v.translate(_ESCAPES) for v in values) + "\n").encode()
