"""The process that Spark forks its Python workers from: PySpark's own, with less left for each worker to do.

Spark starts it by name (`spark.python.daemon.module` in spark-defaults.conf).
"""

import os
import sys
from pathlib import Path

# What a worker calls of AWS; which region is of no account for the services' models.
_SERVICES = ("s3", "secretsmanager")
_REGION = "us-east-1"


def leave_archives() -> None:
    """Import PySpark from its folder, not from the archives that Spark puts on the PYTHONPATH.

    A worker begins each task with importlib.invalidate_caches(), and Python then reads the names in every archive
    again. Those of pyspark.zip, and of Spark's own jar, which holds no module, take half a second of a processor.
    To be called before anything of PySpark is imported.
    """
    home = Path(os.environ["SPARK_HOME"])
    spark = (str(home), os.path.realpath(home / "jars"))  # The parts of a home may be links.
    sys.path[:] = [path for path in sys.path if not path.startswith(spark)]
    for path in [path for path in sys.path_importer_cache if path.startswith(spark)]:
        del sys.path_importer_cache[path]


def load() -> None:
    """Import what every worker needs, and read the services' models. Nothing is connected yet."""
    import boto3
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet
    from pyspark.sql.pandas.utils import require_minimum_pyarrow_version

    require_minimum_pyarrow_version()
    pa.array([0])  # The first one has Arrow look for pandas.
    for service in _SERVICES:
        boto3.client(service, region_name=_REGION)


def serve() -> None:
    """Fork workers until Spark ends."""
    from pyspark import daemon

    daemon.manager()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    leave_archives()
    load()
    serve()
