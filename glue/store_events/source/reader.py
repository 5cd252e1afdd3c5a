"""Source objects read by a Spark worker, value by value, in order, between the marks of each object."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import boto3
import pyarrow as pa
from botocore.config import Config
from botocore.exceptions import ClientError

from store_events import object_body
from store_events.source import framing, unpack
from store_events.source.fast_get import FastGet
from store_events.source.framing import Framer
from store_events.source.objects import SourceObject, etag, from_json
from store_events.source.read_events import (
    ARCHIVED,
    FAILED,
    FORBIDDEN,
    GONE,
    Begin,
    End,
    Item,
    Lines,
    Unread,
    Unreadable,
)
from store_events.source.unpack import CutShortError

_TOGETHER = 2 << 20  # Bytes of text that are looked at together: a call of Arrow's takes as long as hundreds of values.
# Small objects that are requested at once: a request takes longer than their bytes. With S3 15 ms away, a worker reads
# 370 a second with 8 requests under way and 900 with 32, when its processor is the limit.
_AHEAD = 32
_SMALL = 1 << 20
_REASONS = {
    "NoSuchKey": GONE,
    "404": GONE,
    "InvalidObjectState": ARCHIVED,
    "AccessDenied": FORBIDDEN,
    "InvalidRequest": FORBIDDEN,  # It is encrypted with a key that its reader has to send.
    "403": FORBIDDEN,
    "PreconditionFailed": GONE,
    "InvalidRange": GONE,  # Of a part: the object is shorter than the version that was listed.
}
_KMS = "KMS."  # How codes begin that say what is wrong with the key of an object.
# Errors of the service or the caller, not of one object. So are all answers of status 5xx.
_OF_ALL = {
    "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException",
    "KMS.ThrottlingException", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "NoSuchBucket",
    "RequestTimeTooSkewed", "SignatureDoesNotMatch",
}  # fmt: skip
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")  # GLACIER_IR is read at once.
_SERVER_ERROR = 500
_FAILURES = 20
_DETAIL = 300  # Characters.
BROKEN = (*object_body.BROKEN, ClientError)  # What can be raised while an object is read.


class ReadError(Exception):
    """Objects cannot be read, one after the other: the cause is not with them."""


class _Outage(Unread):
    """An object that cannot be read for a cause that is not its own, so that the next one will not be either."""


def items(batches: Iterable[pa.RecordBatch], region: str, kept: int = framing.KEPT) -> Iterator[Item]:
    """Yield what is in a partition's objects: column objects of its Arrow batches, as `objects.to_json` writes them.

    Of an event that is too long, `kept` bytes are kept.
    """
    texts = chain.from_iterable(b.column("objects").to_pylist() for b in batches)
    objects = [one for text in texts for one in from_json(text)]
    failures = 0
    for one, answer in _opened(_client(region), _fast_get(region), objects):
        yield from _object(one, answer, kept)
        failures = failures + 1 if isinstance(answer, _Outage) else 0
        if failures == _FAILURES:
            raise ReadError(f"the last {failures} objects could not be read; the last one: {answer.detail}")


@cache
def _client(region: str) -> Any:
    retries = {"mode": "standard", "total_max_attempts": 6}
    return boto3.client("s3", region_name=region, config=Config(retries=retries, max_pool_connections=2 * _AHEAD))


@cache
def _fast_get(region: str) -> FastGet:
    client, session = _client(region), boto3.DEFAULT_SESSION  # Which is there as soon as a client is.
    return FastGet(client, session.get_credentials() if session else None)


def _opened(client: Any, fast_get: FastGet, objects: list[SourceObject]) -> Iterator[tuple[SourceObject, Any]]:
    """Yield each object's answer to GetObject, or Unread; of small ones the next few are under way."""
    waiting: deque[tuple[SourceObject, Future[Any] | None]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for one in objects:
            small = one.size <= _SMALL and not one.part
            waiting.append((one, pool.submit(_small, client, fast_get, one) if small else None))
            if len(waiting) == _AHEAD:
                yield _answered(client, *waiting.popleft())
        while waiting:
            yield _answered(client, *waiting.popleft())


def _answered(client: Any, one: SourceObject, future: "Future[Any] | None") -> tuple[SourceObject, Any]:
    return one, future.result() if future else _get(client, one, False)


def _small(client: Any, fast_get: FastGet, one: SourceObject) -> Any:
    return fast_get.get(one.name) or _get(client, one, True)


def opened(region: str, one: SourceObject) -> Any:
    """Return the answer to GetObject, with its body as Chunks, or Unread."""
    return _get(_client(region), one, False)


def _get(client: Any, one: SourceObject, whole: bool) -> Any:
    bucket, of_it = urlsplit(one.name).netloc, dict[str, Any]()
    if one.part:  # All parts have to be of one version.
        of_it = {"Range": f"bytes={one.part.start}-{one.part.end - 1}", "IfMatch": f'"{one.version}"'}
    try:
        key, start = one.name.removeprefix(f"s3://{bucket}/"), one.part.start if one.part else 0
        answer = object_body.opened(client, bucket, key, start, **of_it)
        return {**answer, "Chunks": [b"".join(answer["Chunks"])]} if whole else answer
    except ClientError as error:
        unread = _unread(one, one.version, error)
        return replace(unread, reason=ARCHIVED) if _archived(client, one, error) else unread
    except object_body.BROKEN as error:
        return _unread(one, one.version, error)


def _archived(client: Any, one: SourceObject, error: ClientError) -> bool:
    """Return whether an object is archived whose answer, a status without a readable body, does not say so. The body
    names the key, and a key with control characters makes it invalid XML.
    """
    if error.response["Error"]["Code"] != "403":
        return False
    parts = urlsplit(one.name)
    try:
        head = client.head_object(Bucket=parts.netloc, Key=one.name.removeprefix(f"s3://{parts.netloc}/"))
    except BROKEN:
        return False
    return head.get("StorageClass") in _ARCHIVES or "ArchiveStatus" in head


def _unread(one: SourceObject, version: str, error: Exception) -> Unread:
    """Return why an object cannot be read. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    detail = str(error)[:_DETAIL]
    if not isinstance(error, ClientError) or _of_all(error):
        return _Outage(one.name, version, FAILED, detail)
    code = error.response["Error"]["Code"]
    return Unread(one.name, version, FORBIDDEN if code.startswith(_KMS) else _REASONS.get(code, FAILED), detail)


def _of_all(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _OF_ALL or status >= _SERVER_ERROR


def _object(one: SourceObject, answer: Any, kept: int = framing.KEPT) -> Iterator[Item]:
    if isinstance(answer, Unread):
        yield answer
        return
    version = etag(answer["ETag"])
    same = version == one.version
    yield Begin(
        one.name, version, answer.get("VersionId"), one.done if same else (), one.reread and same, same,
        answer["ContentLength"], one.part, one.bytes / one.size if one.part else 1.0,
    )  # fmt: skip
    framer = Framer(kept, one.part.before if one.part else 0)
    count = 0
    try:
        texts = answer["Chunks"] if one.part else unpack.text(answer["Chunks"])  # This reads the first bytes.
        for some in values(framer, texts):
            count += len(some) if isinstance(some, Lines) else 1
            yield some
    except BROKEN as error:
        yield _unread(one, version, error)
        return
    if one.part and one.part.last not in (None, framer.number):
        raise ReadError(f"{one.name}: the part up to line {one.part.last} ends with line {framer.number}")
    yield End(count)


def values(framer: Framer, texts: Iterable[bytes]) -> Iterator[Lines | Unreadable]:
    """Yield all values of an object's text."""
    try:
        for some in together(texts):
            yield from framer.feed(some)
        yield from framer.end()
    except CutShortError:
        yield framer.cut()


def together(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text in longer pieces. All of it is given before an error is raised."""
    pieces, size = list[bytes](), 0
    try:
        for text in texts:
            pieces.append(text)
            size += len(text)
            if size >= _TOGETHER:
                yield b"".join(pieces)
                pieces, size = [], 0
    except (CutShortError, *BROKEN):
        yield b"".join(pieces)
        raise
    yield b"".join(pieces)
