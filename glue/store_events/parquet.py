"""The Parquet of a batch, written from the committed rows under a name that a repeat replaces."""

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from pymysql.cursors import SSCursor

from store_events import database, ledger
from store_events.contract import Contract, Field
from store_events.database import Target, quoted
from store_events.infile import Connection

_ROWS = 20_000  # In memory at once, and in a row group.


def schema(contract: Contract) -> pa.Schema:
    """The columns of the curated table: the contract's fields and extra."""
    return pa.schema([*((f.name, arrow_type(f)) for f in contract.fields), ("extra", pa.string())])


def arrow_type(field: Field) -> pa.DataType:
    match field.kind:
        case "string":
            return pa.string()
        case "decimal":
            return pa.decimal128(*field.params)
        case "timestamp":
            return pa.timestamp("ms")
        case "boolean":
            return pa.bool_()
        case "int":
            return pa.int32()
    return pa.int64()


def writer(contract: Contract, target: Target, bucket: str, region: str) -> Callable[[str], int]:
    """A function that writes one batch's Parquet and marks it in the ledger; it answers the number of rows."""

    def write(batch_id: str) -> int:
        with database.connect(target) as connection:
            client = boto3.client("s3", region_name=region)
            query = f"select distinct {quoted(contract.partition_key)} from {quoted(target.table)} where batch_id=%s"
            written = 0
            for (day,) in database.rows(connection, query, batch_id):
                prefix = folder(contract, batch_id, str(day))
                _remove(client, bucket, prefix)
                with tempfile.TemporaryFile() as file:
                    written += _write_day(connection, contract, target, batch_id, day, file)
                    file.seek(0)
                    client.upload_fileobj(file, bucket, f"{prefix}part-00000.parquet")
            ledger.mark_parquet(connection, contract, batch_id)
            return written

    return write


def folder(contract: Contract, batch_id: str, day: str) -> str:
    return f"{contract.prefixes['curated']}/{contract.partition_key}={day}/batch_id={batch_id}/"


def _remove(client: Any, bucket: str, prefix: str) -> None:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys})


def _write_day(
    connection: Connection, contract: Contract, target: Target, batch_id: str, day: object, file: Any
) -> int:
    with pq.ParquetWriter(file, schema(contract), compression="snappy", write_statistics=True) as out:
        written = 0
        for text in _chunks(connection, contract, target, batch_id, day):
            table = _parse(text, contract)
            out.write_table(table, row_group_size=_ROWS)
            written += len(table)
    return written


def _chunks(connection: Connection, contract: Contract, target: Target, batch_id: str, day: object) -> Iterator[bytes]:
    """The rows as csv that the server puts together: one value a row is all that Python handles."""
    cells = ", ',', ".join(_cell(f) for f in (*contract.fields, Field("extra", "string(0)")))
    query = (
        f"select concat({cells}) from {quoted(target.table)} where batch_id=%s and {quoted(contract.partition_key)}=%s"
    )
    with connection.cursor(SSCursor) as cursor:
        cursor.execute(query, (batch_id, day))
        while rows := cursor.fetchmany(_ROWS):
            yield "\n".join(text for (text,) in rows).encode()


def _cell(field: Field) -> str:
    """A csv cell: strings in quotes, null as nothing."""
    name = quoted(field.name)
    if field.kind == "string":
        return f"""coalesce(concat('"', replace({name}, '"', '""'), '"'), '')"""
    return f"coalesce({name}, '')"


def _parse(text: bytes, contract: Contract) -> pa.Table:
    columns = schema(contract)
    return pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(column_names=columns.names, block_size=len(text) + 1),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=columns,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["1"],
            false_values=["0"],
        ),
    )
