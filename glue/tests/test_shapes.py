"""Lines of the same shape, and their values."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from store_events import json_text
from store_events.source.shapes import ShapeColumn, ShapeColumns, Shapes
from testsupport.rows import as_text

LINE = b'{"name": "x", "long_enough_to_be_two_words" : 12 ,"z":"y"}'


def anything(line: bytes, members: dict[str, str]) -> bool:
    return True


def found(
    lines: Sequence[bytes], min_lines: int = 1, plain: Callable[[bytes, dict[str, str]], bool] = anything
) -> list[tuple[list[int], dict[str, list[str]]]]:
    return values_of(Shapes(plain, min_lines), lines)


def values_of(of: Shapes, lines: Sequence[bytes]) -> list[tuple[list[int], dict[str, list[str]]]]:
    return [
        (v.places.tolist(), {name: value.column.to_pylist() for name in v.members if (value := v.value(name))})
        for v in of.values(as_text(list(lines)))
    ]


def json_of(values: ShapeColumns) -> list[dict[str, str]]:
    """Return the members of each line as JSON."""

    def text(part: str | ShapeColumn, i: int) -> str:
        return part if isinstance(part, str) else str(part.column[i].as_py())

    return [
        {name: "".join(text(part, i) for part in parts) for name, parts in values.members.items()}
        for i in range(len(values.places))
    ]


def taken(lines: Sequence[bytes], min_lines: int = 1) -> list[int]:
    return sorted(place for places, _ in found(lines, min_lines) for place in places)


def test_values_of_one_shape() -> None:
    lines = [b'{"a":"x","b":1}', b'{"a":"","b":-2.5}', '{"a":"é}, ","b":null}'.encode()]
    [(places, values)] = found(lines)
    assert places == [0, 1, 2]
    assert values == {"a": ["x", "", "é}, "], "b": ["1", "-2.5", "null"]}
    [read] = Shapes(anything, 1).values(as_text(lines))
    assert json_of(read) == [{"a": '"x"', "b": "1"}, {"a": '""', "b": "-2.5"}, {"a": '"é}, "', "b": "null"}]
    kept = read.only(np.array([False, True, True]))
    assert kept.places.tolist() == [1, 2]
    assert json_of(kept) == json_of(read)[1:]
    assert [value.quoted for name in "ab" if (value := kept.value(name))] == [True, False]
    assert kept.value("c") is None


def test_example_has_its_whole_text() -> None:
    asked = list[dict[str, str]]()

    def plain(_: bytes, members: dict[str, str]) -> bool:
        asked.append(members)
        return True

    assert values_of(Shapes(plain, 1), [b'{"a":"XxX"}']) == [([0], {"a": ["XxX"]})]
    assert asked == [{"a": '"XxX"'}]


def test_values_within_values() -> None:
    """The JSON is the same as that of validation: in the line's order, without white space."""
    lines = [
        b'{ "a": {"b" : "x", "a":[ "y",true ,{}], "":[]} , "z":[{"k":"1"},{"k":"2"}],"e" : [ ] , "n":1}',
        b'{ "a": {"b" : "", "a":[ ",",12 ,{}], "":[]} , "z":[{"k":"]"},{"k":"}"}],"e" : [ ] , "n":null}',
    ]
    asked = list[dict[str, str]]()

    def plain(_: bytes, members: dict[str, str]) -> bool:
        asked.append(members)
        return True

    [read] = Shapes(plain, 1).values(as_text(lines))
    assert asked == json_of(read)[:1]
    assert json_of(read) == [
        {name: json_text.write(value) for name, value in (json_text.read_object(line.decode()) or {}).items()}
        for line in lines
    ]
    assert list(read.members) == ["a", "z", "e", "n"]
    assert read.value("e") is None


def test_numbers_without_a_quote_between_have_no_shape() -> None:
    """The end of one and the beginning of the next are not known."""
    asked = list[bytes]()

    def plain(line: bytes, _: dict[str, str]) -> bool:
        asked.append(line)
        return True

    for line in (b'{"a":[1,2]}', b'{"a":"x","b":[1,2]}', b'{"b":[1,2],"a":"x"}'):
        assert values_of(Shapes(plain, 1), [line] * 2) == []
    assert asked == [], "they are not even examples"
    assert taken([b'{"a":[1,{"b":2}]}', b'{"a":[[[1]]]}']) == [0, 1]


