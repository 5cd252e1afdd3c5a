"""Events as the producer makes them, as objects in S3 with their catalog tables."""

import gzip
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from store_events import contract

_CATEGORIES = (
    "Books", "Games", "Mobiles", "Groceries", "Shoes", "Stationaries", "Laptops", "Tablets", "Notebooks",
    "Camera", "Printers", "Monitors", "Speakers", "Projectors", "Cables", "Furniture",
)  # fmt: skip
_START = datetime(2026, 5, 1, tzinfo=UTC)
_DAYS = 2
_BAD_SHARE = 0.1  # As the producer's default: such an event lacks its store, but is valid.
_EVENT_TYPES = {"sale_events": "sale_event", "inventory_events": "inventory_event"}


@dataclass(frozen=True)
class Input:
    """Events in a bucket; the catalog database has the bucket's name."""

    bucket: str
    rows: int
    compressed_bytes: int

    @property
    def locations(self) -> list[str]:
        return [f"s3://{self.bucket}/{stream}/" for stream in contract.load().streams]


def store(rows: int, objects: int, seed: int) -> Input:
    """Store `rows` events in `objects` objects of about the same size, of all streams and two days."""
    bucket = f"bench-{uuid.uuid4().hex[:12]}"
    _catalog(bucket)
    client, rng, size = boto3.client("s3"), random.Random(seed), 0
    streams = contract.load().streams
    for i in range(objects):
        stream, day = streams[i % len(streams)], _START + timedelta(days=i // len(streams) % _DAYS)
        count = rows * (i + 1) // objects - rows * i // objects
        body = gzip.compress(b"".join(_lines(rng, _EVENT_TYPES[stream], day, count)), compresslevel=6)
        client.put_object(Bucket=bucket, Key=f"{stream}/dt={day:%Y-%m-%d}/events-{i:04d}.json.gz", Body=body)
        size += len(body)
    return Input(bucket, rows, size)


def _catalog(bucket: str) -> None:
    boto3.client("s3").create_bucket(Bucket=bucket)
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": bucket})
    for stream in contract.load().streams:
        location = {"Location": f"s3://{bucket}/{stream}/"}
        glue.create_table(DatabaseName=bucket, TableInput={"Name": f"txns_{stream}", "StorageDescriptor": location})


def _lines(rng: random.Random, event_type: str, day: datetime, count: int) -> Iterator[bytes]:
    for i in range(count):
        event = _event(rng, event_type, day + timedelta(days=i / count))
        yield json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _event(rng: random.Random, event_type: str, moment: datetime) -> dict[str, Any]:
    bad = rng.random() < _BAD_SHARE
    return {
        "request_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "category": rng.choice(_CATEGORIES),
        **({} if bad else {"store_id": f"store_{rng.randint(1, 10)}"}),
        "ts": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "event_type": event_type,
        "sales": rng.randint(1, 10_000) / 100,
        "sku": rng.randint(18_981, 189_281),
        "gift_wrap": rng.random() < 0.5,
        "qty": rng.randint(1, 38),
        "priority_shipping": rng.random() < 0.5,
        "contact_me": f"customer{rng.randint(1, 1000)}@example.com",
        "is_return": rng.random() < 0.5,
        **({"bad_msg": True} if bad else {}),
    }
