"""Read a random object with the job's reader and with the reference readers."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from fuzz import objects, reference
from fuzz.text import text
from store_events.source import framing, unpack, value_scanner
from store_events.source.framing import Framer
from store_events.source.read_events import Lines, Unreadable
from store_events.source.unpack import CutShortError
from testsupport import slow_reader
from testsupport.rows import fast_path_rows, validated_row

_KEPT = 1 << 20


def difference(seed: int) -> str | None:
    """Return the difference between the readers for this seed's object, or None."""
    rng = random.Random(seed)
    made = objects.make(rng, text(rng))
    with _limits(rng):
        found, cut = _read(objects.chunks(rng, made.body))
        problem = _whole(made, found, cut) if made.whole else _damaged(made, found, cut)
    problem = problem or _rows([value for _, value in found])
    return f"seed {seed}, {made.how}: {problem}\n  object: {made.body!r}" if problem else None


@contextmanager
def _limits(rng: random.Random) -> Iterator[None]:
    """Lower the limits for half of the objects, so that many values exceed them."""
    line, levels = rng.choice([(framing.MAX_LINE, value_scanner.MAX_LEVELS)] * 2 + [(8, 2), (30, 3)])
    former = framing.MAX_LINE, value_scanner.MAX_LEVELS
    _set_limits(line, levels)
    try:
        yield
    finally:
        _set_limits(*former)


def _set_limits(line: int, levels: int) -> None:
    framing.MAX_LINE = slow_reader.MAX_LINE = line  # type: ignore[attr-defined]
    value_scanner.MAX_LEVELS = slow_reader.MAX_LEVELS = levels  # type: ignore[attr-defined]


def _read(chunks: Iterator[bytes]) -> tuple[list[tuple[int, bytes]], Unreadable | None]:
    """Return the values with their numbers, long ones truncated, and the damage that the reader reports, if any."""
    framer, parts, cut = Framer(_KEPT), list[Lines | Unreadable](), None
    try:
        for chunk in unpack.text(chunks):
            parts += framer.feed(chunk)
        parts += framer.end()
    except CutShortError:
        cut = framer.cut()
    found: list[tuple[int, bytes]] = []
    for part in parts:
        found += zip(part.numbers, part.lines, strict=True) if isinstance(part, Lines) else [(part.number, part.sample)]
    return found, cut


def _whole(made: objects.Object, found: list[tuple[int, bytes]], cut: Unreadable | None) -> str | None:
    if cut is not None:
        return f"the reader reports a complete object as cut short at number {cut.number}"
    want = reference.values(made.text)
    return None if found == want else f"read {found}\n  want {want}"


def _damaged(made: objects.Object, found: list[tuple[int, bytes]], cut: Unreadable | None) -> str | None:
    """Check that values before the damage are unchanged, and that no values follow it."""
    if made.how == "plain":
        return None
    body, whole = reference.decompressed(made.body)
    # libzstd checks a frame's declared size only if it gets the whole frame at once.
    if "zstd" not in made.how:
        if whole and len(body) % 2 == 0 and cut is not None:
            return f"the reader reports a complete object as cut short at number {cut.number}"
        if not whole and cut is None:
            return "the reader does not notice the damage"
    want = reference.values(reference.utf8(body))
    if cut is None:
        return None if found == want else f"read {found}\n  want {want}"
    if found != want[: len(found)]:
        return f"read {found}\n  want a prefix of {want}"
    last = found[-1][0] if found else 0
    return None if cut.number > last else f"the damage has number {cut.number}, the value before it {last}"


def _rows(lines: list[bytes]) -> str | None:
    """Check that the fast path returns the same rows as the slow path."""
    lines = [line for line in lines if b"\n" not in line]
    for line, row in zip(lines, fast_path_rows(lines), strict=True) if lines else ():
        if row is not None and row != validated_row(line):
            return f"row {row!r} of {line!r}, want {validated_row(line)!r}"
    return None
