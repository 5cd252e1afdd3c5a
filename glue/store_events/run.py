"""One run: lock, load what the ledger lacks, bring the Parquet up to the table, and say what happened."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from store_events import badshare, batch, curate, database, ledger, load, lock, objects, reload, runs, source
from store_events.batch import Plan
from store_events.contract import Contract
from store_events.infile import Connection
from store_events.objects import SourceObject
from store_events.settings import Settings


def run(glue_context: Any, contract: Contract, settings: Settings) -> dict[str, Any]:
    """Do one run, up to but without the bookmark. Answers its summary."""
    spark: SparkSession = glue_context.spark_session
    contract = contract.with_columns(settings.extra_columns)
    found = source.locations(settings.catalog_database, settings.table_prefix, contract)
    with lock.held(settings.target, settings.lock_wait_s) as held, runs.recorded(settings, contract) as number:
        listing = source.listing(found, settings.region)
        # Connections of their own before and after: none is idle for as long as the load takes.
        with database.connect(settings.target) as connection:
            plan = _plan(connection, contract, settings, held, number)
            again = reload.chosen(connection, contract, settings)
            todo = objects.pending(listing, ledger.known(connection, contract), again)
        if todo:
            _load(spark, todo, plan, settings.max_bad_share)
        with database.connect(settings.target) as connection:
            curate.reset_days(connection, plan.curation, reload.days(settings))
            recovered = _recover_parquet(spark, connection, plan)
            ledger.forget(connection, contract, {objects.identity(o.name) for o in listing}, settings.ledger_days)
            held.check(connection)
            return _summary(connection, plan, recovered)


def _plan(connection: Connection, contract: Contract, settings: Settings, held: lock.Lock, number: int) -> Plan:
    ledger.found_again(connection, contract, settings.target.table)
    return Plan(
        contract=contract,
        target=settings.target,
        lock=held,
        bucket=settings.bucket,
        region=settings.region,
        run_id=settings.run_id,
        run_day=datetime.now(UTC).date().isoformat(),
        run_number=number,
        commit_rows=settings.commit_rows,
        statement_rows=batch.statement_rows(connection),
    )


def _load(spark: SparkSession, todo: list[SourceObject], plan: Plan, max_bad_share: float) -> None:
    """Load all objects; raise BalanceError unless each came to its end and the ledger has what the workers read."""
    frame = shared_out(spark, todo)
    badshare.check(frame, plan, max_bad_share)
    results = frame.mapInArrow(load.loader(plan), load.RESULT).collect()
    with database.connect(plan.target) as connection:
        recorded = {b.batch_id: b.rows_read for b in ledger.of_run(connection, plan.contract, plan.run_number)}
    ended, read = sum(r.objects for r in results), sum(r.rows_read + r.repeated for r in results)
    mine = {r.batch_id: r.rows_read for r in results if r.batch_id is not None}
    if ended != len(todo) or read != sum(recorded.values()) or not mine.items() <= recorded.items():
        raise ledger.BalanceError(
            f"{ended} of {len(todo)} objects and {read} lines were loaded, {mine}, but the ledger has {recorded}"
        )


def shared_out(spark: SparkSession, todo: list[SourceObject]) -> DataFrame:
    """Objects by partition, a row each: column objects, as `reader.items` takes them."""
    context = spark.sparkContext
    groups = objects.partitions(todo, context.defaultParallelism)
    texts = [(json.dumps([asdict(one) for one in group]),) for group in groups]
    return spark.createDataFrame(context.parallelize(texts, len(texts)), "objects string")


def _recover_parquet(spark: SparkSession, connection: Connection, plan: Plan) -> int:
    """Write the Parquet of all batches that lack it, those of dead runs; how many they are."""
    batches = ledger.without_parquet(connection, plan.contract)
    if batches:
        recover = curate.recoverer(plan.curation)
        spark.sparkContext.parallelize(batches, len(batches)).map(recover).collect()
    return len(batches)


def _summary(connection: Connection, plan: Plan, recovered: int) -> dict[str, Any]:
    connection.commit()
    contract = plan.contract
    batches = ledger.of_run(connection, contract, plan.run_number)
    query = (
        f"select substring_index(substring_index(source_object, '/', 4), '/', -1), count(distinct object_id),"
        f" sum(rows_read) from {contract.objects_table} where batch_id between %s and %s group by 1 order by 1"
    )
    streams = {
        name: {"objects": count, "rows_read": int(lines)}
        for name, count, lines in database.rows(connection, query, *ledger.ids(plan.run_number))
    }
    return {
        "run_id": plan.run_id,
        "run_number": plan.run_number,
        **ledger.totals(batches),
        "parquet_recovered": recovered,
        "streams": streams,
        "batches": [vars(b) for b in batches],
    }