def test_lines_of_several_shapes() -> None:
    one, two, three = b'{"a":"1"}', b'{"a": "2"}', b'{"a":"3"}\r'
    by_place = dict(enumerate([one, two, three, two, one]))
    assert found(list(by_place.values())) == [
        ([0, 4], {"a": ["1", "1"]}),
        ([1, 3], {"a": ["2", "2"]}),
        ([2], {"a": ["3"]}),
    ]


VALUES = {LINE.index(b"x"), LINE.index(b"1"), LINE.index(b"2"), LINE.index(b'y"}')}


@pytest.mark.parametrize("at", [i for i in range(len(LINE)) if LINE[i] != ord('"') and i not in VALUES])
def test_text_between_values_must_equal_the_example(at: int) -> None:
    """Each byte counts, including those at the boundaries of the compared words."""
    other = LINE[:at] + bytes([LINE[at] ^ 1]) + LINE[at + 1 :]
    ordinary = LINE.replace(b'"x"', b'"other"').replace(b"12", b"3")
    [(places, values), *_] = found([LINE, other, ordinary])
    assert places == [0, 2]
    assert values == {"name": ["x", "other"], "long_enough_to_be_two_words": ["12", "3"], "z": ["y", "y"]}


@pytest.mark.parametrize(
    "other",
    [
        LINE + b"}",
        LINE[:-1],
        LINE + b" ",
        b" " + LINE,
        LINE[1:],
        b"",
        b"{}",
        LINE.replace(b"12", b""),
        LINE.replace(b'"y"', b'y""'),
        LINE.replace(b'"z":"y"', b'"z""y":'),
        LINE.replace(b'"x"', b"x"),
        LINE + LINE,
    ],
)
def test_lines_that_do_not_fit(other: bytes) -> None:
    [(places, _), *_] = found([LINE, other, LINE])
    assert places == [0, 2]
    [(places, _), *_] = found([LINE, LINE, other])
    assert places == [0, 1]


def test_value_without_quotes_has_at_least_one_byte() -> None:
    assert taken([b'{"a":1}', b'{"a":}']) == [0]
    assert taken([b'{"a":1}', b'{"a":}', b'{"a":2}'], 2) == [0, 2]
    assert taken([b'{"a":"1"}', b'{"a":""}']) == [0, 1]


@pytest.mark.parametrize(
    ("line", "odd"),
    [
        (b'{"a":"\\n"}', True),
        (b'{"a":"\x01"}', True),
        (b'{"a":"\x1f"}', True),
        (b'{"a":"\t"}', True),
        (b'{"a":"\r"}', True),
        (b'{"a":"1"}\r\r', True),
        (b'{"a":"\xff"}', True),
        (b'\xff{"a":"x"}', True),
        (b'{"a":"x"}\xff', True),
        (b'{"a":"\xc3"}', True),
        (b'{"a":" \x7f"}', False),
        ('{"a":"é"}'.encode(), False),
    ],
)
def test_unusual_lines_are_left_out(line: bytes, odd: bool) -> None:
    for place in range(3):
        lines = [b'{"a":"x"}'] * 2
        lines.insert(place, line)
        assert taken(lines) == [i for i in range(3) if i != place or not odd], line
    assert taken([b'{"a":"x"}\r', line, b'{"a":"x"}\r'], 2) == [0, 2]


def test_unnecessary_escapes() -> None:
    """They are resolved. A line with a necessary escape, or with invalid JSON, is left out."""
    lines = [
        b'{"a":"x","b":"y"}',
        b'{"a":"\\u00e9\\/","b":"\\u0041"}',
        b'{"a":"\\n","b":"\\/"}',
        b'{"a":"\\/","b":"\\n"}',
        b'{"a":"\\ud83d","b":"\\/"}',
        b'{"a":"\\x","b":"z"}',
        b'{"a":"\\\\","b":"\\/"}',
    ]
    for more in ([], [b'{"a":"\\"x","b":"z"}'], [b'{"a":"\t","b":"z"}']):
        [read] = Shapes(anything, 1).values(as_text(lines + more))
        assert read.places.tolist() == [0, 1]
        assert json_of(read) == [{"a": '"x"', "b": '"y"'}, {"a": '"é/"', "b": '"A"'}]
        assert [value.quoted for name in "ab" if (value := read.value(name))] == [True, True]
    assert found(lines[1:2]) == [([0], {"a": ["é/"], "b": ["A"]})]


@pytest.mark.parametrize(
    "odd",
    [
        [b'{"a":"\x01"}', b'{"a":"\x02"}'],
        [b'{"a":"\\n"}', b'{"a":"\t"}', b'{"a":"\\t"}'],
        [b'{"a":"\xff"}', b'\xff{"a":"x"}'],
        [b'{"a":"x"}\xc3', b'\xa9{"a":"x"}', b'{"a":"\xe9"}'],
    ],
)
def test_each_of_several_unusual_lines_is_left_out(odd: list[bytes]) -> None:
    good = b'{"a":"x"}'
    assert taken([*odd, good]) == [len(odd)]
    assert taken([good, *odd]) == [0]


