"""Splitting text into values: one per line, several per line, in arrays, over several lines, too long, and damaged."""

import gzip
import json
import random
import tracemalloc
from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from store_events.source import framing, unpack, value_scanner
from store_events.source.framing import Framer
from store_events.source.read_events import Lines, Text, Unreadable
from store_events.source.unpack import CutShortError
from store_events.source.value_scanner import ValueScanner
from testsupport import slow_reader

_VECTORS = Path(__file__).resolve().parents[2] / "schema" / "testdata" / "framing.jsonl"


def split(chunks: Iterable[bytes], kept: int = framing.KEPT) -> list[tuple[int, bytes] | Unreadable]:
    """Return values with their numbers, and unreadable parts, in order."""
    framer, found = Framer(kept), []
    try:
        for chunk in unpack.text(chunks):
            found += list(framer.feed(chunk))
        found += list(framer.end())
    except CutShortError:
        found.append(framer.cut())
    flat: list[tuple[int, bytes] | Unreadable] = []
    for part in found:
        flat += zip(part.numbers, part.lines, strict=True) if isinstance(part, Lines) else [part]
    return flat


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[i : i + size] for i in range(0, len(body), size))


@settings(deadline=None, max_examples=60)
@given(
    lines=st.lists(st.binary(max_size=12).map(lambda b: b.translate(None, b"[],{}\n")), max_size=30),
    size=st.integers(2, 40),
)
def test_numbers_count_blank_lines(lines: list[bytes], size: int) -> None:
    body = b"\n".join(lines)
    want = [(n, line) for n, line in enumerate(lines, 1) if line.replace(b"\xef\xbb\xbf", b"").strip(b" \t\r")]
    # These prefixes would change how the object is read.
    assume(not body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xff\xfe", b"\xfe\xff")))
    assume(body[1:4] != b"*M\x18")
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
def test_lines_before_the_end_of_truncated_gzip_are_read(keep: int) -> None:
    *whole, last = split(cut(PACKED[:keep], 1000))
    assert whole == [(n, line) for n, line in enumerate(LINES[: len(whole)], 1)]
    assert isinstance(last, Unreadable)
    assert (last.number, last.reason) == (len(whole) + 1, "cut_short")
    assert len(whole) == 3000 if keep > len(PACKED) - 10 else len(whole) < 3000


def test_all_lines_before_a_damaged_trailer_are_read() -> None:
    damaged = PACKED[:-8] + b"12345678"
    assert split([damaged])[:-1] == list(enumerate(LINES, 1))
    assert split([damaged])[-1] == Unreadable(3001, "cut_short", b"", 0)


@pytest.mark.parametrize("seed", range(5))
def test_object_ends_at_its_damage(seed: int) -> None:
    at = random.Random(seed).randrange(10, len(PACKED))
    damaged = bytearray(PACKED)
    damaged[at] ^= 0xFF
    found = split([bytes(damaged)])
    assert isinstance(found[-1], Unreadable)
    assert [line[0] for line in found if isinstance(line, tuple)] == list(range(1, len(found)))


def test_long_line_is_unreadable_and_the_next_is_read() -> None:
    size = framing.MAX_LINE + 1
    found = split([b"a\n" + b"x" * size + b"\nb\n"], kept=10)
    assert found == [(1, b"a"), Unreadable(2, "line_too_long", b"x" * 10, size), (3, b"b")]
    assert split(cut(b"a\n" + b"x" * size + b"\nb\n", 1 << 18), kept=10) == found
    assert split([b"x" * size]) == [Unreadable(1, "line_too_long", b"x" * size, size)]
    longer = b"x" * 3 * size
    found = [Unreadable(1, "line_too_long", longer[:10], len(longer)), (2, b"b"), (3, b"c")]
    assert split(cut(longer + b"\nb\nc\n", 1 << 18), kept=10) == found
    fits = b"y" * framing.MAX_LINE
    assert split(cut(fits + b"\nz", 1 << 18)) == [(1, fits), (2, b"z")]


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_values_next_to_a_long_value_are_read(size: int) -> None:
    long = b'{"a":"' + b'x\\"' * 700_000 + b'"}'
    text = b'{"b":1}' + long + b'{"c":1}\n{"d":1}\n' + long + b"\n" + long[:-2]
    *found, last = split(cut(text, size), kept=8)
    assert found == [
        (1, b'{"b":1}'), Unreadable(2, "line_too_long", long[:8], len(long)), (3, b'{"c":1}'), (4, b'{"d":1}'),
        Unreadable(5, "line_too_long", long[:8], len(long)),
    ]  # fmt: skip
    assert last == Unreadable(6, "line_too_long", long[:8], len(long) - 2)


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_lines_of_a_long_value_over_several_lines_are_read_separately(size: int) -> None:
    second = b'"' + b"x" * framing.MAX_LINE
    found = [(1, b"{"), Unreadable(2, "line_too_long", second[:8], len(second)), (3, b'{"b":1}')]
    assert split(cut(b"{\n" + second + b'\n{"b":1}\n', size), kept=8) == found


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_events_after_one_that_ends_within_an_array_are_read(size: int) -> None:
    """The following events could all be elements of that array."""
    cut_one, events = b'{"a":["b",', [b'{"a":"%06d"}' % i for i in range(100_000)]
    text = b"[\n" + cut_one + b"\n" + b",\n".join(events) + b"\n]\n"
    assert split(cut(text, size)) == list(enumerate([cut_one, *events], 2))


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
@pytest.mark.parametrize("more", [0, 1, 2])
def test_longest_value_over_several_lines(more: int, size: int) -> None:
    start, end = b'{"a":\n"', b'"}'
    middle = b"x" * (framing.MAX_LINE - len(start + end) + more)
    found = split(cut(start + middle + end + b'\n{"b":1}\n', size))
    parts = [start + middle + end] if not more else [b'{"a":', start[-1:] + middle + end]
    assert found == list(enumerate([*parts, b'{"b":1}'], 1))


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_line_feed_ends_a_long_value(size: int) -> None:
    first = b'{"a":["' + b"x" * framing.MAX_LINE + b'",'
    found = [Unreadable(1, "line_too_long", first[:8], len(first)), (2, b'{"b":1}'), (3, b"}")]
    assert split(cut(first + b'\n{"b":1},]}\n', size), kept=8) == found


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_backslash_at_the_maximum_length(size: int) -> None:
    for more in (-2, -1, 0, 1):
        long = b'{"a":"' + b"x" * (framing.MAX_LINE - 6 + more) + b'\\"}"}'
        *found, last = split(cut(long + b'{"b":1}\n', size), kept=8)
        assert (found, last) == ([Unreadable(1, "line_too_long", long[:8], len(long))], (2, b'{"b":1}'))


def test_object_damaged_within_a_long_line() -> None:
    framer = Framer(10)
    assert list(framer.feed(b"x" * (framing.MAX_LINE + 1))) == []
    assert list(framer.feed(b"y")) == []
    assert framer.cut() == Unreadable(1, "cut_short", b"x" * 10, framing.MAX_LINE + 2)
    framer = Framer()
    assert list(framer.feed(b"x" * (framing.MAX_LINE + 1) + b"y")) == []
    assert framer.cut() == Unreadable(1, "cut_short", b"x" * (framing.MAX_LINE + 1) + b"y", framing.MAX_LINE + 2)


def test_white_space_may_make_a_line_too_long() -> None:
    """A value is read if the white space after it alone is too long for a line."""
    value = b'{"a":1}'
    longest = value + b" " * framing.MAX_LINE
    assert split([longest + b"\n"]) == [Unreadable(1, "line_too_long", longest, len(longest))]
    assert split([longest + b" \n" + value]) == [(1, value), (2, value)]


def test_lines_that_are_read_one_by_one() -> None:
    """White space before the first line keeps the block from being read as a whole."""
    assert split([b' {"a":[1}\n{"b":2]}\n']) == [(1, b' {"a":[1}'), (2, b'{"b":2]}')]
    assert split([b" {}\n,\n{}\n"]) == [(1, b" {}"), (3, b"{}")]


def test_block_of_plain_lines_is_not_split() -> None:
    """Each line is obviously one value, so the block is passed on unchanged."""
    text = b'{"a":{"b":1}}\n' * 10_000
    (block,) = Framer(before=7).feed(text + b'{"a"')
    assert isinstance(block, Lines)
    assert isinstance(block.lines, Text)
    assert (block.numbers, list(block.lines)) == (range(8, 10_008), [b'{"a":{"b":1}}'] * 10_000)


def test_length_of_a_line_does_not_include_the_text_before() -> None:
    line = b"x" * (framing.MAX_LINE * 2 // 3)
    before = b"{}\n" * (len(line) // 3)
    assert split([before + line, b"\n"])[-1] == (len(line) // 3 + 1, line)


@pytest.mark.parametrize("more", [0, 1, 2])
@pytest.mark.parametrize("before", [b"", b"{}\n"])
def test_longest_line_of_a_block(before: bytes, more: int) -> None:
    line = b'{"a":"' + b"x" * (framing.MAX_LINE - 8 + more) + b'"}'
    *_, found, after = split([before + line + b'\n{"b":1}\n'], kept=1)
    number = 2 if before else 1
    assert found == (Unreadable(number, "line_too_long", b"{", len(line)) if more else (number, line))
    assert after == (number + 1, b'{"b":1}')


def test_letter_after_a_value_belongs_to_its_line() -> None:
    assert split([b'{"a":1}X\n{"b":1}\n']) == [(1, b'{"a":1}X'), (2, b'{"b":1}')]


@pytest.mark.parametrize("unit", [b"1", b"[", b'{"a":', b'"', b"\\"])
def test_memory_does_not_grow_with_a_line(unit: bytes) -> None:
    piece = (unit * (1 << 18))[: 1 << 18]
    for start in (b"x", b'{"a":"', b'{"a":[') + ((b"[",) if unit == b"1" else ()):
        tracemalloc.start()
        found = split((start if i == 0 else piece for i in range(100)), kept=4096)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        size = len(start) * (start != b"[") + 99 * (1 << 18)
        assert [(one.number, one.size) for one in found if isinstance(one, Unreadable)] == [(1, size)]
        assert peak < 8 << 20


def test_line_with_many_events_is_read_incrementally() -> None:
    event = b'{"request_id":"%d","nested":{"a":[1,{"b":"}{"}]}}'
    framer, count, most = Framer(), 0, 0
    for i in range(20):
        for part in framer.feed(b"".join(event % n for n in range(i * 1000, i * 1000 + 1000))):
            assert isinstance(part, Lines)
            count += len(part)
        most = max(most, len(framer._rest))
    assert (count, most < 1000) == (19_999, True)
    assert sum(len(part.numbers) for part in framer.end() if isinstance(part, Lines)) == 1


def _vectors() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _VECTORS.read_text().splitlines()]


@pytest.mark.parametrize("vector", _vectors(), ids=lambda v: str(v["case"]))
def test_vectors(vector: dict[str, Any]) -> None:
    """The cases are shared with ops/internal/eventfile/framer_test.go."""
    text = b64decode(vector["base64"]) if "base64" in vector else vector["text"].encode()
    want = [(number, value.encode()) for number, value in vector["values"]]
    assert slow_reader.read(text) == want
    for size in (1, 2, 3, 7, 1000):
        assert split(cut(text, size)) == want


TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\r\n", b" ", b"\t", b"\xef\xbb\xbf", b"\xef", b"\xff",
    b"\0", b"1", b"null", b'"a"', b'"a":', b'{"a":1}', b'{"a":{"b":[1,{"c":2}]}}', b'{"a":"}{"}', b'{"a":"\\""}',
    b'[1,2]', b"x", b'{"a":[', b'"b":{', b"\x0b",
]  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=40), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_random_text_in_random_chunks_agrees_with_the_slow_reader(tokens: list[bytes], sizes: list[int]) -> None:
    text = b"".join(tokens)
    framer, found, at = Framer(), [], 0
    for i in range(len(text)):
        if at < len(text):
            size = sizes[i % len(sizes)]
            found += list(framer.feed(text[at : at + size]))
            at += size
    found += list(framer.end())
    flat = [pair for p in found if isinstance(p, Lines) for pair in zip(p.numbers, p.lines, strict=True)]
    assert flat == slow_reader.read(text)


@pytest.mark.parametrize("limit", [8, 20])
def test_long_text_in_chunks_agrees_with_the_slow_reader(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """The limits are so low that most values exceed them."""
    for module in (framing, slow_reader):
        monkeypatch.setattr(module, "MAX_LINE", limit)
    for module in (value_scanner, slow_reader):
        monkeypatch.setattr(module, "MAX_LEVELS", 2)
    for seed in range(700):
        random_ = random.Random(seed)
        text = b"".join(random_.choices(TOKENS, k=random_.randrange(1, 40)))
        want = slow_reader.read(text)
        for size in (1, 3, 1000):
            got = []
            framer = Framer(1000)
            for chunk in cut(text, size):
                got += list(framer.feed(chunk))
            got += list(framer.end())
            flat: list[tuple[int, bytes]] = []
            for part in got:
                flat += (
                    zip(part.numbers, part.lines, strict=True)
                    if isinstance(part, Lines)
                    else [(part.number, part.sample)]
                )
            assert flat == want, (seed, size, text)


def test_time_is_linear() -> None:
    """Each line looks like the beginning of a value that continues."""
    for line in (b'{"a":[\n', b'{"a":[1,\n', b"[\n", b'{"a":{\n', b'{"a":\n', b'{"a":"\n', b"{\n", b'{"a":[[[[1],\n'):
        text = line * 10_000
        found = split(cut(text, 1 << 18))
        assert len(found) == (0 if line == b"[\n" else 10_000), line


@pytest.mark.parametrize("opening", [b'{"a":[\n', b'{"a":[1,\n', b'{"a":\n'])
def test_text_is_read_at_most_twice(monkeypatch: pytest.MonkeyPatch, opening: bytes) -> None:
    """The values are nested, incomplete, and all become too long."""
    read, whole = 0, ValueScanner.read

    def counted(value: ValueScanner, *some: Any) -> int:
        nonlocal read
        read -= value.position
        ended = whole(value, *some)
        read += value.position
        return ended

    monkeypatch.setattr(ValueScanner, "read", counted)
    events = [b'{"b":[{}]}'] * (framing.MAX_LINE // 12)
    text = (opening * 30 + b",\n".join(events) + b"\n") * 2
    found = split(cut(text, 1 << 18))
    assert [value for _, value in found] == ([opening[:-1]] * 30 + events) * 2  # type: ignore[misc]
    assert read < 2 * len(text)


@pytest.mark.parametrize("unit", [b"[", b"[],", b'"",', b'{"a":', b'\\"'])
def test_text_that_cannot_be_an_event_is_skipped_at_once(monkeypatch: pytest.MonkeyPatch, unit: bytes) -> None:
    """Scanning each bracket or string would take a worker too long."""
    calls, bracket = 0, ValueScanner._bracket

    def counted(value: ValueScanner, token: bytes) -> int:
        nonlocal calls
        calls += 1
        return bracket(value, token)

    monkeypatch.setattr(ValueScanner, "_bracket", counted)
    monkeypatch.setattr(framing, "MAX_LINE", 1000)
    text = b'{"a":[' + unit * 100_000
    assert [one.size for one in split(cut(text, 1 << 18)) if isinstance(one, Unreadable)] == [len(text)]
    assert calls < 1000
