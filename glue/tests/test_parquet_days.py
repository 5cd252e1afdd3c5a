"""The Parquet of batches with many days."""

import io
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from store_events import aws, contract, csv_codec
from store_events.export import by_day, parquet, parquet_writer
from store_events.export.parquet_writer import Writer, WrittenError
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

CONTRACT = contract.load()
FIELDS = csv_codec.columns(CONTRACT)


class Bucket:
    """Records stored objects, and the maximum of Arrow's memory when an object was stored."""

    def __init__(self, keep: bool = True) -> None:
        self.objects: dict[str, bytes] = {}
        self.count = self.memory = 0
        self.taken, self.etag = "", ""  # The key of an object that another writer has stored, and its ETag.
        self._keep, self._mutex = keep, Lock()

    def list_objects_v2(self, Prefix: str, **_: Any) -> dict[str, Any]:
        return {"Contents": [{"Key": Prefix, "ETag": self.etag}] if Prefix == self.taken else []}

    def put_object(self, Key: str, Body: Any, **condition: Any) -> None:
        with self._mutex:
            if Key == self.taken and condition.get("IfMatch") != self.etag:
                raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": "no"}}, "PutObject")
            self.count += 1
            self.memory = max(self.memory, pa.total_allocated_bytes())
            if self._keep:
                self.objects[Key] = Body.read()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    found = Bucket()
    monkeypatch.setattr(aws, "client", lambda *_: found)
    return found


def _rows(days: list[str], first: int = 0) -> pa.RecordBatch:
    """Return numbered rows of these days."""
    values = {
        "request_id": [f"k{first + i}" for i in range(len(days))],
        "qty": range(first, first + len(days)),
        "dt": days,
    }
    cells = [
        pa.array(values[f.name], csv_codec.arrow_type(f))
        if f.name in values
        else pa.nulls(len(days), csv_codec.arrow_type(f))
        for f in FIELDS
    ]
    return pa.RecordBatch.from_arrays(cells, schema=csv_codec.schema(FIELDS))


def _day(number: int) -> str:
    return (date(2000, 1, 1) + timedelta(number)).isoformat()


def _in_memory(_: pytest.MonkeyPatch) -> None:
    pass


def _in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_day, "_MEMORY", 10_000)
    monkeypatch.setattr(by_day, "_BLOCK", 500)
    monkeypatch.setattr(parquet_writer, "_GROUP", 200)


@pytest.mark.parametrize("days", [1, 3, 16, 17, 400])
@pytest.mark.parametrize("where", [_in_memory, _in_files])
def test_each_day_has_its_rows_in_their_order(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, where: Callable[[pytest.MonkeyPatch], None], days: int
) -> None:
    where(monkeypatch)
    rng, expected, count = random.Random(days), dict[str, list[int]](), 0
    with Writer(CONTRACT, "b", "r", 7) as out:
        for length in (300, 1, 500, 1_000):
            some = [_day(rng.randrange(days)) for _ in range(length)]
            for number, day in enumerate(some, count):
                expected.setdefault(day, []).append(number)
            out.write(_rows(some, count))
            count += length
        out.ensure_object(some[0])
        out.ensure_object("1999-12-31")
        assert bucket.count == 0, "nothing is stored before the end"
    assert out.rows == count
    expected["1999-12-31"] = []
    found = {key: pq.read_table(io.BytesIO(body)) for key, body in bucket.objects.items()}
    assert {key: one.column("qty").to_pylist() for key, one in found.items()} == {
        f"curated/dt={day}/batch_id=7/rows.parquet": numbers for day, numbers in expected.items()
    }
    assert all(one.schema.equals(parquet_writer.schema(CONTRACT)) for one in found.values())


def test_memory_does_not_grow_with_the_number_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    most = []
    for days in (100, 2_000):
        bucket = Bucket(keep=False)
        monkeypatch.setattr(aws, "client", lambda *_, bucket=bucket: bucket)
        rows = _rows([_day(i % days) for i in range(4_000)])
        before = pa.total_allocated_bytes()
        with Writer(CONTRACT, "b", "r", 7) as out:
            out.write(rows)
        assert bucket.count == days
        most.append(bucket.memory - before)
    assert most[1] < most[0] + (4 << 20), "each open day takes some 100 KB"


@pytest.mark.parametrize("days", [1, 400])
def test_object_of_another_writer_is_an_error(bucket: Bucket, days: int) -> None:
    bucket.taken = f"curated/dt={_day(days - 1)}/batch_id=7/rows.parquet"
    rows = _rows([_day(i) for i in range(days)])
    with pytest.raises(WrittenError, match=bucket.taken), Writer(CONTRACT, "b", "r", 7) as out:
        out.write(rows)

    def written_again() -> None:
        bucket.etag = "later"

    with pytest.raises(WrittenError, match=bucket.taken), Writer(CONTRACT, "b", "r", 7, written_again) as out:
        out.write(rows)
    with Writer(CONTRACT, "b", "r", 7, lambda: None) as out:
        out.write(rows)
    assert len(bucket.objects) == days


def test_nothing_is_stored_after_an_error(bucket: Bucket) -> None:
    with pytest.raises(ZeroDivisionError), Writer(CONTRACT, "b", "r", 7) as out:
        out.write(_rows([_day(i) for i in range(50)]))
        raise ZeroDivisionError
    assert bucket.count == 0


def test_batch_of_many_days_and_its_recovery(stack: Stack) -> None:
    lines = [json.dumps({"request_id": f"k{i:03}", "ts": f"{_day(i % 60)}T01:00:00Z"}).encode() for i in range(90)]
    objects = [batch(f"s3://b/sale_events/dt={_day(i)}/a", lines[i], lines[i + 60 if i < 30 else i]) for i in range(60)]
    with a_plan(stack, commit_rows=1_000) as plan:
        attempt(plan, *objects)
        assert len(stack.keys("curated/")) == 60
        written = stack.parquet("request_id, ts")
        assert written == stack.table("request_id, ts")
        for key in stack.keys("curated/")[::2]:
            stack.s3.delete_object(Bucket=stack.bucket, Key=key)
        assert parquet.recoverer(plan.destination)(100_000_000) == 90
    assert stack.parquet("request_id, ts") == written
