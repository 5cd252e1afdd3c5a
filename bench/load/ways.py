"""The ways that are compared, each as a function that loads an input into an empty database."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from load.events import Input
from store_events import contract as contracts
from store_events.contract import Field
from store_events.load import csv_codec, database, tables
from store_events.load.database import Target
from testsupport import dbserver, former_layout
from testsupport.stack import Stack

TABLE = "sales_txns_tbl"
_CONNECTIONS = 2
_BLOCK = 1 << 20  # Bytes.


@dataclass(frozen=True)
class Way:
    """`load` answers when the last rows were committed, as a UTC time, where other work follows that."""

    name: str
    load: Callable[[Stack, Input], datetime | None]
    slow: bool = False


def _events(stack: Stack, source: Input) -> DataFrame:
    """The objects as Spark reads them, with the contract's types, so that Spark does not infer them first."""
    types = {"string": "string", "timestamp": "timestamp"}
    columns = (f"{f.name} {types.get(f.kind, f.type)}" for f in contracts.load().fields)
    reader = stack.spark.read.schema(", ".join(columns)).option("recursiveFileLookup", True)
    return reader.json(source.locations)


def _append(options: str) -> Callable[[Stack, Input], None]:
    def load(stack: Stack, source: Input) -> None:
        url = f"jdbc:mysql://127.0.0.1:{stack.database.port}/{dbserver.DATABASE}?sslMode=REQUIRED{options}"
        login = {"user": dbserver.USER, "password": dbserver.PASSWORD, "driver": "com.mysql.cj.jdbc.Driver"}
        _events(stack, source).write.jdbc(url, TABLE, mode="append", properties=login)

    return load


def _two_step(stack: Stack, source: Input) -> None:
    """Text files first, then the database."""
    target = stack.settings.target
    with database.connect(target) as connection:
        tables.ensure(connection, TABLE, contracts.load())
        # Keyed by request_id, as the table of somebody is who loads in this way.
        for statement in former_layout.statements(TABLE, contracts.load().collisions_table):
            database.execute(connection, statement)
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder:
        _encoded(_events(stack, source)).write.mode("overwrite").text(folder)
        files = sorted(Path(folder).glob("part-*"))
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            list(pool.map(lambda i: _send(target, files[i::_CONNECTIONS]), range(_CONNECTIONS)))


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


def _guaranteed(stack: Stack, source: Input) -> datetime:
    stack.run(catalog_database=source.bucket, bucket=source.bucket)
    [(committed,)] = stack.database.rows("select max(committed_at) from etl_batches")
    assert isinstance(committed, datetime)
    return committed.replace(tzinfo=UTC)


GUARANTEED = Way("guaranteed", _guaranteed)
WAYS = (
    Way("append", _append(""), slow=True),
    Way("append-rewrite", _append("&rewriteBatchedStatements=true"), slow=True),
    Way("two-step", _two_step),
    GUARANTEED,
)
