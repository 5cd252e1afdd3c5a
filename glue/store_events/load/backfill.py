"""Selects objects that are read again although they are in the ledger: by day, or if they have quarantined lines."""

from collections.abc import Callable

from store_events.contract import Contract
from store_events.mysql import ledger
from store_events.mysql.database import Connection
from store_events.settings import Settings
from store_events.source import partition_date
from store_events.source.objects import SourceObject, identity


def selector(
    connection: Connection, contract: Contract, settings: Settings, number: int, restore: int
) -> Callable[[SourceObject], bool]:
    """Return a function that reports whether run `number` has to read an object again. A range of days does not include
    objects without a day in their name.

    A restored database may lack rows of lines that runs after the backup took out of the quarantine. So objects whose
    quarantined lines were recorded before `restore`, the run that found the database restored, are read again.
    """
    first, last = settings.backfill_from, settings.backfill_to
    quarantined = ledger.with_quarantine(connection, contract, number if settings.replay else restore)

    def reread(one: SourceObject) -> bool:
        if (identity(one.name), one.version) in quarantined:
            return True
        day = partition_date.of_object(one.name)
        return bool(first) and day is not None and first <= day <= last

    return reread
