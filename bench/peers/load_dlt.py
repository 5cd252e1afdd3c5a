"""dlt: read objects with the filesystem source, and append to MySQL with the sqlalchemy destination.

Settings from https://dlthub.com/docs/reference/performance and https://dlthub.com/docs/dlt-ecosystem/destinations/sqlalchemy:
objects are read as Arrow tables, which dlt does not normalize row by row; files are rotated so that several load in
parallel; orjson is installed. The ADBC driver for MySQL, which loads Parquet faster, is not in a package registry.
"""

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow.json
from common import measure
from dlt.sources.filesystem import FileItemDict, filesystem

_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": "2",
    "NORMALIZE__WORKERS": "1",  # Arrow tables are not normalized, so more processes would only cost their start.
    "LOAD__WORKERS": "2",
    "DATA_WRITER__FILE_MAX_ITEMS": "25000",
    "SOURCES__DATA_WRITER__FILE_MAX_ITEMS": "25000",
}


def load(given: dict[str, Any]) -> None:
    os.environ.update(_ENVIRONMENT)
    credentials = {
        "aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": given["region"],
        "endpoint_url": given["endpoint"],
    }  # fmt: skip
    schema = _schema(given)

    @dlt.transformer(standalone=True, name="events", max_table_nesting=0)
    def tables(items: list[FileItemDict]) -> Iterator[Any]:
        options = pyarrow.json.ParseOptions(explicit_schema=schema)
        for item in items:
            with item.open() as file:
                yield pyarrow.json.read_json(file, parse_options=options)

    database = given["database"]
    url = f"mysql+pymysql://{database['user']}:{database['password']}@127.0.0.1:{database['port']}/{database['name']}"
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "events",
            pipelines_dir=folder,
            destination=dlt.destinations.sqlalchemy(f"{url}?ssl_ca={database['ca']}", create_primary_keys=True),
            dataset_name=database["name"],
        )
        columns = {
            given["key"]: {
                "data_type": "text",
                "precision": given["key_length"],
                "primary_key": True,
                "nullable": False,
            }
        }
        resources = []
        for number, location in enumerate(given["locations"]):
            objects = filesystem(location, credentials, file_glob="**/*.gz", files_per_page=1)
            resource = (objects | tables()).with_name(f"stream_{number}")
            resource.apply_hints(write_disposition="append", table_name=given["table"], columns=columns)
            resources.append(resource)
        pipeline.run(resources, loader_file_format="parquet").raise_on_failed_jobs()


def _schema(given: dict[str, Any]) -> pyarrow.Schema:
    types = {
        "string": pyarrow.string(), "bigint": pyarrow.int64(), "int": pyarrow.int32(), "boolean": pyarrow.bool_(),
        "timestamp": pyarrow.timestamp("ms", "UTC"),
    }  # fmt: skip
    return pyarrow.schema(
        [(name, types.get(kind) or pyarrow.decimal128(*params)) for name, kind, params in given["fields"]]
    )


measure(load, "dlt", "SQLAlchemy", "PyMySQL")
