"""The state of a Spark worker before its first task."""

import gc
import sys
from collections.abc import Iterable
from zipimport import zipimporter

import pyarrow as pa
import pyspark
from pyspark.sql import SparkSession

# Spark 4 compares versions without setuptools.
_LIBRARIES = ["boto3", "pandas", "pyarrow.parquet", *(["setuptools"] if pyspark.__version__ < "4" else [])]


def test_worker_does_not_collect_its_libraries(spark: SparkSession) -> None:
    def collected(_: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays(
            [pa.array([gc.get_freeze_count()]), pa.array([len(gc.get_objects())])], names=["frozen", "others"]
        )

    one = spark.range(1, numPartitions=1)
    [row] = one.mapInArrow(collected, "frozen long, others long").collect()
    assert row.frozen > 4 * row.others


def test_worker_has_its_libraries_and_reads_no_archive(spark: SparkSession) -> None:
    libraries = _LIBRARIES  # A worker can't import this file.

    def seen(_: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        loaded = [name for name in libraries if name in sys.modules]
        archives = [path for path, finder in sys.path_importer_cache.items() if isinstance(finder, zipimporter)]
        yield pa.RecordBatch.from_arrays([pa.array([archives]), pa.array([loaded])], names=["archives", "loaded"])

    one = spark.range(1, numPartitions=1)
    [row] = one.mapInArrow(seen, "archives array<string>, loaded array<string>").collect()
    assert row.archives == []
    assert row.loaded == _LIBRARIES
