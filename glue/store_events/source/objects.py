"""Source objects: listing, comparison with the ledger, and distribution among partitions."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from store_events.source.line_ranges import Ranges

# The cost of an object in addition to its size, in bytes: a request takes about as long as reading so many.
_OBJECT_COST = 64 << 10
MAX_PARTITIONS = 2_000


@dataclass(frozen=True)
class Part:
    """The bytes [start, end) of an object. Its lines have the numbers after `before`, up to `last`, which is None if
    unknown.
    """

    start: int
    end: int
    before: int
    last: int | None

    def has(self, number: int) -> bool:
        """Report whether a line is in the part."""
        return self.before < number and (self.last is None or number <= self.last)


@dataclass(frozen=True)
class SourceObject:
    """A listed object, or a part of it. `version` is its ETag, and `done` the committed ranges of its lines.

    `reread` means that all lines are read again, although some or all are committed. `modified` is its LastModified in
    milliseconds since 1970.
    """

    name: str  # s3://bucket/key
    size: int
    version: str
    done: Ranges = ()
    reread: bool = False
    modified: int = 0
    part: Part | None = None

    @property
    def order(self) -> tuple[int, str, int]:
        """The sort key of the run's objects. Of two events with the same key, the first object's event is kept."""
        return self.modified, self.name, self.part.start if self.part else 0

    @property
    def bytes(self) -> int:
        """The number of bytes to read."""
        return self.part.end - self.part.start if self.part else self.size


def to_json(objects: Iterable[SourceObject]) -> str:
    """Return the objects as JSON, which `from_json` reads."""
    return json.dumps([vars(one) for one in objects], default=vars)


def from_json(text: str) -> list[SourceObject]:
    """Return objects from a JSON list of their fields."""
    found = []
    for raw in json.loads(text):
        raw["done"] = tuple((first, last) for first, last in raw.get("done", ()))
        if raw.get("part"):
            raw["part"] = Part(**raw["part"])
        found.append(SourceObject(**raw))
    return found


@dataclass(frozen=True)
class Progress:
    """The committed line ranges of an object version, and whether it is complete.

    `lines` can be empty if the version is complete.
    """

    lines: Ranges
    complete: bool


Committed = dict[tuple[bytes, str], Progress]


def identity(name: str) -> bytes:
    """Return a hash of an object's name in 16 bytes, because names can be longer than a key of the database."""
    return hashlib.sha256(name.encode()).digest()[:16]


def etag(value: str) -> str:
    """Return an ETag without its quotes."""
    return value.strip('"')


def listed(client: Any, location: str) -> Iterator[SourceObject]:
    """Yield all objects below s3://bucket/prefix. boto3 requests URL-encoded keys, because XML does not allow all."""
    parts = urlsplit(location)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/"))
    for page in pages:
        for entry in page.get("Contents", []):
            yield from_entry(parts.netloc, entry)


def from_entry(bucket: str, entry: Mapping[str, Any]) -> SourceObject:
    """Return an object from its entry in a listing, or from a mapping with the same fields.

    Times are truncated to seconds, because HeadObject returns no fractions, and the order of objects must not depend on
    the kind of listing. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    modified = int(entry["LastModified"].timestamp()) * 1000
    return SourceObject(f"s3://{bucket}/{entry['Key']}", entry["Size"], etag(entry["ETag"]), modified=modified)


def hidden(name: str) -> bool:
    """Report whether the job ignores an object, as Spark and Glue do: folders, and names that begin with "_" or "."."""
    key = name.split("/", 3)[3]
    return key.endswith("/") or any(part.startswith(("_", ".")) for part in key.split("/"))


def pending(found: Iterable[SourceObject], known: Committed, reread: Any) -> list[SourceObject]:
    """Return the objects to read: versions that are not complete in the ledger, and those with `reread(object)`."""
    todo = []
    for one in found:
        progress = known.get((identity(one.name), one.version))
        if progress is None:
            todo.append(one)
        elif reread(one):
            todo.append(replace(one, reread=True))
        elif not progress.complete:
            todo.append(replace(one, done=progress.lines))
    return todo


def partitions(objects: list[SourceObject], parallelism: int, max_bytes: int = 64 << 20) -> list[list[SourceObject]]:
    """Return the objects in order, split into groups of about `max_bytes`, with the largest group as small as possible.

    Groups follow the order of objects, and batch ids contain the group's number, so the order of batch ids is the order
    of objects.
    """
    if not objects:
        return []
    ordered = sorted(objects, key=lambda o: o.order)
    costs = [o.bytes + _OBJECT_COST for o in ordered]
    total = sum(costs)
    # Use a multiple of the number of workers, so that none is idle during the last groups.
    rounds = max(-(-total // (max_bytes * parallelism)), 1)
    count = min(len(ordered), rounds * parallelism, MAX_PARTITIONS)
    low, high, middle = max(costs), total, max(costs)
    while high - low > total >> 10:
        low, high = (low, middle) if len(_cuts(costs, middle)) <= count else (middle + 1, high)
        middle = (low + high) // 2
    cuts = _cuts(costs, high)
    return [ordered[start:end] for start, end in zip(cuts, [*cuts[1:], len(ordered)], strict=True)]


def _cuts(costs: list[int], limit: int) -> list[int]:
    """Return the first index of each group, for the smallest number of groups that cost at most `limit` each."""
    cuts, load = list[int](), limit
    for i, cost in enumerate(costs):
        if load + cost > limit:
            cuts.append(i)
            load = 0
        load += cost
    return cuts
