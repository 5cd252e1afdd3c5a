"""The context of a job: its Spark session, readers, writers and bookmark.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

import logging
import warnings
from typing import Any

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from awsglue.bookmark import Bookmark
from awsglue.dynamicframe import DynamicFrame
from awsglue.reader import DynamicFrameReader
from awsglue.writer import DynamicFrameWriter


class DataFrameReader:
    """The type of `GlueContext.create_data_frame`. It reads the same sources as Spark data frames."""

    def __init__(self, frames: DynamicFrameReader) -> None:
        self._frames = frames

    def from_catalog(self, *args: Any, **kwargs: Any) -> DataFrame:
        return self._frames.from_catalog(*args, **kwargs).toDF()

    def from_options(self, *args: Any, **kwargs: Any) -> DataFrame:
        return self._frames.from_options(*args, **kwargs).toDF()


class GlueContext(SQLContext):
    """Wraps a SparkContext or a SparkSession."""

    def __init__(self, sparkContext: SparkContext | SparkSession | None = None, **options: Any) -> None:
        session = sparkContext if isinstance(sparkContext, SparkSession) else SparkSession.builder.getOrCreate()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # SQLContext is deprecated, but Glue's class extends it.
            super().__init__(session.sparkContext, session)
        self.spark_session: SparkSession = session
        self.bookmark = Bookmark()
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self.create_dynamic_frame)
        self.write_dynamic_frame = DynamicFrameWriter(self)

    def get_logger(self) -> logging.Logger:
        """Return a logger with the methods info, warn and error."""
        return logging.getLogger("glue")

    def create_dynamic_frame_from_catalog(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_catalog(*args, **kwargs)

    def create_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_options(*args, **kwargs)

    def create_dynamic_frame_from_rdd(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_rdd(*args, **kwargs)

    def create_data_frame_from_catalog(self, *args: Any, **kwargs: Any) -> DataFrame:
        return self.create_data_frame.from_catalog(*args, **kwargs)

    def create_data_frame_from_options(self, *args: Any, **kwargs: Any) -> DataFrame:
        return self.create_data_frame.from_options(*args, **kwargs)

    def write_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.write_dynamic_frame.from_options(*args, **kwargs)

    def write_dynamic_frame_from_catalog(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.write_dynamic_frame.from_catalog(*args, **kwargs)
