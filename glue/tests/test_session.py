"""The Spark session of the tests."""

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from testsupport import tools


def test_java_maps_the_archive_of_classes(spark: SparkSession) -> None:
    """Java silently ignores an archive that was made for another class path."""
    archive = tools.required("STORE_EVENTS_JARS") / "classes.jsa"
    gateway: Any = spark.sparkContext._gateway
    java = gateway.proc.pid
    assert (str(archive) in Path(f"/proc/{java}/maps").read_text()) == archive.exists()
