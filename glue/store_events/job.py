"""One run of the job: lock, load new objects, update the Parquet, and report the result."""

import json
import logging
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from store_events.contract import Contract
from store_events.export import parquet, quarantine
from store_events.load import (
    abandoned_quarantine,
    backfill,
    collisions,
    commit_size,
    error_threshold,
    expectations,
    partition,
    runs,
)
from store_events.load.batch import Plan
from store_events.mysql import database, ledger, lock
from store_events.mysql.database import Connection
from store_events.report import crawl, lineage, manifest, metrics
from store_events.report.run_state import CommittedVersion, RunState
from store_events.settings import Settings
from store_events.source import catalog, feed, listing, objects, parts
from store_events.source.objects import SourceObject
from store_events.source.read_events import ARCHIVED, GONE, Unread

_log = logging.getLogger(__name__)

_NAMED = 100  # Unread objects that the summary lists. The manifest lists all.


class UnreadError(Exception):
    """More objects than allowed could not be read. All others are loaded."""


def run(glue_context: Any, contract: Contract, settings: Settings) -> dict[str, Any]:
    """Run the job, write its manifest, and return its summary. The caller saves the bookmark."""
    contract = contract.with_columns(settings.extra_columns)
    folder = manifest.folder(contract.prefixes["bookmarks"], settings.job, settings.run_id)
    state = RunState(settings.run_id)
    lineage.try_to_send(contract, settings, state, lineage.START)
    try:
        with (
            lock.held(settings.target, settings.lock_wait_s) as held,
            runs.recorded(settings, contract, held) as state.run,
        ):
            _run(glue_context.spark_session, contract, settings, held, state)
            _check_unread(state.unread, settings)
            # Delete the feed last: if the run fails before, the next run reads it again. The manifest already reports
            # success. A later error replaces it, but a killed run does not. etl_runs is authoritative.
            manifest.write(settings.bucket, settings.region, folder, manifest.entries(state, None))
            _delete_feed(contract, settings, state)
    except Exception as error:
        metrics.try_to_put(contract, settings, state, succeeded=False)
        message = f"{type(error).__name__}: {error}"
        lineage.try_to_send(contract, settings, state, lineage.FAIL, message)
        entries = manifest.entries(state, message)
        manifest.try_to_write(settings.bucket, settings.region, folder, entries)
        raise
    metrics.try_to_put(contract, settings, state, succeeded=True)
    findings = len(state.findings)
    lineage.try_to_send(contract, settings, state, lineage.COMPLETE)
    if len(state.findings) > findings:  # The event was not sent: add that to the manifest.
        manifest.try_to_write(settings.bucket, settings.region, folder, manifest.entries(state, None))
    return {**state.summary, "manifest": f"s3://{settings.bucket}/{folder}"}


def _run(spark: SparkSession, contract: Contract, settings: Settings, held: lock.Lock, state: RunState) -> None:
    everything = _needs_full_listing(contract, settings, state.run.number)
    state.listing = listing.list_objects(contract, settings, everything)
    state.run.listing = state.listing.kind
    state.findings += state.run.findings + state.listing.findings
    if settings.listing_problem:
        finding = {"kind": "listing_unknown", "about": "the workflow's run", "detail": settings.listing_problem}
        state.findings.append(finding)
    everything = state.listing.kind == contract.listings["full"]
    # Use separate connections before and after the load, so that neither is idle during it.
    with database.connect(settings.target) as connection:
        ledger.restore_batches(connection, contract, settings.target.table)
        # Feed runs leave this to the next full listing.
        restore = runs.last_restore(connection, contract) if everything else 0
        reread = backfill.selector(connection, contract, settings, state.run.number, restore)
        names = (one.name for one in state.listing.objects)
        known = (
            ledger.committed(connection, contract) if everything else ledger.committed_of(connection, contract, names)
        )
        state.todo = objects.pending(state.listing.objects, known, reread)
        plan = _plan(connection, contract, settings, held, state)
    if state.todo:
        state.unread = _load(spark, state.todo, plan, settings.max_invalid_share)
    state.loaded = True
    with database.connect(settings.target) as connection:
        held.check(connection)  # Of a restored database, the next step may remove the only evidence.
        moved = collisions.apply_winners(connection, plan.destination)
        if settings.backfill_from:
            parquet.reset_days(connection, plan.destination, settings.backfill_from, settings.backfill_to)
        recovered = _recover_parquet(spark, connection, plan, moved)
        if everything:
            _tidy(connection, plan, settings, state, restore)
        held.check(connection)
        state.findings += crawl.start_if_due(
            settings, contract, state, ledger.profile_of_run(connection, contract, state.run.number)
        )
        state.committed_versions = _committed_versions(connection, plan)
        state.lag_s = _lag(state)
        _check_expectations(connection, plan, state)
        _check_complete(connection, plan, state)
        state.summary = {**_summary(connection, plan, state, recovered), **_object_summary(state)}


