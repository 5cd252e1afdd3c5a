"""Scanning values: where they end or become invalid, and lines that are obviously one value each."""

import pytest

from store_events.source.value_scanner import (
    BROKEN,
    DONE,
    MAX_LEVELS,
    MORE,
    ValueScanner,
    ends_of_values,
    ends_within_mark,
)

DEEP = b'{"a":' * MAX_LEVELS


@pytest.mark.parametrize(
    ("text", "ended", "position"),
    [
        (b"{}x", DONE, 2),
        (b'{"a":[1,{"b":[]}]}', DONE, 18),
        (b'{"}":"\\"}"}', DONE, 11),
        (b'{"a"', MORE, 4),
        (b'{"a\\', MORE, 3),
        (b'{"a\\n":"\\', MORE, 8),
        (b'{"a":1 ', MORE, 7),
        (b'{\n"a":1\n', MORE, 8),
        (b'{"a":]', BROKEN, 5),
        (b'{"a":[}', BROKEN, 6),
        (b"{{", BROKEN, 1),
        (b"{[", BROKEN, 1),
        (b'{"a" {', BROKEN, 5),
        (b'{"a":[1 {', BROKEN, 8),
        (b'{"a":[1, \t\r\n{', MORE, 13),
        (b'{"a": {', MORE, 7),
        (b'{"a":\x0b{', BROKEN, 6),
        (b'{"a":X{', BROKEN, 6),
        (b'{"a":"\n', BROKEN, 6),
        (b'{\n\n"a":"b\nc', BROKEN, 9),
        (b'{"a":"\\\n', BROKEN, 7),
        (DEEP + b'{"b":1', MORE, len(DEEP) + 6),
        (DEEP + b"1\n", MORE, len(DEEP) + 2),
        (DEEP + b'{"b":1\n', BROKEN, len(DEEP) + 6),
        (DEEP + b'{"b":1 \n \n', BROKEN, len(DEEP) + 7),
        (DEEP + b'{"b":1}\n', BROKEN, len(DEEP) + 7),
        (DEEP + b'{"b":"}\\"\n', BROKEN, len(DEEP) + 9),
        (DEEP + b'{"b":"\\\n', BROKEN, len(DEEP) + 7),
        (DEEP + b"{]", MORE, len(DEEP) + 2),
        (DEEP + b"{" + b"}" * (MAX_LEVELS + 1) + b"}", DONE, len(DEEP) + MAX_LEVELS + 2),
        (DEEP + b"[]]]]" + b"}" * MAX_LEVELS + b"}", DONE, len(DEEP) + MAX_LEVELS + 5),
        (DEEP + b'{"}\\"}"' + b"}" * (MAX_LEVELS + 1), DONE, len(DEEP) + MAX_LEVELS + 8),
        (DEEP + b'{"}\\\\"[]' + b"}" * (MAX_LEVELS + 1), DONE, len(DEEP) + MAX_LEVELS + 9),
        (DEEP + b'{\\"\\}' + b"}" * (MAX_LEVELS + 1), DONE, len(DEEP) + MAX_LEVELS + 6),
        (DEEP + b"{" + b"[]" * 1000 + b"}" * MAX_LEVELS, MORE, len(DEEP) + MAX_LEVELS + 2001),
        (DEEP + b"{" + b"[]" * 1000 + b"}" * MAX_LEVELS + b"}x", DONE, len(DEEP) + MAX_LEVELS + 2002),
        (b"{\n" + DEEP[1:] + b"{", BROKEN, len(DEEP) + 1),
        (b"{\n" + DEEP[1:-5] + b"{", MORE, len(DEEP) - 3),
    ],
)
def test_value_is_read_up_to_its_end_or_error(text: bytes, ended: int, position: int) -> None:
    value = ValueScanner(0, 0)
    assert (value.read(text, len(text)), value.position) == (ended, position)
    for size in range(0, len(text), 1 + len(text) // 200):  # The same in two chunks.
        value = ValueScanner(0, 0)
        first = value.read(text[:size], size)
        assert (value.read(text, len(text)) if first == MORE else first, value.position) == (ended, position), size
        value = ValueScanner(0, 0)
        first = value.read(text, size)
        assert (value.read(text, len(text)) if first == MORE else first, value.position) == (ended, position), size


def test_nested_incomplete_value_is_not_read_again() -> None:
    text = b'x{"a":[{"b":\n{},"c":"'
    value = ValueScanner(1, 1)
    assert value.read(text, len(text)) == MORE
    for at in (1, 6, 7):
        alone = ValueScanner(at, at)
        alone.read(text, len(text))
        assert value.within(text, at) == alone
    for at in (0, 2, 12, 13):
        assert value.within(text, at) is None
    value = ValueScanner(0, 0)
    assert value.read(b'{"a":\n{"b":', 11) == MORE
    inner = value.within(b'{"a":\n{"b":', 6)
    assert inner
    assert (inner.at, inner.several_lines, value.several_lines) == (6, False, True)


@pytest.mark.parametrize("unit", [b"{", b"{},", b'{"a":', b'"",', b'"\\",{",', b"{}{[", b'\\"', b"\\"])
def test_only_strings_and_braces_count_in_chunks_of_any_size(unit: bytes) -> None:
    """The result is the same as reading byte by byte."""
    text = unit * 700 + b"}" * 2200
    for start in range(4):
        levels, quoted, escaped, end = 2, False, False, None
        for at in range(start, len(text)):
            byte = text[at : at + 1]
            if escaped or byte == b"\\":
                escaped = not escaped
            elif byte == b'"':
                quoted = not quoted
            elif not quoted and byte in (b"{", b"}"):
                levels += 1 if byte == b"{" else -1
                if levels == 0:
                    end = at + 1
                    break
        for size in (1, 7, 300, 5000):
            value, ended = ValueScanner(0, start, bytearray(b"{{")), MORE
            value.only_count()
            for until in (*range(start, len(text), size), len(text)):
                if ended == MORE:
                    ended = value.read(text, until)
            assert (ended, value.position) == ((MORE, len(text)) if end is None else (DONE, end)), (start, size)
            if end is None:
                assert (value.levels, value.in_string) == (levels, quoted)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (b'{"a":1}\n', [7]),
        (b"{}\n{}\n", [2, 5]),
        (b"{}\r\n{}\r\n", [3, 7]),
        (b'{"a":{}}\n{"b":1}\n', [8, 16]),
        (b'{"a":{"b":{}}}\r\n', [15]),
        (b'{"a":"\\n"}\n', [10]),
        (b'{"a":"\\"","b":{}}\n', None),
        (b'{"a":{"b":"\\\\"}}\n', None),
        (b"\n", None),
        (b"\r\n", None),
        (b"}\n", None),
        (b" {}\n", None),
        (b"{} \n", None),
        (b"{}\n{}\r\n", None),
        (b"{}\r\n{}\n", None),
        (b"{}\n {}\n", None),
        (b"{}\n\n{}\n", None),
        (b"{}{}\n", None),
        (b"{}{}\n{}\n", None),
        (b'{"a":{}\n', None),
        (b'{"a":}}\n', None),
        (b'{"a":"}","b":"{"}\n', None),
        (b'{"a":"{}"}\n', None),
        (b'{"a":{"{}":1}}\n', None),
        (b'{"a":"}\n{"}\n', [7, 11]),
        (b'{"a":{\n{}}}\n', None),
        (b"{\n}\n", None),
    ],
)
def test_lines_that_are_obviously_one_value_each(text: bytes, ends: list[int] | None) -> None:
    for before, after in ((b"", b""), (b'"\n', b""), (b"", b'{"\\"}\n'), (b"\r\n{}\n\\{", b"}\n")):
        found = ends_of_values(before + text + after, len(before), len(before + text))
        assert (None if found is None else found.tolist()) == ends, (before, after)


@pytest.mark.parametrize(
    ("text", "at", "within"),
    [
        (b"\xef", 0, True),
        (b"\xef\xbb", 0, True),
        (b"{}\xef\xbb", 2, True),
        (b"{}\xef\xbb", 3, False),
        (b"\xef\xbb\xbf", 0, False),
        (b"\xef\xbb\xbf{", 0, False),
        (b"\xefx", 0, False),
        (b"x", 0, False),
        (b"xy\xef", 0, False),
    ],
)
def test_text_that_ends_within_a_byte_order_mark(text: bytes, at: int, within: bool) -> None:
    assert ends_within_mark(text, at) is within
