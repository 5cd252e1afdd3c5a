"""Objects that cannot be read: the others are loaded, and the run reports which and why."""

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from store_events import contract, object_body
from store_events.job import UnreadError, _check_unread
from store_events.source import reader
from store_events.source.fast_get import FastGet
from store_events.source.objects import SourceObject
from store_events.source.read_events import ARCHIVED, FAILED, FORBIDDEN, GONE, Begin, Lines, Unread
from testsupport.loads import a_plan, attempt_all, batch
from testsupport.stack import Stack, client

DAY = "sale_events/dt=2024-05-01"


def event(key: str) -> bytes:
    return json.dumps({"request_id": key}).encode()


def manifest(stack: Stack, run_id: str) -> list[dict[str, Any]]:
    found = []
    for key in stack.keys(f"bookmarks/job/runs/{run_id}/"):
        body = stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read()
        found += [json.loads(line) for line in body.splitlines()]
    return found


def test_archived_object_loads_after_a_restore(stack: Stack) -> None:
    stack.put(f"{DAY}/a.json", [event("a")])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/b.json", Body=event("b"), StorageClass="GLACIER")
    summary = stack.run()
    assert summary["unread"]["reasons"] == {"archived": 1}
    assert summary["unread"]["first"][0]["name"] == f"s3://{stack.bucket}/{DAY}/b.json"
    assert stack.table() == [("a",)]
    with pytest.raises(UnreadError, match="1 objects could not be read, and max_archived allows 0"):
        stack.run(max_archived=0)
    assert manifest(stack, "jr_2")[0]["outcome"] == "failed"
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/b.json", Body=event("b"))
    assert stack.run()["unread"]["reasons"] == {}
    assert stack.table() == stack.parquet() == [("a",), ("b",)]


def test_lines_of_a_manifest_are_rows_of_its_table(stack: Stack) -> None:
    stack.put(f"{DAY}/a.json", [event("a"), b"bad"])
    stack.put(f"{DAY}/_hidden.json", [event("b")])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/c.json", Body=event("c"), StorageClass="GLACIER")
    client("glue").delete_table(DatabaseName=stack.bucket, Name="txns_sale_events")
    stack.run()
    lines = manifest(stack, "jr_1")
    assert {line["kind"] for line in lines} == {"run", "finding", "expectation", "object"}
    assert {(line["run_id"], line["run_number"]) for line in lines} == {("jr_1", 1)}
    members = {name for line in lines for name, value in line.items() if not isinstance(value, dict)}
    assert members == set(contract.load().manifest_columns)
    assert lines[0]["unread"] == {"archived": 1}


class Client:
    """Responds to GetObject with an error, or with a body that ends with an error and is empty the next time."""

    def __init__(self, code: str = "", chunks: list[bytes] | None = None, status: int = 0) -> None:
        self.code, self.chunks, self.status = code, chunks or [], status

    def get_object(self, **_: Any) -> dict[str, Any]:
        if self.code:
            metadata = {"ResponseMetadata": {"HTTPStatusCode": self.status}} if self.status else {}
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}, **metadata}, "GetObject")
        return {"ETag": '"v"', "ContentLength": 100, "Body": self}

    def iter_chunks(self, _: int) -> Any:
        chunks, self.chunks = self.chunks, []
        yield from chunks
        raise ReadTimeoutError(endpoint_url="x", error="y")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("NoSuchKey", GONE),
        ("InvalidObjectState", ARCHIVED),
        ("AccessDenied", FORBIDDEN),
        ("KMS.DisabledException", FORBIDDEN),
        ("KMS.ThrottlingException", FAILED),
        ("InvalidRequest", FORBIDDEN),
        ("InvalidArgument", FAILED),
        ("SlowDown", FAILED),
    ],
)
def test_reasons(code: str, reason: str) -> None:
    one = SourceObject("s3://b/a", 10, "v")
    [item] = reader._object(one, reader._get(Client(code), one, whole=True))
    assert isinstance(item, Unread)
    assert (item.name, item.version, item.reason) == ("s3://b/a", "v", reason)


def test_archived_object_whose_key_makes_the_response_invalid(stack: Stack) -> None:
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/b\x01.json", Body=event("b"), StorageClass="GLACIER")
    assert stack.run()["unread"]["reasons"] == {"archived": 1}


