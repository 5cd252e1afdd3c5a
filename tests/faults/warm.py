"""What every worker needs, loaded once by the process that they are forked from: they start in no time then."""

import importlib

import boto3
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet  # noqa: F401


def up() -> None:
    """Read the AWS services' models; nothing is connected yet."""
    for service in ("s3", "secretsmanager"):
        boto3.client(service)
    importlib.import_module("pandas")
    from store_events import load, reader  # noqa: F401  Wrapped by now.
