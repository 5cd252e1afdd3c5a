"""One run: lock, load the new lines, bring the Parquet up to the table, and say what happened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from store_events import curate, database, ledger, load, lock, plain, source, tables
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
        number = ledger.next_run(connection, contract)
        connection.commit()
        lines = source.read(glue_context, found)
        if lines is not None:
            now = datetime.now(UTC)
            plan = Plan(
                contract, target, held, settings.bucket, settings.region, settings.run_id,
                now.date().isoformat(), number, settings.commit_rows,
            )  # fmt: skip
            _load(lines, plan)
        recovered = _recover_parquet(spark, connection, contract, settings)
        held.check(connection)
        return _summary(connection, contract, settings, number, recovered)


def _load(lines: DataFrame, plan: Plan) -> None:
    """Load all lines; raise BalanceError unless the ledger has as many as the workers read."""
    results = prepared(lines, plan).mapInArrow(load.loader(plan), load.RESULT).collect()
    with database.connect(plan.target) as connection:
        recorded = {b.batch_id: b.rows_read for b in ledger.of_run(connection, plan.contract, plan.run_number)}
    if recorded != {r.batch_id: r.rows_read for r in results}:
        raise ledger.BalanceError(f"the workers loaded {results}, but the ledger has {recorded}")


def prepared(lines: DataFrame, plan: Plan) -> DataFrame:
    """Lines as the workers take them: whole objects a partition, plain lines as rows.

    The number of partitions is Spark's to choose by the amount of data; it never splits one of an explicit key.
    """
    judged = plain.rows(lines.where(F.col("line").rlike(r"[^ \t\r]")), plan.contract, plan.run_day)
    line = F.when(F.col("row").isNull(), F.col("line").cast("binary"))
    # Only what is loaded is shuffled, and a large object is parsed by several workers.
    loadable = judged.select("source_object", "row", line.alias("line"))
    return loadable.repartition("source_object").sortWithinPartitions("source_object")


def _recover_parquet(spark: SparkSession, connection: Connection, contract: Contract, settings: Settings) -> int:
    """Write the Parquet of all batches that lack it, those of dead runs; how many they are."""
    connection.commit()  # See what the workers committed.
    batches = ledger.without_parquet(connection, contract)
    if batches:
        to = curate.Curation(contract, settings.target, settings.bucket, settings.region)
        spark.sparkContext.parallelize(batches, len(batches)).map(curate.recoverer(to)).collect()
    return len(batches)


def _summary(
    connection: Connection, contract: Contract, settings: Settings, number: int, recovered: int
) -> dict[str, Any]:
    connection.commit()
    batches = ledger.of_run(connection, contract, number)
    query = (
        f"select substring_index(substring_index(source_object, '/', 4), '/', -1), count(*), sum(rows_read)"
        f" from {contract.objects_table} where batch_id between %s and %s group by 1 order by 1"
    )
    streams = {
        name: {"objects": objects, "rows_read": int(lines)}
        for name, objects, lines in database.rows(connection, query, *ledger.ids(number))
    }
    return {
        "run_id": settings.run_id,
        **ledger.totals(batches),
        "parquet_recovered": recovered,
        "streams": streams,
        "batches": [vars(b) for b in batches],
    }
