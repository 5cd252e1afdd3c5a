"""Removes quarantine entries that killed runs stored while they read objects again.

A batch stores its quarantine entries before it commits. If it does not commit, the next run usually reads the same
lines and replaces the entries. But it does not read objects that are complete in the ledger, which objects that were
read again are.
"""

from store_events.contract import Contract
from store_events.export import quarantine
from store_events.export.quarantine import Store
from store_events.load import runs
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.source.objects import identity


def remove(connection: Connection, contract: Contract, store: Store, number: int, restore: int) -> int:
    """Remove uncommitted quarantine entries of runs that failed since the last full listing before run `number`. Return
    the number of affected object versions. Requires the run's lock, and no running tasks.

    `restore` is the last run that found the database restored. Keep all entries of versions with invalid lines that it
    and later runs have not read again, because the object is gone or unreadable: there may be no other copy.
    """
    failed = runs.failed(connection, contract, number)
    uncommitted = store.stored_by(failed) - _committed(connection, contract, store, failed) if failed else set()
    kept = ledger.with_quarantine(connection, contract, restore) if uncommitted else set()
    versions, cleaned = ledger.Versions(connection, contract), 0
    for name, version in sorted({store.source_of(key) for key in uncommitted}):
        progress = versions.progress(name, version)
        if progress and progress.complete and (identity(name), version) not in kept:
            quarantine.remove_stale_entries(store, name, version, versions.committed_ranges(name, version))
            cleaned += 1
    return cleaned


def _committed(connection: Connection, contract: Contract, store: Store, run_ids: list[str]) -> set[str]:
    """Return the keys of the quarantine entries that these runs committed."""
    query = (
        f"select source_object, version, first_line, run_id from {contract.objects_table}"
        f" join {contract.batches_table} using (batch_id) where run_id in ({', '.join(['%s'] * len(run_ids))})"
    )
    return {store.key(*row) for row in database.rows(connection, query, *run_ids)}
