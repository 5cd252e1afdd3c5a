"""Ranges of an object's lines: first and last number, in order, none next to another."""

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return the same lines in as few ranges as possible. A range that ends before it begins has none."""
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
    """Return whether a line is in one of them."""
    return any(first <= number <= last for first, last in ranges)
