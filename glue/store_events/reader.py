"""Source objects read by a Spark worker, line by line, in order, between the marks of each object."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import boto3
import pyarrow as pa
from botocore.config import Config
from botocore.exceptions import ClientError

from store_events import unpack
from store_events.objects import SourceObject, etag
from store_events.stream import Begin, End, Gone, Item, Lines, Refused
from store_events.unpack import CutShortError, Splitter

_CHUNK = 256 << 10
_AHEAD = 8  # Small objects that are requested at once: a request takes longer than their bytes.
_SMALL = 1 << 20


def items(batches: Iterable[pa.RecordBatch], region: str) -> Iterator[Item]:
    """What is in a partition's objects: column objects of its Arrow batches, JSON lists of SourceObject's fields."""
    texts = chain.from_iterable(b.column("objects").to_pylist() for b in batches)
    objects = [SourceObject(**one) for text in texts for one in json.loads(text)]
    for one, answer in _opened(_client(region), objects):
        yield from _object(one, answer)


@cache
def _client(region: str) -> Any:
    retries = {"mode": "standard", "total_max_attempts": 6}
    return boto3.client("s3", region_name=region, config=Config(retries=retries, max_pool_connections=2 * _AHEAD))


def _opened(client: Any, objects: list[SourceObject]) -> Iterator[tuple[SourceObject, Any]]:
    """Each object's answer to GetObject, or None if it is gone; of small ones the next few are under way."""
    waiting: deque[tuple[SourceObject, Future[Any] | None]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for one in objects:
            waiting.append((one, pool.submit(_get, client, one, True) if one.size <= _SMALL else None))
            if len(waiting) == _AHEAD:
                yield _answered(client, *waiting.popleft())
        while waiting:
            yield _answered(client, *waiting.popleft())


def _answered(client: Any, one: SourceObject, future: "Future[Any] | None") -> tuple[SourceObject, Any]:
    return one, future.result() if future else _get(client, one, False)


def _get(client: Any, one: SourceObject, whole: bool) -> Any:
    parts = urlsplit(one.name)
    try:
        answer = client.get_object(Bucket=parts.netloc, Key=one.name.removeprefix(f"s3://{parts.netloc}/"))
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    body = answer["Body"]
    return {**answer, "Chunks": [body.read()] if whole else body.iter_chunks(_CHUNK)}


def _object(one: SourceObject, answer: Any) -> Iterator[Item]:
    if answer is None:
        yield Gone(one.name)
        return
    version = etag(answer["ETag"])
    same = version == one.version
    yield Begin(
        one.name, version, answer.get("VersionId"), one.done if same else 0, reload=one.reload and same, listed=same
    )
    count = 0
    for part in _parts(answer["Chunks"]):
        count += len(part) if isinstance(part, Lines) else 1
        yield part
    yield End(count)


def _parts(chunks: Iterable[bytes]) -> Iterator[Lines | Refused]:
    splitter = Splitter()
    try:
        for chunk in unpack.unpacked(chunks):
            yield from splitter.feed(chunk)
        yield from splitter.end()
    except CutShortError:
        yield splitter.cut()
