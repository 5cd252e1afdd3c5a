"""Generates events like the producer's, and stores them as objects in S3 with catalog tables."""

import gzip
import json
import os
import random
import uuid
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import boto3

from store_events import contract

_CATEGORIES = (
    "Books", "Games", "Mobiles", "Groceries", "Shoes", "Stationaries", "Laptops", "Tablets", "Notebooks",
    "Camera", "Printers", "Monitors", "Speakers", "Projectors", "Cables", "Furniture",
)  # fmt: skip
_START = datetime(2026, 5, 1, tzinfo=UTC)
_DAYS = 2
_INCOMPLETE_SHARE = 0.1  # The producer's default. These events lack their store, but are valid.
_EVENT_TYPES = {"sale_events": "sale_event", "inventory_events": "inventory_event"}
_PART_EVENTS = 50_000  # The maximum that a process generates at once for an uncompressed object.
_MANY = 100_000  # From this number of events on, several processes generate them.


@dataclass(frozen=True)
class Sums:
    """Checksums of rows, independent of their order: of all columns, and of all except timestamps."""

    whole: int = 0
    without_times: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.whole + other.whole, self.without_times + other.without_times)


@dataclass(frozen=True)
class Input:
    """Events in a bucket. The catalog database has the same name."""

    bucket: str
    rows: int
    compressed_bytes: int
    objects: int
    sums: Sums

    @property
    def locations(self) -> list[str]:
        return [f"s3://{self.bucket}/{stream}/" for stream in contract.load().streams]


@dataclass(frozen=True)
class _Part:
    """Consecutive events of an object, which one process generates."""

    key: str
    seed: str
    stream: str
    day: datetime
    positions: range
    of: int  # Number of events in the whole object.
    compressed: bool


def store(rows: int, objects: int, seed: int, compressed: bool = True) -> Input:
    """Store `rows` events in `objects` objects of similar size, in all streams and two days."""
    bucket = f"bench-{uuid.uuid4().hex[:12]}"
    _catalog(bucket)
    size, sums = 0, Sums()
    parts = list(_parts(rows, objects, seed, compressed))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        made = pool.map(_make, parts) if rows >= _MANY and len(parts) > 1 else map(_make, parts)
        for part, (body, part_sums) in zip(parts, made, strict=True):
            _append(bucket, part.key, body)
            size += len(body)
            sums += part_sums
    return Input(bucket, rows, size, objects, sums)


def _parts(rows: int, objects: int, seed: int, compressed: bool) -> Iterator[_Part]:
    streams = contract.load().streams
    for i in range(objects):
        stream, day = streams[i % len(streams)], _START + timedelta(days=i // len(streams) % _DAYS)
        key = f"{stream}/dt={day:%Y-%m-%d}/events-{i:06d}.json{'.gz' if compressed else ''}"
        count = rows * (i + 1) // objects - rows * i // objects
        size = count if compressed else _PART_EVENTS
        for start in range(0, count, size):
            positions = range(start, min(start + size, count))
            yield _Part(key, f"{seed} {i} {start}", stream, day, positions, count, compressed)


def _make(part: _Part) -> tuple[bytes, Sums]:
    """Return the bytes of a part, and the sums of its events."""
    rng, event_type = random.Random(part.seed), _EVENT_TYPES[part.stream]
    events = [_event(rng, event_type, part.day + timedelta(days=i / part.of)) for i in part.positions]
    body = b"".join(json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in events)
    return gzip.compress(body, compresslevel=6) if part.compressed else body, sums_of(events)


def _append(bucket: str, key: str, body: bytes) -> None:
    """Append to a file in the folder that the benchmark's S3 serves; see bench/objects."""
    path = Path(os.environ["BENCH_OBJECTS"], bucket, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(body)


def sums_of(events: list[dict[str, Any]]) -> Sums:
    """Return the sums that `sums_in` computes for a table with these events."""
    fields = contract.load().fields
    texts = [[_text(event.get(f.name), f.kind) for f in fields] for event in events]
    untimed = [[t for t, f in zip(row, fields, strict=True) if f.kind != "timestamp"] for row in texts]
    return Sums(*(sum(zlib.crc32("|".join(row).encode()) for row in rows) for rows in (texts, untimed)))


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "decimal":
        return f"{value:.2f}"
    if kind == "timestamp":
        return str(value).replace("T", " ").removesuffix("Z")
    return str(int(value)) if kind == "boolean" else str(value)


def sums_in(table: str) -> str:
    """Return the query for the sums of a table's rows, which works with columns of any type."""
    fields = contract.load().fields
    cells = [_cell(f.name, f.kind) for f in fields]
    untimed = [c for c, f in zip(cells, fields, strict=True) if f.kind != "timestamp"]
    whole, without = (f"cast(sum(crc32(concat_ws('|', {', '.join(some)}))) as unsigned)" for some in (cells, untimed))
    return f"select count(*), count(distinct request_id), {whole}, {without} from {table}"


def _cell(name: str, kind: str) -> str:
    text = {
        "decimal": f"cast({name} as decimal(12,2))",
        "boolean": f"{name}+0",
        "timestamp": f"left(date_format({name}, '%Y-%m-%d %H:%i:%s.%f'), 23)",
    }.get(kind, name)
    return f"coalesce({text}, '')"


def _catalog(bucket: str) -> None:
    boto3.client("s3").create_bucket(Bucket=bucket)  # The job writes to it.
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": bucket})
    for stream in contract.load().streams:
        location = {"Location": f"s3://{bucket}/{stream}/"}
        glue.create_table(DatabaseName=bucket, TableInput={"Name": f"txns_{stream}", "StorageDescriptor": location})


def _event(rng: random.Random, event_type: str, moment: datetime) -> dict[str, Any]:
    incomplete = rng.random() < _INCOMPLETE_SHARE
    return {
        "request_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "category": rng.choice(_CATEGORIES),
        **({} if incomplete else {"store_id": f"store_{rng.randint(1, 10)}"}),
        "ts": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "event_type": event_type,
        "sales": rng.randint(1, 10_000) / 100,
        "sku": rng.randint(18_981, 189_281),
        "gift_wrap": rng.random() < 0.5,
        "qty": rng.randint(1, 38),
        "priority_shipping": rng.random() < 0.5,
        "contact_me": f"customer{rng.randint(1, 1000)}@example.com",
        "is_return": rng.random() < 0.5,
        **({"bad_msg": True} if incomplete else {}),
    }
