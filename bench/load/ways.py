"""The ways to load an input into an empty database."""

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
    """What a load reports. `committed` is the time of the last commit, if other work follows it. A way that runs in a
    separate process reports its seconds without the start, and its CPU time.
    """

    committed: datetime | None = None
    seconds: float | None = None
    processor: float | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way:
    """`slow` ways load fewer rows. `exact` ways keep the milliseconds of timestamps."""

    name: str
    load: Callable[[Stack, Input], Ended]
    slow: bool = False
    exact: bool = True


def plain(spark: SparkSession, source: Input) -> DataFrame:
    """Read the objects with Spark, using the contract's types so that Spark does not infer them first."""
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
    """Write text files, and send them to the database."""
    target = stack.settings.target
    with database.connect(target) as connection:
        tables.ensure(connection, TABLE, contracts.load())
        # With request_id as the primary key, as users who load in this way would define it.
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
    """Return the value as text of the job's CSV. A string must not contain quotes."""
    text = F.concat(F.lit('"'), value, F.lit('"')) if field.kind == "string" else value
    return F.coalesce(text, F.lit(csv_codec.NULL))


def _value(field: Field) -> Column:
    value = F.col(field.name)
    if field.kind == "timestamp":
        return F.date_format(value, "yyyy-MM-dd HH:mm:ss.SSS")
    return (value.cast("int") if field.kind == "boolean" else value).cast("string")


def _send(target: Target, files: list[Path]) -> None:
    """Send the files in one transaction."""
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
    assert summary["run_number"] == 1, "the bucket has files of an earlier run"
    [(committed,)] = stack.database.rows("select max(committed_at) from etl_batches")
    assert isinstance(committed, datetime)
    return Ended(committed.replace(tzinfo=UTC))


def _peer(name: str) -> Callable[[Stack, Input], Ended]:
    """Load with another library, with its script in bench/peers and the Python environment of bench/peers/install."""

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
    found = json.loads(done.stdout.splitlines()[-1])
    return Ended(seconds=found["seconds"], processor=found["processor"], versions=found["versions"])


def _awswrangler(stack: Stack, source: Input) -> Ended:
    """Load into a table with a primary key, which awswrangler does not create."""
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
