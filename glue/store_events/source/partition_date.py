"""The partition date of a row: the dt= folder of its source object, else the event's day, else the run's day."""

from datetime import date

_FOLDER = "/dt="


def of_object(source_object: str) -> str | None:
    """Return the day in the object's path, or None if there is no valid one."""
    text = source_object.split(_FOLDER)[-1].split("/")[0]
    try:
        return text if date.fromisoformat(text).isoformat() == text else None
    except ValueError:
        return None


def of_row(source_object: str, timestamp: str | None, run_day: str) -> str:
    """Return the row's day, yyyy-mm-dd. `timestamp` is in the database's format."""
    return of_object(source_object) or (timestamp[:10] if timestamp else run_day)
