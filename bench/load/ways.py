"""The ways that are compared, each as a function that loads an input into an empty database."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from load.events import Input
from store_events import contract as contracts
from store_events import csv_codec
from store_events.contract import Field
from store_events.mysql import database, tables
from store_events.settings import Target
from testsupport import dbserver, former_layout
from testsupport.stack import Stack

TABLE = "sales_txns_tbl"
_CONNECTIONS = 2
_BLOCK = 1 << 20  # Bytes.


@dataclass(frozen=True)
class Ended:
    """How a load ended, as far as it is not plain: `committed` is when its last rows were, if other work follows that.
    A way that runs in a process apart says how long it took, without its start, and what it used of processors.
    """

    committed: datetime | None = None
    seconds: float | None = None
    processor: float | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """A way loads few rows if it is `slow`. `exact` says that it keeps the milliseconds of timestamps."""

    name: str
    load: Callable[[Stack, Input], Ended]
    slow: bool = False
    exact: bool = True


def plain(spark: SparkSession, source: Input) -> DataFrame:
    """The objects as Spark reads them, with the contract's types, so that Spark does not infer them first."""
    types = {"string": "string", "timestamp": "timestamp"}
    columns = (f"{f.name} {types.get(f.kind, f.type)}" for f in contracts.load().fields)
    reader = spark.read.schema(", ".join(columns)).option("recursiveFileLookup", True)
    return reader.json(source.locations)


def _append(options: str) -> Callable[[Stack, Input], Ended]:
    def load(stack: Stack, source: Input) -> Ended:
        url = f"jdbc:mysql://127.0.0.1:{stack.database.port}/{dbserver.DATABASE}?sslMode=REQUIRED{options}"
        login = {"user": dbserver.USER, "password": dbserver.PASSWORD, "driver": "com.mysql.cj.jdbc.Driver"}
        plain(stack.spark, source).write.jdbc(url, TABLE, mode="append", properties=login)
        return Ended()

    return load


def _two_step(stack: Stack, source: Input) -> Ended:
    """Text files first, then the database."""
    target = stack.settings.target
    with database.connect(target) as connection:
        tables.ensure(connection, TABLE, contracts.load())
        # Keyed by request_id, as the table of somebody is who loads in this way.
        for statement in former_layout.statements(TABLE, contracts.load().collisions_table):
            database.execute(connection, statement)
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        _encoded(plain(stack.spark, source)).write.mode("overwrite").text(folder)
        files = sorted(Path(folder).glob("part-*"))
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(lambda i: _send(target, files[i::_CONNECTIONS]), range(_CONNECTIONS)))
    return Ended()


def _encoded(events: DataFrame) -> DataFrame:
    fields = contracts.load().fields
    cells = [_cell(_value(field), field) for field in fields]
    day = F.date_format(next(f.name for f in fields if f.kind == "timestamp"), "yyyy-MM-dd")
    return events.select(F.concat_ws(",", *cells, F.lit(csv_codec.NULL), day))


def _cell(value: Column, field: Field) -> Column:
    """The value as text in the job's csv. A string must not have quotes in it."""
    text = F.concat(F.lit('"'), value, F.lit('"')) if field.kind == "string" else value
    return F.coalesce(text, F.lit(csv_codec.NULL))


def _value(field: Field) -> Column:
    value = F.col(field.name)
    if field.kind == "timestamp":
        return F.date_format(value, "yyyy-MM-dd HH:mm:ss.SSS")
    return (value.cast("int") if field.kind == "boolean" else value).cast("string")


def _send(target: Target, files: list[Path]) -> None:
    """One transaction for all files of a connection."""
    names = ", ".join(f.name for f in csv_codec.columns(contracts.load()))
    with database.connect(target) as connection:
        for file in files:
            with file.open("rb") as blocks:
                connection.infile = iter(lambda: blocks.read(_BLOCK), b"")
                statement = (
                    f"load data local infile 'rows' into table {TABLE} {csv_codec.LOAD} ({names}) set batch_id=1"
                )
                database.execute(connection, statement)
        connection.commit()


def _guaranteed(stack: Stack, source: Input) -> Ended:
    summary = stack.run(catalog_database=source.bucket, bucket=source.bucket)
    assert summary["run_number"] == 1, "the bucket has something of a run before"
    [(committed,)] = stack.database.rows("select max(committed_at) from etl_batches")
    assert isinstance(committed, datetime)
    return Ended(committed.replace(tzinfo=UTC))


def _peer(name: str) -> Callable[[Stack, Input], Ended]:
    """A library of others, by its script in bench/peers, with the Python that bench/peers/install made."""

    def load(stack: Stack, source: Input) -> Ended:
        contract = contracts.load()
        key = contract.fields[0]
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as authorities:
            authorities.write(stack.database.ca)
            authorities.flush()
            given = {
                "endpoint": os.environ["AWS_ENDPOINT_URL"], "region": os.environ["AWS_REGION"], "table": TABLE,
                "bucket": f"s3://{source.bucket}", "locations": source.locations, "key": key.name,
                "key_length": key.params[0], "fields": [(f.name, f.kind, f.params) for f in contract.fields],
                "timestamps": [f.name for f in contract.of_kind("timestamp")],
                "database": {"port": stack.database.port, "user": dbserver.USER, "password": dbserver.PASSWORD,
                             "name": dbserver.DATABASE, "ca": authorities.name},
            }  # fmt: skip
            return _run_peer(name, given)

    return load


def _run_peer(name: str, given: dict[str, Any]) -> Ended:
    script = Path(__file__).resolve().parents[1] / "peers" / f"load_{name}.py"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "AWS_ENDPOINT"))}
    done = subprocess.run(
        [os.environ["STORE_EVENTS_PEERS"], script], input=json.dumps(given), capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return Ended(seconds=answer["seconds"], processor=answer["processor"], versions=answer["versions"])


def _awswrangler(stack: Stack, source: Input) -> Ended:
    """Into a table with the key, which awswrangler itself does not make."""
    contract = contracts.load()
    key = {contract.key: " not null primary key"}
    columns = (f"{f.name} {f.mysql_type}{key.get(f.name, '')}" for f in contract.fields)
    stack.database.rows(f"create table {TABLE} ({', '.join(columns)}) collate utf8mb4_bin")
    return _peer("awswrangler")(stack, source)


GUARANTEED = Way("guaranteed", _guaranteed)
TWO_STEP = Way("two-step", _two_step)
WAYS = (
    Way("append", _append(""), slow=True, exact=False),
    Way("append-rewrite", _append("&rewriteBatchedStatements=true"), slow=True, exact=False),
    Way("awswrangler", _awswrangler, slow=True),
    Way("dlt", _peer("dlt"), slow=True),
    TWO_STEP,
    GUARANTEED,
)
