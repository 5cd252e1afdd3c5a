"""Parquet objects of a batch: curated/dt=…/batch_id=…/rows.parquet, with the curated table's columns."""

import re
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from store_events import aws
from store_events.contract import Contract
from store_events.load import csv_codec

_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_IN_MEMORY = 256 << 10  # Bytes of a day; more goes through a temporary file.


class WrittenError(Exception):
    """A batch's Parquet was written by somebody else."""


def schema(contract: Contract) -> pa.Schema:
    """The contract's fields and extra; the day is in the path only."""
    return pa.schema([(f.name, csv_codec.arrow_type(f)) for f in (*contract.fields, csv_codec.EXTRA)])


def batches(contract: Contract, bucket: str, region: str, day: str) -> set[int]:
    """The batches that have Parquet of a day."""
    return {batch_id for _, batch_id in stored(contract, bucket, region, day)}


def stored(contract: Contract, bucket: str, region: str, day: str = "") -> set[tuple[str, int]]:
    """The days and batches that have Parquet; only those of `day` if it is given."""
    curated = f"{contract.prefixes['curated']}/{contract.partition_key}="
    path = re.compile(re.escape(curated) + r"(\d{4}-\d{2}-\d{2})/batch_id=(\d+)/")
    pages = aws.client("s3", region).get_paginator("list_objects_v2")
    prefix = f"{curated}{day}/batch_id=" if day else curated
    keys = (entry["Key"] for page in pages.paginate(Bucket=bucket, Prefix=prefix) for entry in page.get("Contents", []))
    return {(found[1], int(found[2])) for found in map(path.match, keys) if found}


class Writer:
    """Writes rows of one batch: one object a day, stored at the end.

    So whoever writes a batch's Parquet, and however often, writes it under the same names. With `first`, nothing is
    replaced: raises WrittenError where somebody else has written before.
    """

    def __init__(self, contract: Contract, bucket: str, region: str, batch_id: int, first: bool = False) -> None:
        self._contract, self._bucket, self._batch_id = contract, bucket, batch_id
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        self._condition = {"IfNoneMatch": "*"} if first else {}
        self._schema = schema(contract)
        self._client = aws.client("s3", region)
        self._days: dict[str, tuple[pq.ParquetWriter, Any]] = {}
        self.rows = 0

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows; column dt is their day."""
        days = rows.column(self._contract.partition_key)
        unique = days.unique().to_pylist()
        for day in unique:
            out, _ = self._days.get(day) or self._begin(day)
            some = rows.filter(pc.equal(days, day)) if len(unique) > 1 else rows
            out.write_batch(some.select(self._schema.names))
            self.rows += some.num_rows

    def empty(self, day: str) -> None:
        """Have an object of a day, though it may have no rows."""
        if day not in self._days:
            self._begin(day)

    def _begin(self, day: str) -> tuple[pq.ParquetWriter, Any]:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._days[day] = pq.ParquetWriter(file, self._schema, compression="snappy"), file
        return self._days[day]

    def _store(self) -> None:
        for day, (out, file) in self._days.items():
            out.close()
            file.seek(0)
            self._put(f"{self.folder(day)}rows.parquet", file)

    def _put(self, key: str, file: Any) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=file, **self._condition)
        except ClientError as error:
            if self._condition and error.response["Error"]["Code"] in _TAKEN:
                raise WrittenError(key) from error
            raise

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
        for out, file in self._days.values():
            with suppress(OSError):  # On an error nothing of it is kept anyway.
                out.close()
            file.close()
