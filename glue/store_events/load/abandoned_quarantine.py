"""Removes quarantine entries that killed runs stored while they read objects again.

A batch stores its quarantine entries before it commits. If it does not commit, the next run usually reads the same
lines and replaces the entries. But it does not read objects that are complete in the ledger, which objects that were
read again are.
"""

from store_events.contract import Contract
from store_events.export import quarantine
from store_events.export.quarantine import Store
from store_events.load import runs
from store_events.load.batch import Plan
from store_events.mysql import database, ledger
from store_events.mysql.database import Connection
from store_events.source.objects import identity
from store_events.source.read_events import Begin


def remove(connection: Connection, plan: Plan, restore: int) -> int:
    """Remove uncommitted quarantine entries of runs that failed since the last full listing. Return the number of
    affected object versions. Requires the run's lock, and no running tasks.

    `restore` is the last run that found the database restored. Keep all entries of versions with invalid lines that it
    and later runs have not read again, because the object is gone or unreadable: there may be no other copy. Also
    keep them if entries that the ledger records are missing: the failed run has replaced these, and the database was
    then restored to a point within that run, which `restore` does not show.
    """
    contract, store = plan.contract, plan.store
    failed = runs.failed(connection, contract, plan.run_number)
    uncommitted = store.stored_by(failed) - _committed(connection, contract, store, failed) if failed else set()
    kept = ledger.with_quarantine(connection, contract, restore) if uncommitted else set()
    versions, cleaned = ledger.Versions(connection, contract), 0
    for name, version in sorted({store.source_of(key) for key in uncommitted}):
        progress = versions.progress(name, version)
        if not (progress and progress.complete) or (identity(name), version) in kept:
            continue
        if _has_recorded(connection, contract, store, name, version):
            committed = versions.committed_ranges(name, version)
            quarantine.remove_stale_entries(store, name, version, committed, lambda: plan.lock.check(connection))
            cleaned += 1
    return cleaned


def _has_recorded(connection: Connection, contract: Contract, store: Store, name: str, version: str) -> bool:
    """Report whether the quarantine has all entries that the ledger records for a version."""
    query = (
        f"select min(first_line), run_id from {contract.objects_table} o join {contract.batches_table} using (batch_id)"
        " where object_id=%s and version=%s group by batch_id, run_id having sum(o.rows_quarantined) > 0"
    )
    recorded = database.rows(connection, query, identity(name), version)
    stored = store.stored(Begin(name, version, None, (), False, True))
    if any(one.run is None for one in stored):  # An earlier release has stored all entries in one object.
        return True
    return {store.key(name, version, int(first), by) for first, by in recorded} <= {one.key for one in stored}


def _committed(connection: Connection, contract: Contract, store: Store, run_ids: list[str]) -> set[str]:
    """Return the keys of the quarantine entries that these runs committed."""
    query = (
        f"select source_object, version, first_line, run_id from {contract.objects_table}"
        f" join {contract.batches_table} using (batch_id) where run_id in ({', '.join(['%s'] * len(run_ids))})"
    )
    return {store.key(*row) for row in database.rows(connection, query, *run_ids)}
