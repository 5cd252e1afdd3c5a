"""Dynamic frames, as far as they are Spark data frames.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType


class DynamicFrame:
    """A data frame, or nothing at all: a source without objects has no columns."""

    def __init__(self, spark: SparkSession, frame: DataFrame | None) -> None:
        self._spark = spark
        self._frame = frame

    def toDF(self) -> DataFrame:
        return self._frame if self._frame is not None else self._spark.createDataFrame([], StructType([]))

    def count(self) -> int:
        return self.toDF().count()