def _needs_full_listing(contract: Contract, settings: Settings, number: int) -> bool:
    """Report whether a run lists all objects. Backfill and replay can apply to any object, so they require it."""
    if not settings.feed or settings.backfill_from or settings.replay:
        return True
    with database.connect(settings.target) as connection:
        return runs.full_listing_due(connection, contract, number, settings.full_listing_hours)


def _tidy(connection: Connection, plan: Plan, settings: Settings, state: RunState, restore: int) -> None:
    """Clean up after a full listing."""
    contract = plan.contract
    cleaned = abandoned_quarantine.remove(connection, plan, restore)
    if cleaned:
        _log.warning("removed quarantine entries of %d objects that failed runs had left", cleaned)
    present = {objects.identity(o.name) for o in state.listing.objects}
    ledger.delete_gone(connection, contract, present, settings.ledger_days)
    today = datetime.now(UTC).date()
    state.findings += catalog.hidden_days(settings.bucket, contract, settings.region, today)


def _check_complete(connection: Connection, plan: Plan, state: RunState) -> None:
    """Raise BalanceError if an object is neither complete in the ledger nor reported as unread."""
    ended = {one.name for one in state.committed_versions if one.complete} | {one.name for one in state.unread}
    remaining = [one for one in state.todo if one.name not in ended]
    known = ledger.committed_of(connection, plan.contract, (one.name for one in remaining))
    for one in remaining:
        progress = known.get((objects.identity(one.name), one.version))
        if not (progress and progress.complete):
            raise ledger.BalanceError(f"{one.name}: not loaded completely, but no error was reported")


def _delete_feed(contract: Contract, settings: Settings, state: RunState) -> None:
    """Delete the feed's files, except files that name unread objects, which the next feed run tries again."""
    failed = {one.name for one in _failed(state.unread)}
    kept = feed.naming(settings.bucket, contract, settings.region, state.listing.feed, failed)
    feed.delete(settings.bucket, settings.region, [file for file in state.listing.feed if file not in kept])


def _failed(unread: list[Unread]) -> list[Unread]:
    """Return the unread objects that a later run may be able to read: not archived and not deleted."""
    return [one for one in unread if one.reason not in (ARCHIVED, GONE)]


def _check_unread(unread: list[Unread], settings: Settings) -> None:
    archived = [one for one in unread if one.reason == ARCHIVED]
    failed = _failed(unread)
    limits = ((failed, settings.max_unread, "max_unread"), (archived, settings.max_archived, "max_archived"))
    for group, limit, option in limits:
        if limit is not None and len(group) > limit:
            raise UnreadError(
                f"{len(group)} objects could not be read, and {option} allows {limit}; all others are loaded. "
                f"First: {group[0].name!a}: {group[0].reason}: {group[0].detail}"
            )


def _object_summary(state: RunState) -> dict[str, Any]:
    """Return the summary's members about objects, findings and expectations."""
    return {
        "listing": state.listing.kind,
        "objects": {
            "listed": len(state.listing.objects),
            "considered": len(state.todo),
            "passed_over": len(state.listing.hidden),
            "unread": len(state.unread),
        },
        "unread": {
            "reasons": dict(Counter(one.reason for one in state.unread)),
            "first": [asdict(one) for one in state.unread[:_NAMED]],
        },
        "findings": state.findings,
        "expectations": dict(Counter("met" if one.met else "failed" for one in state.run.expectations or [])),
    }


def _committed_versions(connection: Connection, plan: Plan) -> list[CommittedVersion]:
    """Return the object versions with lines that the run committed."""
    query = (
        "select max(source_object), version, sum(o.rows_read), sum(o.rows_quarantined), max(complete),"
        f" max(committed_at) from {plan.contract.objects_table} o join {plan.contract.batches_table} using (batch_id)"
        " where batch_id between %s and %s group by object_id, version"  # Names can differ only in trailing spaces.
    )
    found = database.rows(connection, query, *ledger.ids(plan.run_number))
    return [
        CommittedVersion(name, version, int(lines), int(invalid), bool(complete), at.replace(tzinfo=UTC).timestamp())
        for name, version, lines, invalid, complete, at in found
    ]


def _check_expectations(connection: Connection, plan: Plan, state: RunState) -> None:
    """Check the contract's expectations. Neither a failed expectation nor an error fails the run."""
    try:
        state.run.expectations = expectations.check(connection, plan.contract, plan.run_number, state.listing)
    except Exception as error:
        _log.exception("cannot check the expectations")
        state.findings.append({"kind": "expectations_unknown", "about": "the run", "detail": str(error)})


def _lag(state: RunState) -> float | None:
    """Return the longest time, in seconds, from an object's last modification to the commit that completed it.

    Ignore objects that are read again.
    """
    ended = {(one.name, one.version): one.committed for one in state.committed_versions if one.complete}
    new = ((one.modified, ended.get((one.name, one.version))) for one in state.todo if not one.reread)
    return max((max(at - modified / 1000, 0) for modified, at in new if at is not None), default=None)


