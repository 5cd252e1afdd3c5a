"""The process that Spark forks Python workers from: PySpark's daemon, which also preloads libraries for the workers.

spark-defaults.conf sets it as `spark.python.daemon.module`.
"""

import gc
import os
import sys
from pathlib import Path

# The AWS services that workers call. The region does not affect the services' models.
_SERVICES = ("s3", "secretsmanager")
_REGION = "us-east-1"


def leave_archives() -> None:
    """Remove the archives that Spark adds to the PYTHONPATH from sys.path, so that PySpark is imported from its folder.

    Each task calls importlib.invalidate_caches(), after which Python reads the directory of every archive again. For
    pyspark.zip and Spark's jar, this takes half a second of CPU time. Call it before importing PySpark.
    """
    home = Path(os.environ["SPARK_HOME"])
    spark = (str(home), os.path.realpath(home / "jars"))  # jars may be a symbolic link.
    sys.path[:] = [path for path in sys.path if not path.startswith(spark)]
    for path in [path for path in sys.path_importer_cache if path.startswith(spark)]:
        del sys.path_importer_cache[path]


def load() -> None:
    """Import the libraries that every worker needs, and load the services' models. Open no connections."""
    import boto3
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet
    from pyspark.sql.pandas.utils import require_minimum_pyarrow_version

    require_minimum_pyarrow_version()
    pa.array([0])  # The first array makes Arrow try to import pandas.
    for service in _SERVICES:
        boto3.client(service, region_name=_REGION)
    # PySpark's workers collect garbage after each task, which takes a tenth of a second if it includes all this.
    gc.freeze()


def serve() -> None:
    """Fork workers until Spark exits."""
    from pyspark import daemon

    daemon.manager()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    leave_archives()
    load()
    serve()
