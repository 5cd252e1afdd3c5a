"""Bytes as lines: whole, compressed, damaged and endless."""

import gzip
import random
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store_events import unpack
from store_events.stream import Lines, Refused
from store_events.unpack import CutShortError, Splitter


def split(chunks: Iterable[bytes]) -> list[tuple[int, bytes] | Refused]:
    """Lines with their numbers, and what was refused, in order; what is cut is refused."""
    splitter, found = Splitter(), []
    try:
        for chunk in unpack.unpacked(chunks):
            found += list(splitter.feed(chunk))
        found += list(splitter.end())
    except CutShortError:
        found.append(splitter.cut())
    flat: list[tuple[int, bytes] | Refused] = []
    for part in found:
        flat += zip(part.numbers, part.lines, strict=True) if isinstance(part, Lines) else [part]
    return flat


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


@settings(deadline=None, max_examples=60)
@given(
    lines=st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"")), max_size=30), size=st.integers(2, 40)
)
def test_numbers_count_blank_lines(lines: list[bytes], size: int) -> None:
    body = b"\n".join(lines)
    want = [(n, line) for n, line in enumerate(lines, 1) if line.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r")]
    if not body.startswith(b"\x1f\x8b"):
        assert split(cut(body, size)) == want
    packed = gzip.compress(body[: len(body) // 2]) + gzip.compress(body[len(body) // 2 :]) + b"\0\0"
    assert split(cut(packed, size)) == want


def test_last_line_needs_no_end() -> None:
    assert split([b"a\n\nb"]) == [(1, b"a"), (3, b"b")]
    assert split([b"a\n"]) == [(1, b"a")]
    assert split([]) == []


LINES = [b"%d %d" % (i, i * i) for i in range(3000)]
PACKED = gzip.compress(b"\n".join(LINES) + b"\n")


@pytest.mark.parametrize("keep", [11, 500, len(PACKED) // 2, len(PACKED) - 9, len(PACKED) - 1])
def test_gzip_cut_short_keeps_the_lines_before(keep: int) -> None:
    *whole, last = split(cut(PACKED[:keep], 1000))
    assert whole == [(n, line) for n, line in enumerate(LINES[: len(whole)], 1)]
    assert isinstance(last, Refused)
    assert (last.number, last.reason) == (len(whole) + 1, "cut_short")
    assert len(whole) == 3000 if keep > len(PACKED) - 10 else len(whole) < 3000


def test_damaged_trailer_keeps_all_lines() -> None:
    damaged = PACKED[:-8] + b"12345678"
    assert split([damaged])[:-1] == list(enumerate(LINES, 1))
    assert split([damaged])[-1] == Refused(3001, "cut_short", b"", 0)


@pytest.mark.parametrize("seed", range(5))
def test_any_damage_ends_the_object_where_it_is(seed: int) -> None:
    at = random.Random(seed).randrange(10, len(PACKED))
    damaged = bytearray(PACKED)
    damaged[at] ^= 0xFF
    found = split([bytes(damaged)])
    assert isinstance(found[-1], Refused)
    assert [line[0] for line in found if isinstance(line, tuple)] == list(range(1, len(found)))


def test_over_long_line_is_refused_whole_and_the_next_is_read() -> None:
    size = unpack.MAX_LINE + 1
    found = split([b"a\n" + b"x" * size + b"\nb\n"])
    assert found == [(1, b"a"), Refused(2, "line_too_long", b"x" * unpack.SAMPLE, size), (3, b"b")]
    assert split([b"x" * size]) == [Refused(1, "line_too_long", b"x" * unpack.SAMPLE, size)]
    fits = b"y" * unpack.MAX_LINE
    assert split(cut(fits + b"\nz", 1 << 18)) == [(1, fits), (2, b"z")]


def test_memory_does_not_grow_with_a_line() -> None:
    tracemalloc.start()
    found = split(b"x" * (1 << 18) for _ in range(400))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [Refused(1, "line_too_long", b"x" * unpack.SAMPLE, 400 << 18)]
    assert peak < 8 << 20


def test_a_little_gzip_that_unpacks_to_much_is_taken_in_pieces() -> None:
    packed = gzip.compress(b"\n".join([b"x" * 1000] * 40_000))
    tracemalloc.start()
    count = 0
    splitter = Splitter()
    for chunk in unpack.unpacked([packed]):
        count += sum(len(part.lines) for part in splitter.feed(chunk) if isinstance(part, Lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 39_999
    assert peak < 12 << 20
