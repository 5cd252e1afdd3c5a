"""Parquet objects of a batch: curated/dt=…/batch_id=…/part-….parquet, with the curated table's columns."""

import tempfile
from types import TracebackType
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store_events import csvtext
from store_events.contract import Contract


def schema(contract: Contract) -> pa.Schema:
    """The contract's fields and extra; the day is in the path only."""
    return pa.schema([(f.name, csvtext.arrow_type(f)) for f in (*contract.fields, csvtext.EXTRA)])


def batches(contract: Contract, bucket: str, region: str, day: str) -> set[int]:
    """The batches that have Parquet of a day."""
    prefix = f"{contract.prefixes['curated']}/{contract.partition_key}={day}/batch_id="
    pages = boto3.client("s3", region_name=region).get_paginator("list_objects_v2")
    found = set()
    for page in pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
        found |= {entry["Prefix"].removeprefix(prefix).rstrip("/") for entry in page.get("CommonPrefixes", [])}
    return {int(text) for text in found if text.isdigit()}


class Writer:
    """Writes rows of one batch, one object at a time: a new one whenever the day changes."""

    def __init__(self, contract: Contract, bucket: str, region: str, batch_id: int) -> None:
        self._contract, self._bucket, self._batch_id = contract, bucket, batch_id
        self._client = boto3.client("s3", region_name=region)
        self._day: str | None = None
        self._part = 0
        self._file: Any = None
        self._out: pq.ParquetWriter | None = None
        self.rows = 0

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows; column dt is their day."""
        days = rows.column(self._contract.partition_key)
        for day in sorted(days.unique().to_pylist()):
            self._write_day(day, rows.filter(pc.equal(days, day)))

    def _write_day(self, day: str, rows: pa.RecordBatch) -> None:
        if day != self._day:
            self._store()
            self._day, self._file = day, tempfile.TemporaryFile()  # noqa: SIM115
            self._out = pq.ParquetWriter(self._file, schema(self._contract), compression="snappy")
        if self._out is not None:
            self._out.write_batch(rows.select(schema(self._contract).names))
        self.rows += rows.num_rows

    def _store(self) -> None:
        if self._out is None:
            return
        self._out.close()
        self._file.seek(0)
        key = f"{self.folder(str(self._day))}part-{self._part:05d}.parquet"
        self._client.upload_fileobj(self._file, self._bucket, key)
        self._file.close()
        self._part += 1
        self._out = None

    def folder(self, day: str) -> str:
        contract = self._contract
        return f"{contract.prefixes['curated']}/{contract.partition_key}={day}/batch_id={self._batch_id}/"

    def clear(self, day: str) -> None:
        """Remove what an earlier attempt left of a day."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self.folder(day)):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": keys})

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._store()
        if self._file is not None:
            self._file.close()
