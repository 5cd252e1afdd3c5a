"""Splits large objects into parts, so that several workers can read one object.

A part begins and ends after a line feed outside of values and arrays, so it can be read by itself. To find these
offsets and line numbers, the workers first read such objects without loading them, which takes about 5 % of the time.
Compressed text and UTF-16 can only be read from the beginning, so one worker reads the whole object. One worker also
reads the rest of an object after a value or array that crosses the end of a range.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pyspark.sql import SparkSession

from store_events.source import reader, unpack
from store_events.source.framing import MAX_LINE, Framer
from store_events.source.objects import Part, SourceObject
from store_events.source.read_events import Lines, Unread, Unreadable

PART_BYTES = 16 << 20
_CONCURRENCY = 16  # Requests for the first bytes of objects.
_SHARES = 2  # Per worker. An object is split if it is larger than such a share of the run's bytes.


@dataclass(frozen=True)
class _Range:
    """The bytes [start, end) of an object. The line feed that ends a part is searched up to `ahead` bytes further."""

    source: SourceObject
    start: int
    end: int
    ahead: int


@dataclass(frozen=True)
class _Scan:
    """The text [start, end) of a range, from its first line feed to the first one at or after its end. `count` is the
    number of values and blank lines, `values` the number of values.
    """

    start: int
    end: int
    count: int
    values: int


def cut(spark: SparkSession, todo: list[SourceObject], region: str, workers: int) -> list[SourceObject]:
    """Return the objects, with large ones split into parts."""
    share = sum(one.size for one in todo) // (workers * _SHARES)
    large = _uncompressed([one for one in todo if one.size > max(PART_BYTES, share)], region)
    ranges = [part for one in large for part in _ranges(one, PART_BYTES)]
    if not ranges:
        return todo
    # Use few tasks: scanning a range takes half as long as starting a task.
    scans = spark.sparkContext.parallelize(ranges, min(len(ranges), workers)).map(_scanner(region)).collect()
    by_name: dict[str, list[_Scan | None]] = {one.name: [] for one in large}
    for part, scan in zip(ranges, scans, strict=True):
        by_name[part.source.name].append(scan)
    return [part for one in todo for part in (_parts(one, by_name[one.name]) if one.name in by_name else [one])]


def _uncompressed(large: list[SourceObject], region: str) -> list[SourceObject]:
    """Return the objects whose first bytes are not those of compressed text or UTF-16."""
    with ThreadPoolExecutor(_CONCURRENCY) as pool:
        found = pool.map(lambda one: unpack.is_uncompressed(_head(one, region)), large)
        return [one for one, uncompressed in zip(large, found, strict=True) if uncompressed]


def _head(one: SourceObject, region: str) -> bytes:
    """Return an object's first bytes, or none if it cannot be read. The task that loads it reports the error."""
    response = reader.opened(region, replace(one, part=Part(0, min(one.size, unpack.HEAD), 0, None)))
    if isinstance(response, Unread):
        return b""
    try:
        return b"".join(response["Chunks"])
    except reader.BROKEN:
        return b""


def _ranges(one: SourceObject, max_bytes: int) -> Iterator[_Range]:
    """Yield ranges of equal size."""
    size = -(-one.size // -(-one.size // max_bytes))
    for start in range(0, one.size, size):
        yield _Range(one, start, min(start + size, one.size), min(2 * MAX_LINE, size))


def _parts(one: SourceObject, scans: Iterable[_Scan | None]) -> list[SourceObject]:
    """Return an object's parts: one for each scan up to the first gap, and one for the rest."""
    parts, end, number, values = list[Part](), 0, 0, 0
    for scan in scans:
        if scan is None or scan.start != end:
            break
        if scan.end > end:  # Equal if the line that begins before the range also ends after it.
            parts.append(Part(end, scan.end, number, number + scan.count))
        end, number, values = scan.end, number + scan.count, values + scan.values
    if end < one.size:
        parts.append(Part(end, one.size, number, None))
    # Without values, no part would have a ledger entry to mark as complete.
    return [replace(one, part=part) for part in parts] if len(parts) > 1 and values else [one]


def _scanner(region: str) -> Callable[[_Range], _Scan | None]:
    return lambda part: _scan(region, part)


def _scan(region: str, part: _Range) -> _Scan | None:
    """Scan the values that begin in a range. Return None if it cannot be read, at all or by itself."""
    first, size = max(part.start - 1, 0), part.source.size
    more = replace(part.source, part=Part(first, min(part.end + part.ahead, size), 0, None))
    response = reader.opened(region, more)
    if isinstance(response, Unread):
        return None
    try:
        return _read(reader.coalesced(response["Chunks"]), part, first)
    except reader.BROKEN:
        return None


def _read(texts: Iterable[bytes], part: _Range, position: int) -> _Scan | None:
    """Count the values of a range. `texts` begin at byte `position` of the object. Return None if the range cannot be
    read by itself.
    """
    framer, start, values = Framer(), 0 if part.start == 0 else None, 0
    for text in texts:
        if start is None:
            at = text.find(b"\n", 0, part.ahead) + 1
            if not at:
                return None
            start = position + at
        else:
            at = 0
        last = part.end - 1 - position  # The first byte that can end the range.
        end = text.find(b"\n", max(last, at)) + 1 if part.end < part.source.size and last < len(text) else 0
        values += _values(framer.feed(text[at : end or len(text)]))
        position += end or len(text)
        if end:
            return _Scan(start, position, framer.number, values) if framer.at_start else None
    if start is None or part.end < part.source.size:
        return None
    values += _values(framer.end())
    return _Scan(start, position, framer.number, values)


def _values(items: Iterable[Lines | Unreadable]) -> int:
    return sum(len(item) if isinstance(item, Lines) else 1 for item in items)
