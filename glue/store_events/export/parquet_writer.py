"""Parquet objects of a batch: curated/dt=…/batch_id=…/rows.parquet, with the curated table's columns."""

import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import takewhile
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from store_events import aws, csv_codec
from store_events.contract import Contract
from store_events.export.by_day import ByDay

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_NEW = {"IfNoneMatch": "*"}
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_IN_MEMORY = 256 << 10  # Bytes of a day; more goes through a temporary file.
_OPEN = 16  # Days that are written concurrently. Each needs about 100 KB, even with one row.
_PUTS = 8  # Objects that are stored concurrently.
_GROUP = 8 << 20  # Bytes of rows in a row group.


class WrittenError(Exception):
    """Another process has written the batch's Parquet."""


class ClearError(Exception):
    """S3 could not delete an object."""


def schema(contract: Contract) -> pa.Schema:
    """Return the schema: the contract's fields and extra; the day is in the path only."""
    return pa.schema([(f.name, csv_codec.arrow_type(f)) for f in (*contract.fields, csv_codec.EXTRA)])


def stored(contract: Contract, bucket: str, region: str, first: str = "", last: str = "") -> set[tuple[str, int]]:
    """Return the days and batches that have Parquet; only those of the days `first` to `last` if they are given."""
    curated = f"{contract.prefixes['curated']}/{contract.partition_key}="
    path = re.compile(re.escape(curated) + r"(\d{4}-\d{2}-\d{2})/batch_id=(\d+)/")
    pages = aws.client("s3", region).get_paginator("list_objects_v2")
    start = {"StartAfter": curated + first} if first else {}
    listed = pages.paginate(Bucket=bucket, Prefix=curated, **start)
    matches = (path.match(entry["Key"]) for page in listed for entry in page.get("Contents", []))
    found = ((one[1], int(one[2])) for one in matches if one)
    return set(takewhile(lambda one: one[0] <= last, found) if last else found)  # S3 lists the days in order.


class Writer:
    """Writes the rows of one batch as one object per day, stored at the end.

    Each attempt to write a batch's Parquet uses the same keys. Nothing is overwritten: an existing object raises
    WrittenError. With `check`, which raises an error unless the run has its lock, existing objects are replaced, and
    only those that change after the check raise WrittenError.

    Rows of the first days are written as they arrive. In the rare batches with more days, the other rows are buffered
    in files and written day by day at the end, so that memory does not grow with the number of days.
    """

    def __init__(
        self, contract: Contract, bucket: str, region: str, batch_id: int, check: Callable[[], None] | None = None
    ) -> None:
        self._contract, self._bucket, self._batch_id, self._check = contract, bucket, batch_id, check
        self._schema = schema(contract)
        self._client = aws.client("s3", region)
        self._files = ExitStack()
        self._days: dict[str, _DayFile] = {}
        self._others = ByDay(contract.partition_key, self._files)
        self._wanted: set[str] = set()
        self._stored: list[str] = []
        self.rows = 0

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows; column dt is their day."""
        days = rows.column(self._contract.partition_key)
        unique = days.unique().to_pylist()
        opened = [day for day in unique if self._open(day)]
        for day in opened:
            self._days[day].write(rows.filter(pc.equal(days, day)) if len(unique) > 1 else rows)
        if len(opened) < len(unique):
            self._others.add(rows.filter(pc.invert(pc.is_in(days, pa.array(opened, pa.string())))))
        self._wanted.update(unique)
        self.rows += rows.num_rows

    def ensure_object(self, day: str) -> None:
        """Write an object for the day even if it has no rows."""
        self._wanted.add(day)

    def _open(self, day: str) -> bool:
        """Open a file for the rows of a day, if not too many are open; return whether it is open."""
        if day not in self._days and len(self._days) < _OPEN:
            self._days[day] = _DayFile(self._schema)
        return day in self._days

    def _store(self) -> None:
        with ThreadPoolExecutor(_PUTS) as pool:
            conditions = self._conditions(pool)
            puts = deque[Future[None]]()
            for day, file in self._finished():
                self._stored.append(day)
                puts.append(pool.submit(self._put, self._key(day), file, conditions.get(day, _NEW)))
                if len(puts) == _PUTS:
                    puts.popleft().result()
            for put in puts:
                put.result()

    def _conditions(self, pool: ThreadPoolExecutor) -> dict[str, dict[str, str]]:
        """Return the conditions for each day's object: it is the one that existed when the run had its lock."""
        if self._check is None:
            return {}
        conditions = dict(zip(self._wanted, pool.map(self._unchanged, list(self._wanted)), strict=True))
        self._check()
        return conditions

    def _unchanged(self, day: str) -> dict[str, str]:
        key = self._key(day)
        entries = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key).get("Contents", [])
        return next(({"IfMatch": entry["ETag"]} for entry in entries if entry["Key"] == key), _NEW)

    def _finished(self) -> Iterator[tuple[str, "_DayFile"]]:
        """Yield each day with its file. Files of buffered days are written here, one at a time."""
        yield from self._days.items()
        wanted = self._wanted - self._days.keys()
        for day, pieces in self._others.days():
            file = _DayFile(self._schema)
            for rows in _joined(pieces):
                file.write(rows)
            yield day, file
            wanted.discard(day)
        yield from ((day, _DayFile(self._schema)) for day in sorted(wanted))

    def _put(self, key: str, file: "_DayFile", condition: dict[str, str]) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=file.finished(), **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                raise WrittenError(key) from error
            raise
        finally:
            file.close()

    def folder(self, day: str) -> str:
        contract = self._contract
        return f"{contract.prefixes['curated']}/{contract.partition_key}={day}/batch_id={self._batch_id}/"

    def _key(self, day: str) -> str:
        return f"{self.folder(day)}rows.parquet"

    def clear(self, day: str) -> None:
        """Remove the objects of a day that an earlier attempt stored. Raise ClearError if one remains."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=self.folder(day)):
            keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if not keys:
                continue
            # The response can be a success although single objects could not be deleted.
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
            request = {"Objects": keys, "Quiet": True}
            for error in self._client.delete_objects(Bucket=self._bucket, Delete=request).get("Errors", []):
                about = f"{error['Code']}: {error['Message']}"
                raise ClearError(f"s3://{self._bucket}/{error['Key']} could not be deleted: {about}")

    def remove(self) -> None:
        """Remove all objects that this writer stored."""
        for day in self._stored:
            self.clear(day)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._files:
            try:
                if kind is None:
                    self._store()
            finally:
                for file in self._days.values():
                    file.close()


class _DayFile:
    """The Parquet of one day."""

    def __init__(self, kind: pa.Schema) -> None:
        self._names = kind.names
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._out = pq.ParquetWriter(self._file, kind, compression="snappy")

    def write(self, rows: pa.RecordBatch) -> None:
        self._out.write_batch(rows.select(self._names))

    def finished(self) -> Any:
        """End the file, and return it from its beginning."""
        self._out.close()
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Discard what is not stored. It can be repeated."""
        with suppress(OSError, ValueError):
            self._out.close()
        self._file.close()


def _joined(pieces: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield a day's rows in larger batches: each becomes a row group."""
    some, size = list[pa.RecordBatch](), 0
    for rows in pieces:
        some.append(rows)
        size += rows.nbytes
        if size >= _GROUP:
            yield pa.concat_batches(some)
            some, size = [], 0
    if some:
        yield pa.concat_batches(some)
