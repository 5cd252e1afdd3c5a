"""Source objects: which there are, which the ledger lacks, and how they are shared out among partitions."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from store_events.source.line_ranges import Ranges

# What an object costs besides its bytes, in bytes: a request takes about as long as so many.
_OBJECT_COST = 64 << 10
MAX_PARTITIONS = 2_000


@dataclass(frozen=True)
class Part:
    """Bytes of an object from `start` up to, and without, `end`. The numbers of its values and blank lines begin after
    `before`; the last one is `last`, or not known.
    """

    start: int
    end: int
    before: int
    last: int | None

    def has(self, number: int) -> bool:
        """Return whether a line with this number is in it."""
        return self.before < number and (self.last is None or number <= self.last)


@dataclass(frozen=True)
class SourceObject:
    """An object as it was listed, or a part of it. `version` is its ETag; `done` are the ranges of its lines that are
    committed already.

    `reread` is set where lines of it, or all, were committed, and all are to be read again. `modified` is its
    LastModified in milliseconds since 1970.
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
        """Where it stands among the objects of a run: of two events with one key, that of the first object stays."""
        return self.modified, self.name, self.part.start if self.part else 0

    @property
    def bytes(self) -> int:
        """How many bytes are to be read."""
        return self.part.end - self.part.start if self.part else self.size


def to_json(objects: Iterable[SourceObject]) -> str:
    """Return the objects as text that `from_json` reads."""
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
    """What the ledger has of an object version: ranges of its lines, and whether those are all.

    `lines` are left out where they are all and nobody asks for them.
    """

    lines: Ranges
    complete: bool


Committed = dict[tuple[bytes, str], Progress]


def identity(name: str) -> bytes:
    """Return 16 bytes that stand for an object's name: names are longer than a key of the database can be."""
    return hashlib.sha256(name.encode()).digest()[:16]


def etag(value: str) -> str:
    """Return an ETag without its quotes."""
    return value.strip('"')


def listed(client: Any, location: str) -> Iterator[SourceObject]:
    """Yield all objects below s3://bucket/prefix. The client asks for encoded keys, as XML cannot hold every key."""
    parts = urlsplit(location)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/"))
    for page in pages:
        for entry in page.get("Contents", []):
            yield from_entry(parts.netloc, entry)


def from_entry(bucket: str, entry: Mapping[str, Any]) -> SourceObject:
    """Return an object from its entry in a listing, or from the same fields of another answer.

    Times are cut to seconds, because HeadObject returns no fractions, and the order of objects must not depend on how
    they were found. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    modified = int(entry["LastModified"].timestamp()) * 1000
    return SourceObject(f"s3://{bucket}/{entry['Key']}", entry["Size"], etag(entry["ETag"]), modified=modified)


def hidden(name: str) -> bool:
    """Return whether the job passes an object over, as Spark and Glue do: folders, and names that begin with _ or a
    dot.
    """
    key = name.split("/", 3)[3]
    return key.endswith("/") or any(part.startswith(("_", ".")) for part in key.split("/"))


def pending(found: Iterable[SourceObject], known: Committed, again: Any) -> list[SourceObject]:
    """Return the objects to read: versions that are not all in the ledger, and objects that `again(object)` names."""
    todo = []
    for one in found:
        progress = known.get((identity(one.name), one.version))
        if progress is None:
            todo.append(one)
        elif again(one):
            todo.append(replace(one, reread=True))
        elif not progress.complete:
            todo.append(replace(one, done=progress.lines))
    return todo


def partitions(objects: list[SourceObject], parallelism: int, most: int = 64 << 20) -> list[list[SourceObject]]:
    """Return the objects in their order, cut into groups of `most` bytes, such that the largest is about as small as it
    can be.

    A group has no object that comes before one of an earlier group. So batch ids, which begin with the group's number,
    decide which of two events comes first.
    """
    if not objects:
        return []
    ordered = sorted(objects, key=lambda o: o.order)
    costs = [o.bytes + _OBJECT_COST for o in ordered]
    total = sum(costs)
    # As many for each worker, or all but one would wait for the last group.
    rounds = max(-(-total // (most * parallelism)), 1)
    count = min(len(ordered), rounds * parallelism, MAX_PARTITIONS)
    low, high, middle = max(costs), total, max(costs)
    while high - low > total >> 10:
        low, high = (low, middle) if len(_cuts(costs, middle)) <= count else (middle + 1, high)
        middle = (low + high) // 2
    cuts = _cuts(costs, high)
    return [ordered[start:end] for start, end in zip(cuts, [*cuts[1:], len(ordered)], strict=True)]


def _cuts(costs: list[int], most: int) -> list[int]:
    """Return where groups begin that cost at most `most` each and are as few as possible."""
    cuts, load = list[int](), most
    for i, cost in enumerate(costs):
        if load + cost > most:
            cuts.append(i)
            load = 0
        load += cost
    return cuts
