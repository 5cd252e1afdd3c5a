"""The day that a row belongs to: its source object's dt= folder, else the event's own day, else the run's."""

from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

_FOLDER = "/dt="


def of_object(source_object: str) -> str | None:
    """The day in the object's path, if it is one."""
    text = source_object.split(_FOLDER)[-1].split("/")[0]
    try:
        return text if date.fromisoformat(text).isoformat() == text else None
    except ValueError:
        return None


def of_row(source_object: str, timestamp: str | None, run_day: str) -> str:
    """The row's day, yyyy-mm-dd. `timestamp` is in the database's form."""
    return of_object(source_object) or (timestamp[:10] if timestamp else run_day)


def column(source_object: Column, timestamp: Column, run_day: str) -> Column:
    """`of_row` as a Spark expression; `timestamp` is a Spark timestamp."""
    text = F.substring_index(F.substring_index(source_object, _FOLDER, -1), "/", 1)
    folder = F.when(text.cast("date").cast("string") == text, text)
    return F.coalesce(folder, timestamp.cast("date").cast("string"), F.lit(run_day))
