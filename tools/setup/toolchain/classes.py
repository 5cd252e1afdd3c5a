"""Runs typical Spark operations of jobs, so that Java lists the classes that they load."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext
frame = spark.createDataFrame(context.parallelize([("a",), ("b",)], 2), "objects string")
frame.mapInArrow(lambda batches: batches, "objects string").collect()
frame.mapInArrow(lambda batches: batches, "objects string").groupBy().count().collect()
context.parallelize([0], 1).map(str).collect()
spark.stop()
