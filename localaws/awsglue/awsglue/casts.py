"""Casts that return null instead of failing."""

from pyspark.sql import Column

# Up to Spark 3.5, cast returns null for values that do not fit. In Spark 4 it fails by default (ANSI mode), but
# try_cast does not: https://spark.apache.org/docs/4.1.1/sql-ref-ansi-compliance.html
_CAST = "try_cast" if hasattr(Column, "try_cast") else "cast"


def cast(column: Column, kind: str) -> Column:
    """Return the column as another type, with null for values that do not convert."""
    result: Column = getattr(column, _CAST)(kind)
    return result
