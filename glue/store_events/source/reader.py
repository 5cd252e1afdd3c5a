"""Reads a partition's source objects in a Spark worker, as a sequence of items."""

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
from store_events.source.fast_get import SMALL, FastGet
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

_TOGETHER = 2 << 20  # Bytes of text per block: a call to Arrow takes as long as hundreds of values.
# Concurrent requests for small objects, which are limited by latency. With 15 ms, a worker reads 370 objects per second
# with 8 requests, and 900 with 32, when the CPU is the limit.
_AHEAD = 32
_REASONS = {
    "NoSuchKey": GONE,
    "404": GONE,
    "InvalidObjectState": ARCHIVED,
    "AccessDenied": FORBIDDEN,
    "InvalidRequest": FORBIDDEN,  # Encrypted with a key that the client must provide (SSE-C).
    "403": FORBIDDEN,
    "PreconditionFailed": GONE,
    "InvalidRange": GONE,  # The object is now shorter than the listed version.
}
_KMS = "KMS."  # Prefix of error codes about an object's KMS key.
# Errors of the service or the caller, not of one object, in addition to all responses with status 5xx.
_OUTAGE_CODES = {
    "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException",
    "KMS.ThrottlingException", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "NoSuchBucket",
    "RequestTimeTooSkewed", "SignatureDoesNotMatch",
}  # fmt: skip
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")  # GLACIER_IR can be read directly.
_SERVER_ERROR = 500
_FAILURES = 20
_DETAIL = 300  # Characters.
BROKEN = (*object_body.BROKEN, ClientError)  # Errors while an object is read.


class ReadError(Exception):
    """Several objects in a row cannot be read, or an object was not read as its part describes."""


class _Outage(Unread):
    """An object that cannot be read because of an outage, which probably affects the next objects too."""


def items(
    batches: Iterable[pa.RecordBatch], region: str, kept: int = framing.KEPT, only_listed: bool = False
) -> Iterator[Item]:
    """Yield the items of a partition's objects, given by the batches' column `objects` in the format of
    `objects.to_json`. Keep `kept` bytes of events that are too long. With `only_listed`, an object that was overwritten
    after the listing is unread.
    """
    texts = chain.from_iterable(b.column("objects").to_pylist() for b in batches)
    objects = [one for text in texts for one in from_json(text)]
    failures = 0
    for one, response in _opened(_client(region), _fast_get(region), objects):
        yield from _object(one, response, kept, only_listed)
        failures = failures + 1 if isinstance(response, _Outage) else 0
        if failures == _FAILURES:
            raise ReadError(f"the last {failures} objects could not be read; the last one: {response.detail}")


@cache
def _client(region: str) -> Any:
    retries = {"mode": "standard", "total_max_attempts": 6}
    return boto3.client("s3", region_name=region, config=Config(retries=retries, max_pool_connections=2 * _AHEAD))


@cache
def _fast_get(region: str) -> FastGet:
    client, session = _client(region), boto3.DEFAULT_SESSION  # Creating the client creates the session.
    return FastGet(client, session.get_credentials() if session else None)


def _opened(client: Any, fast_get: FastGet, objects: list[SourceObject]) -> Iterator[tuple[SourceObject, Any]]:
    """Yield the response to GetObject, or Unread, for each object. Request small objects in advance."""
    waiting: deque[tuple[SourceObject, Future[Any] | None]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for one in objects:
            small = one.size <= SMALL and not one.part
            waiting.append((one, pool.submit(_get_small, client, fast_get, one) if small else None))
            if len(waiting) == _AHEAD:
                yield _response(client, *waiting.popleft())
        while waiting:
            yield _response(client, *waiting.popleft())


def _response(client: Any, one: SourceObject, future: "Future[Any] | None") -> tuple[SourceObject, Any]:
    return one, future.result() if future else _get(client, one, False)


def _get_small(client: Any, fast_get: FastGet, one: SourceObject) -> Any:
    return fast_get.get(one.name) or _get(client, one, True)


def opened(region: str, one: SourceObject) -> Any:
    """Return the response to GetObject, with its body as Chunks, or Unread."""
    return _get(_client(region), one, False)


def _get(client: Any, one: SourceObject, whole: bool) -> Any:
    bucket, options = urlsplit(one.name).netloc, dict[str, Any]()
    if one.part:  # All parts must be from the same version.
        options = {"Range": f"bytes={one.part.start}-{one.part.end - 1}", "IfMatch": f'"{one.version}"'}
    try:
        key, start = one.name.removeprefix(f"s3://{bucket}/"), one.part.start if one.part else 0
        response = object_body.opened(client, bucket, key, start, **options)
        # The object may have been overwritten by a large one after the listing.
        if whole and response["ContentLength"] <= SMALL:
            response["Chunks"] = [b"".join(response["Chunks"])]
        return response
    except ClientError as error:
        unread = _unread(one, one.version, error)
        return replace(unread, reason=ARCHIVED) if _archived(client, one, error) else unread
    except object_body.BROKEN as error:
        return _unread(one, one.version, error)


def _archived(client: Any, one: SourceObject, error: ClientError) -> bool:
    """Report whether an object is archived if the error has only a status code: the response's body contains the key,
    and control characters in a key make it invalid XML.
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
    """Classify an error. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    detail = str(error)[:_DETAIL]
    if not isinstance(error, ClientError) or _is_outage(error):
        return _Outage(one.name, version, FAILED, detail)
    code = error.response["Error"]["Code"]
    return Unread(one.name, version, FORBIDDEN if code.startswith(_KMS) else _REASONS.get(code, FAILED), detail)


def _is_outage(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in _OUTAGE_CODES or status >= _SERVER_ERROR


def _object(one: SourceObject, response: Any, kept: int = framing.KEPT, only_listed: bool = False) -> Iterator[Item]:
    if isinstance(response, Unread):
        yield response
        return
    version = etag(response["ETag"])
    same = version == one.version
    if only_listed and not same:
        yield Unread(one.name, one.version, GONE, "overwritten after the listing")
        return
    yield Begin(
        one.name, version, response.get("VersionId"), one.done if same else (), one.reread and same, same,
        response["ContentLength"], one.part, one.bytes / one.size if one.part else 1.0,
    )  # fmt: skip
    framer = Framer(kept, one.part.before if one.part else 0)
    count = 0
    try:
        texts = response["Chunks"] if one.part else unpack.text(response["Chunks"])  # This reads the first bytes.
        for item in values(framer, texts):
            count += len(item) if isinstance(item, Lines) else 1
            yield item
    except BROKEN as error:
        yield _unread(one, version, error)
        return
    if one.part and one.part.last not in (None, framer.number):
        raise ReadError(f"{one.name}: the part must end with line {one.part.last}, but ends with line {framer.number}")
    yield End(count)


def values(framer: Framer, texts: Iterable[bytes]) -> Iterator[Lines | Unreadable]:
    """Yield all values of an object's text."""
    try:
        for block in coalesced(texts):
            yield from framer.feed(block)
        yield from framer.end()
    except CutShortError:
        yield framer.cut()


def coalesced(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text in larger blocks, and all text before an error is raised."""
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