@pytest.mark.parametrize("bad", range(11))
def test_text_with_many_lines_that_are_not_utf8_is_left_out(bad: int) -> None:
    lines = [b'{"a":"x"}', *[b'{"a":"\xff"}'] * bad, b'{"a":"y"}']
    assert taken(lines) == ([0, bad + 1] if bad <= 8 else [])


def test_few_lines_are_not_worth_it() -> None:
    assert taken([b'{"a":"x"}'] * 2, min_lines=3) == []
    assert taken([b'{"a":"x"}'] * 3, min_lines=3) == [0, 1, 2]
    assert taken([b'{"a":"x"}'] * 3 + [b'{"b":"x"}'] * 2, min_lines=3) == [0, 1, 2]
    assert taken([b'{"a":"x"}'], min_lines=0) == [0]
    assert found([], min_lines=0) == []


@pytest.mark.parametrize(
    "line", [b'{"a":1,"a":2}', b"{}", b"plain text", b'{"a":1' + b" " * 1024 + b"}", b'{"' + b"a" * 1022 + b'":"1"}']
)
def test_lines_without_a_shape(line: bytes) -> None:
    assert found([line, line]) == []


def test_literal_may_be_as_long_as_the_padding() -> None:
    line = b'{"a":1' + b" " * 1023 + b"}"
    assert taken([line, line]) == [0, 1]
    assert taken([line, line[:-2] + b"x}", line], min_lines=2) == [0, 2], "its last bytes count"


def test_last_line_may_be_shorter_than_a_literal() -> None:
    """The whole literal is compared, although the text ends before it."""
    line = b'{"a":"1"' + b" " * 1022 + b"}"
    assert taken([line, line, b'{"a":"1"}'], min_lines=2) == [0, 1]


@pytest.mark.parametrize("other", [b'{"b":1}', b'{"b":"1"}'])
def test_known_shape_without_lines_is_skipped(other: bytes) -> None:
    """With the same or another number of quotes. The other known shape is not checked again."""
    asked = list[bytes]()

    def plain(line: bytes, _: dict[str, str]) -> bool:
        asked.append(line)
        return True

    of = Shapes(plain, 1)
    assert values_of(of, [b'{"a":1}', other]) != []
    assert len(asked) == 2
    assert values_of(of, [b'{"a":2}']) == [([0], {"a": ["2"]})]
    assert len(asked) == 2


def test_example_is_plain() -> None:
    asked = list[bytes]()

    def plain(line: bytes, members: dict[str, str]) -> bool:
        asked.append(line)
        return "good" in members

    lines = [b'{"bad":1}', b'{"bad":2}', b'{"good":3}', b'{"good":4}']
    assert found(lines, plain=plain) == [([2, 3], {"good": ["3", "4"]})]
    assert asked == lines[:3], "a line of a known shape is not checked"


def test_shapes_are_remembered() -> None:
    asked = list[bytes]()

    def plain(line: bytes, _: dict[str, str]) -> bool:
        asked.append(line)
        return True

    of = Shapes(plain, 1)
    first, second = [b'{"a":1}', b'{"b":1}'], [b'{"b":2}', b'{"a":2}']
    assert values_of(of, first) == [([0], {"a": ["1"]}), ([1], {"b": ["1"]})]
    assert values_of(of, second) == [([0], {"b": ["2"]}), ([1], {"a": ["2"]})], "the latest first"
    assert asked == first
    assert values_of(of, [b'{"c":1}']) == [([0], {"c": ["1"]})]
    assert len(asked) == 3


def test_eight_shapes_are_tried_at_once() -> None:
    lines = [b'{"%d":1}' % i for i in range(10)]
    assert taken(lines) == list(range(8))
    of = Shapes(anything, 1)
    assert [places for places, _ in values_of(of, lines)] == [[i] for i in range(8)]
    assert sorted(place for places, _ in values_of(of, lines) for place in places) == list(range(10)), "and known ones"


def test_values_are_at_the_places_of_their_lines() -> None:
    lines = [b'{"a":"%d","b":%d}' % (i, i * i) for i in range(300)]
    [(places, values)] = found(lines, min_lines=16)
    assert places == list(range(300))
    assert values == {"a": [str(i) for i in range(300)], "b": [str(i * i) for i in range(300)]}