def test_object_whose_body_is_truncated(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that were read are committed, the next object is loaded, and a later run loads the rest."""
    monkeypatch.setattr(object_body, "_PAUSE_S", 0)
    name = f"s3://{stack.bucket}/{DAY}/a.json"
    one = SourceObject(name, 10, "v")
    broken = list(reader._object(one, reader._get(Client(chunks=[event("a") + b"\nbad\n", event("b")]), one, False)))
    assert [type(item) for item in broken[:-1]] == [Begin, Lines]
    assert isinstance(broken[-1], Unread)
    with a_plan(stack) as plan:
        attempt_all(plan, [*broken, *batch(f"s3://{stack.bucket}/{DAY}/b.json", event("c"))])
        assert stack.table() == [("a",), ("c",)]
        assert [entry["line_number"] for entry in stack.quarantine()] == [2]
        attempt_all(
            replace(plan, run_number=2), batch(name, event("a"), b"bad", event("b"), version="v", done=((1, 2),))
        )
    assert stack.table() == [("a",), ("b",), ("c",)]
    assert [entry["line_number"] for entry in stack.quarantine()] == [2]


def items_of(client: Any, count: int, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(reader, "_client", lambda _: client)
    monkeypatch.setattr(reader, "_fast_get", lambda _: FastGet(client, None))
    listed = [{"name": f"s3://b/{n}", "size": 10, "version": "v"} for n in range(count)]
    return list(reader.items([pa.RecordBatch.from_pydict({"objects": [json.dumps(listed)]})], "us-east-1"))


@pytest.mark.parametrize(
    ("code", "status"), [("SlowDown", 0), ("ExpiredToken", 400), ("KMS.ThrottlingException", 400), ("504", 504)]
)
def test_consecutive_failures_end_the_task(code: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(reader.ReadError, match="last 20 objects"):
        items_of(Client(code, status=status), 50, monkeypatch)


def test_timeouts_end_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    class TimingOut(Client):
        def get_object(self, **_: Any) -> dict[str, Any]:
            raise ReadTimeoutError(endpoint_url="x", error="y")

    with pytest.raises(reader.ReadError, match="last 20 objects"):
        items_of(TimingOut(), 50, monkeypatch)


@pytest.mark.parametrize(
    "code", ["KMS.DisabledException", "InvalidRequest", "InvalidObjectState", "AccessDenied", "400"]
)
def test_errors_of_single_objects_do_not_end_the_task(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even many in a row do not mean that other objects cannot be read."""
    found = items_of(Client(code, status=400), 50, monkeypatch)
    assert [type(one) for one in found] == [Unread] * 50


@pytest.mark.parametrize("between", ["KMS.DisabledException", "AccessDenied"])
def test_responses_between_failures(between: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If S3 responds that an object cannot be read, S3 works."""

    class Some(Client):
        def get_object(self, **some: Any) -> dict[str, Any]:
            self.code = "SlowDown" if int(some["Key"]) % 20 else between
            return super().get_object(**some)

    assert len(items_of(Some(), 60, monkeypatch)) == 60


def test_limits(stack: Stack) -> None:
    unread = [
        Unread("s3://b/\x1b[31m", "v", FORBIDDEN, "denied"),
        Unread("s3://b/b", "v", GONE),
        Unread("s3://b/c", "v", ARCHIVED),
    ]
    _check_unread(unread, replace(stack.settings, max_unread=1, max_archived=1))
    with pytest.raises(UnreadError, match=r"1 objects .* max_unread allows 0.*'s3://b/\\x1b\[31m': forbidden: denied"):
        _check_unread(unread, stack.settings)


def test_manifest_has_the_outcome_of_each_object(stack: Stack) -> None:
    stack.put(f"{DAY}/a.json", [event("a"), b"bad"])
    stack.run()
    stack.put(f"{DAY}/b.json", [event("b")])
    stack.put(f"{DAY}/_c.json", [event("c")])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/d.json", Body=event("d"), StorageClass="DEEP_ARCHIVE")
    summary = stack.run(table_prefix="other_")
    first, *others = manifest(stack, "jr_2")
    assert summary["manifest"] == f"s3://{stack.bucket}/bookmarks/job/runs/jr_2/"
    assert (first["kind"], first["outcome"], first["complete_before"], first["rows_new"]) == ("run", "succeeded", 1, 1)
    assert [entry["finding"] for entry in others if entry["kind"] == "finding"] == ["catalog_table_missing"]
    found = {e["object"].rsplit("/", 1)[1]: (e["outcome"], e.get("lines")) for e in others if e["kind"] == "object"}
    assert found == {"b.json": ("loaded", 1), "_c.json": ("passed over", None), "d.json": ("archived", 0)}
    [loaded] = [entry for entry in manifest(stack, "jr_1") if entry["kind"] == "object"]
    assert (loaded["lines"], loaded["quarantined"], loaded["outcome"]) == (2, 1, "loaded")


def test_manifest_distinguishes_names_by_trailing_spaces(stack: Stack) -> None:
    """Equal bytes have the same version, and the database ignores trailing spaces when it groups."""
    for name in ("a.json", "a.json "):
        stack.put(f"{DAY}/{name}", [event("a")])
    stack.run()
    objects = [entry for entry in manifest(stack, "jr_1") if entry["kind"] == "object"]
    assert [(one["object"], one["outcome"], one["lines"]) for one in objects] == [
        (f"s3://{stack.bucket}/{DAY}/a.json", "loaded", 1),
        (f"s3://{stack.bucket}/{DAY}/a.json ", "loaded", 1),
    ]