def _plan(connection: Connection, contract: Contract, settings: Settings, held: lock.Lock, state: RunState) -> Plan:
    pending = sum(one.size for one in state.todo)
    size = commit_size.for_run(connection, settings.target.table, settings.commit_rows, pending)
    if size.rows > settings.commit_rows:
        _log.info("commits have up to %d rows: the table's index is larger than the database's memory", size.rows)
    return Plan(
        contract=contract,
        target=settings.target,
        lock=held,
        bucket=settings.bucket,
        region=settings.region,
        run_id=settings.run_id,
        run_day=datetime.now(UTC).date().isoformat(),
        run_number=state.run.number,
        commit_rows=size.rows,
        commit_bytes=size.bytes,
        memory=size.memory,
        kept=settings.kept_line_mib << 20,
        only_listed=settings.max_invalid_share < 1,
    )


def _load(spark: SparkSession, todo: list[SourceObject], plan: Plan, max_invalid_share: float) -> list[Unread]:
    """Load all objects and return those that could not be read. Raise BalanceError if another object was not read to
    its end, or if the counts of the ledger and the workers differ.
    """
    items = parts.cut(spark, todo, plan.region, _workers(spark))
    frame = distribute(spark, items, plan.commit_bytes)
    error_threshold.check(frame, plan, max_invalid_share)
    results = frame.mapInArrow(partition.loader(plan), partition.RESULT).collect()
    unread = [Unread(**one) for r in results for one in json.loads(r.unread)]
    with database.connect(plan.target) as connection:
        recorded = {b.batch_id: b.rows_read for b in ledger.of_run(connection, plan.contract, plan.run_number)}
    ended, read = sum(r.objects for r in results) + len(unread), sum(r.rows_read + r.repeated for r in results)
    mine = {r.batch_id: r.rows_read for r in results if r.batch_id is not None}
    if ended != len(items) or read != sum(recorded.values()) or not mine.items() <= recorded.items():
        raise ledger.BalanceError(
            f"{ended} of {len(items)} objects and {read} lines were loaded, {mine}, but the ledger has {recorded}"
        )
    failed = {one.name: one for one in reversed(unread)}
    _complete_parts(plan, [one for one in items if one.part and one.name not in failed])
    return list(failed.values())


def _complete_parts(plan: Plan, items: list[SourceObject]) -> None:
    """Mark objects as complete once all their parts are loaded. First remove their stale quarantine entries, which
    killed runs and earlier readings left.
    """
    whole = list({one.name: one for one in items}.values())
    if not whole:
        return
    with database.connect(plan.target) as connection:
        plan.lock.check(connection)
        versions = ledger.Versions(connection, plan.contract)
        for one in whole:
            committed = versions.committed_ranges(one.name, one.version)
            quarantine.remove_stale_entries(
                plan.store, one.name, one.version, committed, lambda: plan.lock.check(connection)
            )
        ledger.mark_complete(connection, plan.contract, plan.run_number, whole)
        plan.lock.check(connection)
        connection.commit()


def _workers(spark: SparkSession) -> int:
    """Return the number of tasks that run at the same time."""
    context = spark.sparkContext
    # Glue adds executors while tasks wait, so there may be none yet. spark.executor.cores is the number of each.
    # https://docs.aws.amazon.com/glue/latest/dg/auto-scaling.html
    return max(context.defaultParallelism, int(context.getConf().get("spark.executor.cores", "1") or 1))


def distribute(spark: SparkSession, todo: list[SourceObject], max_bytes: int) -> DataFrame:
    """Return a frame with one row per partition, whose column `objects` is the input of `reader.items`. Partitions
    of small objects have at most `max_bytes`.
    """
    texts = [(objects.to_json(group),) for group in objects.partitions(todo, _workers(spark), max_bytes)]
    return spark.createDataFrame(spark.sparkContext.parallelize(texts, len(texts)), "objects string")


def _recover_parquet(spark: SparkSession, connection: Connection, plan: Plan, moved: set[int]) -> int:
    """Write the Parquet of `moved` and of all batches without Parquet, which killed runs left; return their number."""
    batches = sorted(moved.union(ledger.without_parquet(connection, plan.contract)))
    if batches:
        recover = parquet.recoverer(plan.destination)
        spark.sparkContext.parallelize(batches, min(len(batches), objects.MAX_PARTITIONS)).map(recover).collect()
    return len(batches)


def _summary(connection: Connection, plan: Plan, state: RunState, recovered: int) -> dict[str, Any]:
    connection.commit()
    contract = plan.contract
    batches = ledger.of_run(connection, contract, plan.run_number)
    return {
        "run_id": plan.run_id,
        "run_number": plan.run_number,
        **ledger.totals(batches),
        "parquet_recovered": recovered,
        "streams": _streams(state),
        "batches": [vars(b) for b in batches],
    }


def _streams(state: RunState) -> dict[str, dict[str, int]]:
    """Return the number of objects and lines that the run read, by stream."""
    names, lines = dict[str, set[str]](), Counter[str]()
    for one in state.committed_versions:
        stream = one.name.split("/")[3]
        names.setdefault(stream, set()).add(one.name)
        lines[stream] += one.lines
    return {stream: {"objects": len(names[stream]), "rows_read": lines[stream]} for stream in sorted(names)}
