"""Rows of lines, by the fast path and by the rule."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from store_events import contract, csvtext, days, plain, rule

OBJECT = "s3://bucket/sale_events/dt=2024-05-02/x.json"


def plain_rows(spark: SparkSession, lines: list[bytes], source_object: str = OBJECT) -> list[str | None]:
    frame = spark.createDataFrame([(i, bytearray(line)) for i, line in enumerate(lines)], "i int, line binary")
    named = frame.orderBy("i").select(F.col("line").cast("string"), F.lit(days.of_object(source_object)).alias("day"))
    return [r.row for r in plain.rows(named, contract.load(), "2024-05-03").collect()]


def rule_row(line: bytes, source_object: str = OBJECT) -> str | None:
    event = rule.judge(line, contract.load())
    if not isinstance(event, rule.Event):
        return None
    day = days.of_row(source_object, event.values[3], "2024-05-03")
    return csvtext.row(csvtext.columns(contract.load()), [*event.values, event.extra, day]).decode()
