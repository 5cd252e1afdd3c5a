"""Large objects in parts, so that several workers read one.

A part begins and ends after a line feed where nothing is open, neither a value nor an array, so its text is read as
if the object began there. To know these places, and the numbers of its lines, the workers read such objects once
without loading them, which takes about a twentieth of the time. Compressed text and UTF-16 can be read only from their
beginning; they, and what follows a place where something is open, are left to one worker.
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
_AT_ONCE = 16  # Objects whose first bytes are asked for.
_SHARES = 2  # An object is cut if it is larger than a share of the run's bytes, with so many shares for each worker.


@dataclass(frozen=True)
class _Range:
    """Bytes of an object: from `start` up to, and without, `end`. A line feed is looked for in the next `ahead`."""

    source: SourceObject
    start: int
    end: int
    ahead: int


@dataclass(frozen=True)
class _Found:
    """The text of a range, from after its first line feed to after the first one at its end or later: how many values
    and blank lines it has, and how many values.
    """

    start: int
    end: int
    count: int
    values: int


def cut(spark: SparkSession, todo: list[SourceObject], region: str, workers: int) -> list[SourceObject]:
    """Return the objects, with those that are large for so many workers in parts."""
    share = sum(one.size for one in todo) // (workers * _SHARES)
    large = _uncompressed([one for one in todo if one.size > max(PART_BYTES, share)], region)
    ranges = [part for one in large for part in _ranges(one, PART_BYTES)]
    if not ranges:
        return todo
    # A range takes half as long as the start of a task.
    found = spark.sparkContext.parallelize(ranges, min(len(ranges), workers)).map(_finder(region)).collect()
    by_name: dict[str, list[_Found | None]] = {one.name: [] for one in large}
    for part, one in zip(ranges, found, strict=True):
        by_name[part.source.name].append(one)
    return [some for one in todo for some in (_parts(one, by_name[one.name]) if one.name in by_name else [one])]


def _uncompressed(large: list[SourceObject], region: str) -> list[SourceObject]:
    """Return those that are not compressed, by their first bytes. They are few: each is larger than a share."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda one: unpack.is_uncompressed(_head(one, region)), large)
        return [one for one, uncompressed in zip(large, found, strict=True) if uncompressed]


def _head(one: SourceObject, region: str) -> bytes:
    """Return an object's first bytes. What cannot be read is left to the task that loads the object, which says why."""
    answer = reader.opened(region, replace(one, part=Part(0, min(one.size, unpack.HEAD), 0, None)))
    if isinstance(answer, Unread):
        return b""
    try:
        return b"".join(answer["Chunks"])
    except reader.BROKEN:
        return b""


def _ranges(one: SourceObject, most: int) -> Iterator[_Range]:
    """Yield equal ranges of at most so many bytes."""
    size = -(-one.size // -(-one.size // most))
    for start in range(0, one.size, size):
        yield _Range(one, start, min(start + size, one.size), min(2 * MAX_LINE, size))


def _parts(one: SourceObject, found: Iterable[_Found | None]) -> list[SourceObject]:
    """Return an object's parts: as far as what was found fits together, and the rest of it."""
    parts, end, number, values = list[Part](), 0, 0, 0
    for some in found:
        if some is None or some.start != end:
            break
        if some.end > end:  # The last line may have begun in the part before.
            parts.append(Part(end, some.end, number, number + some.count))
        end, number, values = some.end, number + some.count, values + some.values
    if end < one.size:
        parts.append(Part(end, one.size, number, None))
    # Without a value the ledger gets no entry that could have the object's end.
    return [replace(one, part=part) for part in parts] if len(parts) > 1 and values else [one]


def _finder(region: str) -> Callable[[_Range], _Found | None]:
    return lambda part: _find(region, part)


def _find(region: str, part: _Range) -> _Found | None:
    """Find the values that begin in a range. Return None if it cannot be read, or cannot be read from there, or not by
    itself.
    """
    first, size = max(part.start - 1, 0), part.source.size
    more = replace(part.source, part=Part(first, min(part.end + part.ahead, size), 0, None))
    answer = reader.opened(region, more)
    if isinstance(answer, Unread):
        return None
    try:
        return _read(reader.together(answer["Chunks"]), part, first)
    except reader.BROKEN:
        return None


def _read(texts: Iterable[bytes], part: _Range, position: int) -> _Found | None:
    """Count the values of a range; `texts` begin at byte `position` of the object. Return None if the range cannot be
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
            return _Found(start, position, framer.number, values) if framer.at_start else None
    if start is None or part.end < part.source.size:
        return None
    values += _values(framer.end())
    return _Found(start, position, framer.number, values)


def _values(items: Iterable[Lines | Unreadable]) -> int:
    return sum(len(some) if isinstance(some, Lines) else 1 for some in items)
