"""Ranges of an object's lines, as first and last number, sorted and without adjacent ranges."""

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the union of ranges. A range that ends before it begins is empty."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if last < first:
            continue
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)


def has(ranges: Ranges, number: int) -> bool:
    """Report whether a line is in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)
