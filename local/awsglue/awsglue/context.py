"""The context of a job: a Spark session, and the run's bookmark.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from pyspark.context import SparkContext
from pyspark.sql import SparkSession

from awsglue.bookmark import Bookmark


class GlueContext:
    """Wraps a SparkContext."""

    def __init__(self, spark_context: SparkContext) -> None:
        self.spark_session: SparkSession = SparkSession(spark_context)
        self.bookmark = Bookmark()
