"""The context of a job: a Spark session, readers, and the run's bookmark.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from pyspark.context import SparkContext
from pyspark.sql import SparkSession

from awsglue.bookmark import Bookmark
from awsglue.reader import DynamicFrameReader


class GlueContext:
    """Wraps a SparkContext."""

    def __init__(self, spark_context: SparkContext) -> None:
        self.spark_session: SparkSession = SparkSession(spark_context)
        self.bookmark = Bookmark()

    @property
    def create_dynamic_frame(self) -> DynamicFrameReader:
        return DynamicFrameReader(self.spark_session, self.bookmark)
