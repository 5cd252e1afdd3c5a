"""One random object read by the job's reader and by the plain ones."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from fuzz import objects, plain
from fuzz.text import text
from store_events.source import framing, unpack, value_scanner
from store_events.source.framing import Framer
from store_events.source.read_events import Lines, Unreadable
from store_events.source.unpack import CutShortError
from testsupport import slow_reader
from testsupport.rows import plain_rows, rule_row

_KEPT = 1 << 20


def difference(seed: int) -> str | None:
    """What differs between the readers for this seed's object; None if nothing does."""
    rng = random.Random(seed)
    made = objects.make(rng, text(rng))
    with _limits(rng):
        found, cut = _read(objects.pieces(rng, made.body))
        problem = _whole(made, found, cut) if made.whole else _damaged(made, found, cut)
    problem = problem or _rows([value for _, value in found])
    return f"seed {seed}, {made.how}: {problem}\n  object: {made.body!r}" if problem else None


@contextmanager
def _limits(rng: random.Random) -> Iterator[None]:
    """In half of the objects the limits are so low that much goes over them."""
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
    """The values with their numbers, of those that are too long the first bytes; and what damage ended."""
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
        return f"the reader takes the object for cut short at number {cut.number}"
    want = plain.values(made.text)
    return None if found == want else f"read {found}\n  not  {want}"


def _damaged(made: objects.Object, found: list[tuple[int, bytes]], cut: Unreadable | None) -> str | None:
    """Values before the damage are as they would be without it; nothing is made up behind it."""
    if made.how == "plain":
        return None
    body, whole = plain.decompressed(made.body)
    if whole and len(body) % 2 == 0 and cut is not None:
        return f"the reader takes the object for cut short at number {cut.number}"
    # libzstd compares a frame's size with what it says only where it has the whole frame at once.
    if not whole and cut is None and "zstd" not in made.how:
        return "the reader does not notice the damage"
    want = plain.values(plain.utf8(body))
    if cut is None:
        return None if found == want else f"read {found}\n  not  {want}"
    if found != want[: len(found)]:
        return f"read {found}\n  not the first of {want}"
    last = found[-1][0] if found else 0
    return None if cut.number > last else f"the damage has number {cut.number}, the value before it {last}"


def _rows(lines: list[bytes]) -> str | None:
    """The rows of the fast path are those of the rule."""
    lines = [line for line in lines if b"\n" not in line]
    for line, row in zip(lines, plain_rows(lines), strict=True) if lines else ():
        if row is not None and row != rule_row(line):
            return f"row {row!r} of {line!r}, not {rule_row(line)!r}"
    return None
