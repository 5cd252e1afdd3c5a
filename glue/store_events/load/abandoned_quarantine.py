"""Removes quarantine entries that runs stored, before they died, while they read objects again.

A batch stores its quarantine before it commits. If it does not commit, the next run reads the object's lines and
replaces what is there; but it does not read an object that is complete in the ledger, as one that was read again is.
"""

from store_events.contract import Contract
from store_events.export import quarantine
from store_events.export.quarantine import Store
from store_events.load import runs
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.source.objects import identity


def remove(connection: Connection, contract: Contract, store: Store, number: int, restore: int) -> int:
    """Remove the quarantine of runs that failed since the last full listing before run `number`, except what they
    committed; return how many object versions had some. Needs the run's lock, and no task at work.

    Where `restore`, the last run that found the database restored, and those since have not read a version's invalid
    lines again, as its object is gone or cannot be read, everything stays: it may be all that there is of these lines.
    """
    failed = runs.failed(connection, contract, number)
    left = store.stored_by(failed) - _committed(connection, contract, store, failed) if failed else set()
    kept = ledger.with_quarantine(connection, contract, restore) if left else set()
    versions, cleaned = ledger.Versions(connection, contract), 0
    for name, version in sorted({store.source_of(key) for key in left}):
        progress = versions.progress(name, version)
        if progress and progress.complete and (identity(name), version) not in kept:
            quarantine.remove_stale_entries(store, name, version, versions.committed_ranges(name, version))
            cleaned += 1
    return cleaned


def _committed(connection: Connection, contract: Contract, store: Store, run_ids: list[str]) -> set[str]:
    """Return the keys of what these runs stored and committed."""
    query = (
        f"select source_object, version, first_line, run_id from {contract.objects_table}"
        f" join {contract.batches_table} using (batch_id) where run_id in ({', '.join(['%s'] * len(run_ids))})"
    )
    return {store.key(*row) for row in database.rows(connection, query, *run_ids)}
