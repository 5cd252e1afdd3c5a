"""The day that a row belongs to: its source object's dt= folder, else the event's own day, else the run's."""

import re
from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

_FOLDER = "/dt=([0-9]{4}-[0-9]{2}-[0-9]{2})/"


def of_object(source_object: str) -> str | None:
    """The day in the object's path, if it is one."""
    match = re.search(_FOLDER, source_object)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1]).isoformat()
    except ValueError:
        return None


def of_row(source_object: str, timestamp: str | None, run_day: str) -> str:
    """The row's day, yyyy-mm-dd. `timestamp` is in the database's form."""
    return of_object(source_object) or (timestamp[:10] if timestamp else run_day)


def column(source_object: Column, timestamp: Column, run_day: str) -> Column:
    """`of_row` as a Spark expression; `timestamp` is a Spark timestamp."""
    folder = F.to_date(F.regexp_extract(source_object, _FOLDER, 1), "yyyy-MM-dd")
    return F.coalesce(folder.cast("string"), timestamp.cast("date").cast("string"), F.lit(run_day))
