"""One run: lock, load the new lines, bring the Parquet up to the table, and say what happened."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from store_events import database, ledger, load, lock, parquet, plain, source, tables
from store_events.batch import Plan
from store_events.contract import Contract
from store_events.database import Target
from store_events.infile import Connection

_LOCK_WAIT_S = 10
_ARROW_ROWS = 5_000  # Rows that a worker has in memory at once.


@dataclass(frozen=True)
class Settings:
    """The job's arguments, and how much is committed at a time."""

    run_id: str
    catalog_database: str
    bucket: str
    table_prefix: str
    target: Target
    commit_rows: int = 500_000

    @property
    def region(self) -> str:
        return self.target.secret_arn.split(":")[3]


def run(glue_context: Any, contract: Contract, settings: Settings) -> dict[str, Any]:
    """Do one run, up to but without the bookmark. Answers its summary."""
    spark: SparkSession = glue_context.spark_session
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _ARROW_ROWS)
    found = source.locations(settings.catalog_database, settings.table_prefix, contract)
    target = settings.target
    with database.connect(target) as connection, lock.held(connection, target.table, _LOCK_WAIT_S) as held:
        tables.ensure(connection, target.table, contract)
        prefix = _batch_prefix(settings.run_id)
        lines = source.read(glue_context, found)
        if lines is not None:
            now = datetime.now(UTC)
            plan = Plan(
                contract, target, held, settings.bucket, settings.region, settings.run_id,
                now.date().isoformat(), prefix, settings.commit_rows,
            )  # fmt: skip
            _load(lines, plan)
        written = _write_parquet(spark, connection, contract, settings)
        held.check(connection)
        return _summary(connection, contract, settings, prefix, written)


def _batch_prefix(run_id: str) -> str:
    """A run's batches: the time, for people, and a digest, because a run id alone may be used by several attempts."""
    now = datetime.now(UTC)
    digest = hashlib.sha256(f"{run_id} {now.isoformat()}".encode()).hexdigest()
    return f"{now:%Y%m%dT%H%M%SZ}-{digest[:12]}"


def _load(lines: DataFrame, plan: Plan) -> None:
    """Load all lines; raise BalanceError unless the ledger has as many as the workers read."""
    results = prepared(lines, plan).mapInArrow(load.loader(plan), load.RESULT).collect()
    with database.connect(plan.target) as connection:
        recorded = {b.batch_id: b.rows_read for b in ledger.of_run(connection, plan.contract, plan.batch_prefix)}
    if recorded != {r.batch_id: r.rows_read for r in results}:
        raise ledger.BalanceError(f"the workers loaded {results}, but the ledger has {recorded}")


def prepared(lines: DataFrame, plan: Plan) -> DataFrame:
    """Lines as the workers take them: whole objects a partition, plain lines as rows."""
    line = F.when(F.col("row").isNull(), F.col("line").cast("binary"))
    parallel = lines.sparkSession.sparkContext.defaultParallelism
    whole = (
        lines.where(F.col("line").rlike(r"[^ \t\r]"))
        .repartition(parallel, "source_object")
        .sortWithinPartitions("source_object")
    )
    return plain.rows(whole, plan.contract, plan.run_day).select("source_object", "row", line.alias("line"))


def _write_parquet(spark: SparkSession, connection: Connection, contract: Contract, settings: Settings) -> int:
    """Write the Parquet of all batches that lack it, also those of dead runs; how many rows it has."""
    connection.commit()  # See what the workers committed.
    batches = ledger.without_parquet(connection, contract)
    if not batches:
        return 0
    write = parquet.writer(contract, settings.target, settings.bucket, settings.region)
    return sum(spark.sparkContext.parallelize(batches, len(batches)).map(write).collect())


def _summary(
    connection: Connection, contract: Contract, settings: Settings, prefix: str, written: int
) -> dict[str, Any]:
    connection.commit()
    batches = ledger.of_run(connection, contract, prefix)
    query = (
        f"select substring_index(substring_index(source_object, '/', 4), '/', -1), count(*), sum(rows_read)"
        f" from {contract.objects_table} where batch_id like %s group by 1 order by 1"
    )
    streams = {
        name: {"objects": objects, "rows_read": int(lines)}
        for name, objects, lines in database.rows(connection, query, prefix + "%")
    }
    return {
        "run_id": settings.run_id,
        **ledger.totals(batches),
        "parquet_rows": written,
        "streams": streams,
        "batches": [vars(b) for b in batches],
    }
