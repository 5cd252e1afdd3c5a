"""FastGet returns the same responses as boto3, and leaves unusual ones to boto3."""

import base64
import hashlib
import zlib
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from store_events.source import reader
from store_events.source.fast_get import SMALL, FastGet
from store_events.source.objects import SourceObject
from store_events.source.read_events import GONE, Unread
from testsupport.stack import Stack

KEYS = [
    "sale_events/dt=2024-05-01/a.json", "sale_events/a b+c&d=e%2F~!*'()?#.json", "sale_events/ü/日本.json",
    "sale_events//twice.json", "sale_events/../up/./here.json",
]  # fmt: skip


def _getter() -> tuple[Any, FastGet]:
    session = boto3.Session()
    client = session.client("s3")
    return client, FastGet(client, session.get_credentials())


@pytest.mark.parametrize("key", KEYS)
def test_response_is_the_same_as_of_boto3(stack: Stack, key: str) -> None:
    stack.s3.put_object(Bucket=stack.bucket, Key="sale_events/first", Body=b"first")
    stack.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"body of " + key.encode())
    client, fast_get = _getter()
    name = f"s3://{stack.bucket}/{key}"
    first = SourceObject(f"s3://{stack.bucket}/sale_events/first", 5, "")
    assert fast_get.get(first.name) is None, "the bucket is not known yet"
    reader._get(client, first, True)
    found, want = fast_get.get(name), reader._get(client, SourceObject(name, 1, ""), True)
    assert found is not None
    assert {part: found[part] for part in found} == {part: want.get(part) for part in found}


def test_errors_are_left_to_boto3(stack: Stack) -> None:
    stack.s3.put_object(Bucket=stack.bucket, Key="sale_events/a", Body=b"a")
    client, fast_get = _getter()
    there, gone = (SourceObject(f"s3://{stack.bucket}/sale_events/{key}", 1, "") for key in ("a", "gone"))
    reader._get_small(client, fast_get, there)
    assert fast_get.get(there.name) is not None
    assert fast_get.get(gone.name) is None
    answer = reader._get_small(client, fast_get, gone)
    assert isinstance(answer, Unread)
    assert answer.reason == GONE


def _answering(header: str = "x-other", value: str = "", status: int = 200, body: bytes = b"body") -> FastGet:
    """Return a FastGet that knows the bucket, and whose connection returns this response."""
    _, fast_get = _getter()
    given = {"ETag": '"e"', "Content-Length": "4", header: value}
    answer = SimpleNamespace(status_code=status, content=body, headers=given)
    fast_get._http = SimpleNamespace(send=lambda _: answer)
    fast_get._endpoints["bucket"] = "http://127.0.0.1:1/bucket/", "us-east-1"
    return fast_get


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


SUMS = {
    "x-amz-checksum-crc32": zlib.crc32(b"body").to_bytes(4, "big"),
    "x-amz-checksum-sha1": hashlib.sha1(b"body").digest(),
    "x-amz-checksum-sha256": hashlib.sha256(b"body").digest(),
}


@pytest.mark.parametrize("header", SUMS)
def test_body_with_a_wrong_checksum_is_not_used(header: str) -> None:
    right, wrong = _base64(SUMS[header]), _base64(bytes(len(SUMS[header])))
    assert _answering(header, right).get("s3://bucket/k") is not None
    assert _answering(header, wrong).get("s3://bucket/k") is None
    assert _answering(header, wrong + "-3").get("s3://bucket/k") is not None, "a checksum of a multipart upload"


def test_object_that_was_overwritten_by_a_large_one_is_not_read_into_memory(stack: Stack) -> None:
    client, fast_get = _getter()
    body = b"x" * (SMALL + 1)
    stack.s3.put_object(Bucket=stack.bucket, Key="sale_events/a", Body=body)
    listed = SourceObject(f"s3://{stack.bucket}/sale_events/a", 1, "")
    for _ in range(2):
        response = reader._get_small(client, fast_get, listed)
        assert not isinstance(response["Chunks"], list)
        assert b"".join(response["Chunks"]) == body
        assert fast_get.get(listed.name) is None
    stack.s3.put_object(Bucket=stack.bucket, Key="sale_events/a", Body=body[1:])
    assert fast_get.get(listed.name) is not None


def test_incomplete_or_unexpected_response_is_not_used() -> None:
    assert _answering(body=b"bod").get("s3://bucket/k") is None
    assert _answering(status=206).get("s3://bucket/k") is None
    assert _answering(status=503).get("s3://bucket/k") is None
    assert _answering().get("s3://other/k") is None, "an unknown bucket"
    fast_get = _answering()

    def broken(_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    fast_get._http = SimpleNamespace(send=broken)
    assert fast_get.get("s3://bucket/k") is None
    fast_get._http = None
    assert fast_get.get("s3://bucket/k") is None, "another version of botocore"
