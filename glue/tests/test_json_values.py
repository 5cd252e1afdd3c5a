"""Where a value ends, what breaks it, and lines that are plainly one value each."""

import pytest

from store_events.source.json_values import BROKEN, DONE, MAX_LEVELS, MORE, Value, ends_of_values, ends_within_mark

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
        (b"{\n" + DEEP[1:] + b"{", BROKEN, len(DEEP) + 1),
        (b"{\n" + DEEP[1:-5] + b"{", MORE, len(DEEP) - 3),
    ],
)
def test_a_value_is_read_up_to_its_end_or_fault(text: bytes, ended: int, position: int) -> None:
    value = Value(0, 0)
    assert (value.read(text), value.position) == (ended, position)
    for size in range(len(text)):  # In two pieces it is the same.
        value = Value(0, 0)
        first = value.read(text[:size])
        assert (value.read(text) if first == MORE else first, value.position) == (ended, position), size


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
def test_lines_that_are_plainly_one_value_each(text: bytes, ends: list[int] | None) -> None:
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
