"""Source objects read by a Spark worker: one row a line, in order, between the marks of its object."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import boto3
import pyarrow as pa
from botocore.config import Config
from botocore.exceptions import ClientError

from store_events import days, unpack
from store_events.objects import SourceObject, etag
from store_events.unpack import CutShortError, Lines, Refused, Splitter

# A row is a line, or has a note: JSON with "object" before an object's lines, "refused" in place of a line that
# cannot be read, "end" with the number of rows between after them, "gone" for an object that was deleted meanwhile.
SCHEMA = "number long, day string, raw binary, note string"
_ARROW = pa.schema([("number", pa.int64()), ("day", pa.string()), ("raw", pa.binary()), ("note", pa.string())])
_ROWS = 5_000
_BYTES = 4 << 20
_MANY = 1_000  # Lines that are worth an Arrow batch of their own.
_CHUNK = 256 << 10
_AHEAD = 8  # Small objects that are requested at once: a request takes longer than their bytes.
_SMALL = 1 << 20

Rows = Iterator[tuple[list[int], list[bytes | None], dict[str, Any] | None]]


def reader(region: str) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """The function for mapInArrow. In: column objects, JSON lists of SourceObject's fields. Out: SCHEMA."""

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        texts = chain.from_iterable(b.column("objects").to_pylist() for b in batches)
        objects = [SourceObject(**one) for text in texts for one in json.loads(text)]
        out = _Batches()
        for one, answer in _opened(_client(region), objects):
            day = days.of_object(one.name)
            for numbers, lines, note in _rows(one, answer):
                if len(numbers) >= _MANY:
                    yield out.take()
                    yield _block(numbers, day, lines)
                elif out.add(numbers, day, lines, note):
                    yield out.take()
        yield out.take()

    return read


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


def _rows(one: SourceObject, answer: Any) -> Rows:
    if answer is None:
        yield [0], [None], {"gone": one.name}
        return
    version = etag(answer["ETag"])
    same = version == one.version
    about = {"name": one.name, "version": version, "version_id": answer.get("VersionId"),
             "done": one.done if same else 0, "reload": one.reload and same, "listed": same}  # fmt: skip
    yield [0], [None], {"object": about}
    count = 0
    for part in _parts(answer["Chunks"]):
        if isinstance(part, Refused):
            count += 1
            yield [part.number], [part.sample], {"refused": part.reason, "bytes": part.size}
        else:
            count += len(part.lines)
            yield part.numbers, list(part.lines), None
    yield [0], [None], {"end": count}


def _parts(chunks: Iterable[bytes]) -> Iterator[Lines | Refused]:
    splitter = Splitter()
    try:
        for chunk in unpack.unpacked(chunks):
            yield from splitter.feed(chunk)
        yield from splitter.end()
    except CutShortError:
        yield splitter.cut()


def _block(numbers: list[int], day: str | None, lines: list[bytes | None]) -> pa.RecordBatch:
    count = len(numbers)
    days = pa.nulls(count, pa.string()) if day is None else pa.repeat(pa.scalar(day), count)
    columns = [pa.array(numbers), days, pa.array(lines, pa.binary()), pa.nulls(count, pa.string())]
    return pa.RecordBatch.from_arrays(columns, schema=_ARROW)


class _Batches:
    """Collects rows for one Arrow batch, of many small objects or of a part of a large one."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._numbers: list[int] = []
        self._days: list[str | None] = []
        self._lines: list[bytes | None] = []
        self._notes: list[str | None] = []
        self._size = 0

    def add(self, numbers: list[int], day: str | None, lines: list[bytes | None], note: dict[str, Any] | None) -> bool:
        """Whether the batch is large enough now."""
        self._numbers += numbers
        self._days += [day] * len(numbers)
        self._lines += lines
        self._notes += [json.dumps(note) if note else None] * len(numbers)
        self._size += sum(map(len, filter(None, lines)))
        return len(self._numbers) >= _ROWS or self._size >= _BYTES

    def take(self) -> pa.RecordBatch:
        columns = (self._numbers, self._days, self._lines, self._notes)
        taken = [pa.array(c, f.type) for c, f in zip(columns, _ARROW, strict=True)]
        self._clear()
        return pa.RecordBatch.from_arrays(taken, schema=_ARROW)
