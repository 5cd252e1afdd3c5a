"""Objects that are read again although the ledger has them: those of some days, or those with quarantined lines."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from store_events.contract import Contract
from store_events.mysql import ledger
from store_events.mysql.database import Connection
from store_events.settings import Settings
from store_events.source import partition_date
from store_events.source.objects import SourceObject, identity


def chosen(
    connection: Connection, contract: Contract, settings: Settings, number: int, restore: int
) -> Callable[[SourceObject], bool]:
    """Return a function that reports whether run `number` is to read an object again. An object without a day in its
    name is in no range.

    A database that was restored may have lost rows whose lines later runs have taken out of the quarantine. So what
    runs before `restore`, the run that found it, have of the lines is read again, by that run or the first that can.
    """
    first, last = settings.backfill_from, settings.backfill_to
    quarantined = ledger.with_quarantine(connection, contract, number if settings.replay else restore)

    def again(one: SourceObject) -> bool:
        if (identity(one.name), one.version) in quarantined:
            return True
        day = partition_date.of_object(one.name)
        return bool(first) and day is not None and first <= day <= last

    return again


def days(settings: Settings) -> Iterator[str]:
    """Yield the days of the range; none without one."""
    if not settings.backfill_from:
        return
    first, last = date.fromisoformat(settings.backfill_from), date.fromisoformat(settings.backfill_to)
    for n in range((last - first).days + 1):
        yield (first + timedelta(n)).isoformat()
