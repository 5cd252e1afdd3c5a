"""Casts of dynamic frames and of the catalog's types, which never fail a run."""

from pyspark.sql import Column

# A plain cast makes null of what does not fit up to Spark 3.5. Spark 4 fails it by default, in its ANSI mode, and
# has one that does not: https://spark.apache.org/docs/4.1.1/sql-ref-ansi-compliance.html
_CAST = "try_cast" if hasattr(Column, "try_cast") else "cast"


def cast(column: Column, kind: str) -> Column:
    """Return the column as another type, null where a value is not one."""
    result: Column = getattr(column, _CAST)(kind)
    return result
