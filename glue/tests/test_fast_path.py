"""The fast path returns the same rows as validation line by line."""

import json
import random
from collections.abc import Sequence

import pytest

from store_events.contract import load
from store_events.source import validate
from store_events.source.fast_path import FastPath
from testsupport.cases import CASES
from testsupport.rows import OBJECT, RUN_DAY, as_text, fast_path_rows, validated_row

FULL = (
    b'{"request_id":"a-1","category":"B\xc3\xbccher","store_id":"7","ts":"2024-05-01T10:20:30.1239Z",'
    b'"event_type":"sale_event","sales":12.51,"sku":9,"gift_wrap":true,"qty":-3,"priority_shipping":false,'
    b'"contact_me":null,"is_return":false,"bad_msg":true}'
)


def test_agrees_with_validation() -> None:
    for case, row in zip(CASES, fast_path_rows([c.line for c in CASES]), strict=True):
        assert row is None or row == validated_row(case.line), case.name


def test_ordinary_event_is_plain() -> None:
    [row] = fast_path_rows([FULL])
    assert row is not None
    assert row == validated_row(FULL)
    assert row == ('"a-1","Bücher","7",2024-05-01 10:20:30.123,"sale_event",12.51,9,1,-3,0,NULL,0,1,NULL,2024-05-02\n')


def test_day() -> None:
    for path in ("s3://b/x.json", "s3://b/dt=2024-02-30/x.json", OBJECT):
        for line in (FULL, b'{"request_id":"a"}'):
            assert fast_path_rows([line], path) == [validated_row(line, path)]


def test_lines_of_one_shape_agree_with_validation() -> None:
    """Each case alone among ordinary events, and all cases together, as text that is not split yet."""
    lines = [line for c in CASES if b"\n" not in (line := c.line)]
    for some in (lines, *([FULL, line, FULL, line] for line in lines)):
        for line, row in zip(some, fast_path_rows(as_text(some)), strict=True):
            assert row is None or row == validated_row(line), line


def test_ordinary_events_of_several_shapes_are_plain() -> None:
    short = FULL.replace(b'"store_id":"7",', b"").replace(b'"contact_me":null', b'"contact_me":"x"')
    spaced = FULL.replace(b":", b" : ", 3).replace(b",", b", ")
    lines = [FULL, short, spaced + b"\r"] * 3
    assert fast_path_rows(as_text(lines)) == [validated_row(line) for line in lines]
    assert None not in fast_path_rows(as_text(lines))


UNKNOWN = FULL[:-1] + (
    b', "tier":"gold","points" : 1.50e3,"address":{ "city":"Ulm", "zip":null}'
    b', "tags":["a","b", true ],"none":{ "x" : [] }}'
)


def test_events_with_unknown_fields_are_plain() -> None:
    lines = [UNKNOWN, UNKNOWN.replace(b"gold", b"").replace(b"1.50e3", b"-0").replace(b"Ulm", "é]},".encode())]
    assert fast_path_rows(as_text(lines)) == [validated_row(line) for line in lines]
    assert ",-0," not in str(validated_row(lines[0]))
    [plain] = FastPath(load(), RUN_DAY, min_lines=0).plain(as_text(lines), None)
    assert plain.unknown == ("tier", "points", "address", "tags", "none")
    assert plain.rows.column("extra").to_pylist() == [
        '{"tier":"gold","points":1.50e3,"address":{"city":"Ulm","zip":null},"tags":["a","b",true],"none":{"x":[]}}',
        '{"tier":"","points":-0,"address":{"city":"é]},","zip":null},"tags":["a","b",true],"none":{"x":[]}}',
    ]
    only_empty = [b'{"request_id":"a","x":{}}', b'{"request_id":"b","x":{}}']
    assert fast_path_rows(as_text(only_empty)) == [validated_row(line) for line in only_empty]
    assert None not in fast_path_rows(as_text(only_empty))


@pytest.mark.parametrize(
    "name", ["extra", "dt", "batch_id", "batch_position", "Qty", "", "a b", "é\u2028\x7f", "a'b", "$.x", "request_id "]
)
def test_unknown_field_may_have_any_name(name: str) -> None:
    lines = [json.dumps({"request_id": str(i), name: f"v{i}"}, ensure_ascii=False).encode() for i in range(3)]
    assert fast_path_rows(as_text(lines)) == [validated_row(line) for line in lines]
    assert None not in fast_path_rows(as_text(lines))


@pytest.mark.parametrize(
    "value",
    [
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "NaN",
        "Infinity",
        "True",
        "nul",
        "1 2",
        "1,2",
        "1}",
        "1,x",
        " ",
        "٣",
        "1\u00a0",
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_values_of_unknown_fields_must_be_json(value: str, nested: bool) -> None:
    form = '{"request_id":"%s","x":{"y":%s}}' if nested else '{"x":%s,"request_id":"%s"}'
    values = ["1", value, "-0.5e-7", "true"]
    lines = [(form % ((str(i), v) if nested else (v, str(i)))).encode() for i, v in enumerate(values)]
    rows = fast_path_rows(as_text(lines))
    assert [row is None for row in rows] == [False, True, False, False], rows
    assert rows == [row and validated_row(line) for line, row in zip(lines, rows, strict=True)]


def test_unused_value_must_be_json() -> None:
    """The last value of a repeated name counts."""
    lines = [b'{"request_id":"a","x":1,"x":2}', b'{"request_id":"b","x":y,"x":2}', b'{"request_id":"c","x":1,"x":2}']
    for some in (lines, [line.replace(b'"x":2', b'"z":{"x":1,"x":2}') for line in lines]):
        for line, row in zip(some, fast_path_rows(as_text(some)), strict=True):
            assert row is None or row == validated_row(line), line


@pytest.mark.parametrize("seed", range(4))
def test_damaged_lines_among_ordinary_ones_agree_with_validation(seed: int) -> None:
    """Bytes of some lines are changed, removed or inserted, mostly JSON's special characters."""
    rng = random.Random(seed)
    shapes = [FULL, FULL.replace(b'"store_id":"7",', b""), FULL.replace(b"true", b"null"), FULL.replace(b":", b": ")]
    shapes += [UNKNOWN] * 4
    lines = [_damaged(rng.choice(shapes), rng) if rng.random() < 0.5 else rng.choice(shapes) for _ in range(3000)]
    ordinary = found = 0
    for start in range(0, len(lines), 500):
        some = lines[start : start + 500]
        for line, row in zip(some, fast_path_rows(as_text(some)), strict=True):
            assert row is None or row == validated_row(line), line
            ordinary += line in shapes
            found += line in shapes and row is not None
    assert found > 0.5 * ordinary, (found, ordinary)


SHAPE, LINES = "of a shape", "one by one"
LAST_INT, LAST_BIGINT = 2**31 - 1, 2**63 - 1
# A field, one of its values as JSON, and the code paths for which a line with it is plain.
PLAIN_VALUES = [
    ("request_id", '"!~#[]^"', (SHAPE, LINES)),
    ("request_id", '"%s"' % ("k" * 36), (SHAPE, LINES)),
    ("request_id", '"%s"' % ("k" * 37), ()),
    ("request_id", '"a b"', ()),
    ("request_id", '"\x7f"', ()),
    ("request_id", '"é"', ()),
    ("request_id", '""', ()),
    ("category", '""', (SHAPE, LINES)),
    ("category", '"NULL"', (SHAPE, LINES)),
    ("category", '"%s"' % ("x" * 64), (SHAPE, LINES)),
    ("category", '"%s"' % ("\U0001f600" * 64), (SHAPE, LINES)),
    ("category", '"%s"' % ("x" * 65), ()),
    ("category", "null", (SHAPE, LINES)),
    ("category", "1", ()),
    ("category", "true", ()),
    ("ts", '"2024-05-01T10:20:30Z"', (SHAPE, LINES)),
    ("ts", '"2024-05-01 10:20:30"', (SHAPE, LINES)),
    ("ts", '"9999-12-31 23:59:59.999"', (SHAPE, LINES)),
    ("ts", '"1000-01-01T00:00:00.000000Z"', (SHAPE, LINES)),
    ("ts", '"2024-05-01T10:20:30.12Z"', ()),
    ("ts", '"2024-05-01T10:20:30.1234567Z"', ()),
    ("ts", '"0999-12-31T23:59:59Z"', ()),
    ("ts", '"2024-05-01T10:20Z"', ()),
    ("ts", '"2024-05-01T10:20:30+01:00"', ()),
    ("ts", "null", (SHAPE, LINES)),
    ("ts", "20240501", ()),
    ("sales", "0", (SHAPE, LINES)),
    ("sales", "-0", (SHAPE, LINES)),
    ("sales", "-0.5", (SHAPE, LINES)),
    ("sales", "9999999999.99", (SHAPE, LINES)),
    ("sales", "10000000000", ()),
    ("sales", "1.005", ()),
    ("sales", "1.", ()),
    ("sales", "01", ()),
    ("sales", "1e1", ()),
    ("sales", '"1"', ()),
    ("sales", "null", (SHAPE, LINES)),
    ("sku", str(10**18 - 1), (SHAPE, LINES)),
    ("sku", str(10**18), (SHAPE,)),
    ("sku", str(LAST_BIGINT), (SHAPE,)),
    ("sku", str(-LAST_BIGINT - 1), (SHAPE,)),
    ("sku", str(LAST_BIGINT + 1), ()),
    ("sku", "0x1", ()),
    ("sku", "007", ()),
    ("sku", "null", (SHAPE, LINES)),
    ("qty", "-7", (SHAPE, LINES)),
    ("qty", str(10**9 - 1), (SHAPE, LINES)),
    ("qty", str(10**9), (SHAPE,)),
    ("qty", str(LAST_INT), (SHAPE,)),
    ("qty", str(-LAST_INT - 1), (SHAPE,)),
    ("qty", str(LAST_INT + 1), ()),
    ("qty", "-0", (LINES,)),
    ("qty", "0x1", ()),
    ("qty", "007", ()),
    ("qty", "1.0", ()),
    ("qty", "true", ()),
    ("qty", "null", (SHAPE, LINES)),
    ("qty", "NULL", ()),
    ("gift_wrap", "false", (SHAPE, LINES)),
    ("gift_wrap", "null", (SHAPE, LINES)),
    ("gift_wrap", "1", ()),
    ("gift_wrap", "True", ()),
]
GOOD = {"request_id": '"k-1"', "category": '"Books"', "ts": '"2024-05-01T10:20:30Z"', "gift_wrap": "true"}


@pytest.mark.parametrize(("name", "value", "ways"), PLAIN_VALUES)
def test_values_that_are_plain(name: str, value: str, ways: tuple[str, ...]) -> None:
    """Among valid values, which stay plain."""
    good = GOOD.get(name, "1")
    # Within a shape, a string stays a string. These lines have an unknown field, so only the shape's path reads them.
    beside = "null" if good.startswith('"') and not value.startswith('"') else good
    for way, other, more in ((SHAPE, beside, b',"x":1}'), (LINES, good, b"}")):
        lines = [_event({"request_id": '"k"', name: v})[:-1] + more for v in (other, value, other)]
        rows = fast_path_rows(as_text(lines) if way == SHAPE else lines)
        assert rows == [validated_row(line) if line is not lines[1] or way in ways else None for line in lines], way


def _event(members: dict[str, str]) -> bytes:
    return ("{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}").encode()


def test_all_values_may_be_null() -> None:
    null = {field.name: "null" for field in load().fields} | {"request_id": '"k"'}
    for lines in ([_event(null | {"x": "null"})] * 2, [_event(null)] * 2):
        assert fast_path_rows(as_text(lines)) == [validated_row(line) for line in lines]
        assert None not in fast_path_rows(as_text(lines))


@pytest.mark.parametrize("key", ["null", None])
@pytest.mark.parametrize("more", [{}, {"x": "1"}])
def test_line_without_a_key_is_not_plain(key: str | None, more: dict[str, str]) -> None:
    line = _event(({} if key is None else {"request_id": key}) | {"qty": "1"} | more)
    assert fast_path_rows([line] * 3) == fast_path_rows(as_text([line] * 3)) == [None] * 3


@pytest.mark.parametrize(
    ("bad", "left"),
    [(0, range(64, 129)), (63, range(64, 129)), (64, [*range(64), *range(96, 129)]), (128, range(96))],
)
@pytest.mark.parametrize("of_shape", [True, False])
@pytest.mark.parametrize("path", [OBJECT, "s3://b/x.json"])
def test_lines_near_an_invalid_date_are_not_plain(bad: int, left: Sequence[int], of_shape: bool, path: str) -> None:
    """Lines are bisected while there are more than 64, with one shape and with many."""
    lines = [_event({"request_id": f'"k{i}"', "ts": GOOD["ts"]} | ({"x": "1"} if of_shape else {})) for i in range(129)]
    lines[bad] = lines[bad].replace(b"2024-05-01", b"2024-02-30")
    rows = fast_path_rows(as_text(lines) if of_shape else lines, path)
    assert [i for i, row in enumerate(rows) if row is not None] == list(left)
    assert [row for row in rows if row] == [validated_row(lines[i], path) for i in left]


@pytest.mark.parametrize("bad", ['"qty":x1', '"qty":-"1"', '"qty":1,"ts":"today"', '"qty":1e400'])
def test_lines_beside_a_value_that_arrow_rejects_stay_plain(bad: str) -> None:
    lines = [b'{"request_id":"k","qty":1,"ts":"2024-05-01T10:20:30Z","x":1}'] * 5
    lines[2] = (
        '{"request_id":"k",' + bad + (',"x":1}' if '"ts"' in bad else ',"ts":"2024-05-01T10:20:30Z","x":1}')
    ).encode()
    assert fast_path_rows(as_text(lines)) == [None if i == 2 else validated_row(line) for i, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("kind", "value", "plain"),
    [
        ("decimal(2,2)", "0.99", True),
        ("decimal(2,2)", "-0", True),
        ("decimal(2,2)", "1", False),
        ("decimal(2,2)", "0.999", False),
        ("decimal(3,0)", "999", True),
        ("decimal(3,0)", "-999", True),
        ("decimal(3,0)", "1000", False),
        ("decimal(3,0)", "1.0", False),
        ("decimal(3,2)", "9.99", True),
        ("decimal(3,2)", "0.5", True),
        ("decimal(3,2)", "10", False),
        ("decimal(3,1)", "10.5", True),
        ("string(2)", '"ab"', True),
        ("string(2)", '"abc"', False),
        ("timestamp", '"2024-05-01T10:20:30Z"', True),
    ],
)
def test_additional_columns(kind: str, value: str, plain: bool) -> None:
    declared = load().with_columns(f"added={kind}")
    for text in (value, "null"):
        line = _event({"request_id": '"k"', "added": text})
        for given in ([line], as_text([line])):
            found = [p for p in FastPath(declared, RUN_DAY, min_lines=0).plain(given, OBJECT) if len(p.places)]
            assert len(found) == (plain or text == "null")
            if found:
                event = validate.line(line, declared)
                assert isinstance(event, validate.Event)
                [got] = found[0].rows.column("added").cast("string").to_pylist()
                assert got == event.values[-1]


def test_long_strings_are_found_in_each_column() -> None:
    """Even among nulls, and even if another line has a long string in a later column."""
    values = [("x" * 65, "y"), ("x", "y" * 129), ("x" * 64, "y" * 128), ("\u00e9" * 64, "\u00e9" * 128), ("x", "y")]
    lines = [_event({"request_id": '"k"', "category": f'"{a}"', "contact_me": f'"{b}"'}) for a, b in values]
    for given in (lines, as_text(lines)):
        assert fast_path_rows(given) == [None, None, *map(validated_row, lines[2:])]
    lines[2] = _event({"request_id": '"k"', "category": "null"})
    assert fast_path_rows(lines) == [None, None, *map(validated_row, lines[2:])]


def _taken(path: FastPath, lines: Sequence[bytes]) -> list[list[int]]:
    return [plain.places.tolist() for plain in path.plain(lines, None) if len(plain.places)]


def test_few_lines_are_not_worth_it() -> None:
    one, other = _event({"request_id": '"k"'}), _event({"request_id": '"k"', "qty": "-0"})
    for given in (list[bytes], as_text):
        assert _taken(FastPath(load(), RUN_DAY), given([one] * 15)) == []
        assert _taken(FastPath(load(), RUN_DAY), given([one] * 16)) == [list(range(16))]
        assert _taken(FastPath(load(), RUN_DAY, min_lines=3), given([one] * 2)) == []
        assert _taken(FastPath(load(), RUN_DAY, min_lines=3), given([one] * 3)) == [[0, 1, 2]]
    # The limit applies to the remaining lines, too.
    assert _taken(FastPath(load(), RUN_DAY, min_lines=3), as_text([one, other] * 2 + [one])) == [[0, 2, 4]]
    assert _taken(FastPath(load(), RUN_DAY, min_lines=3), as_text([one, other] * 3)) == [[0, 2, 4], [1, 3, 5]]


def test_places_match_the_rows() -> None:
    """Other lines are not JSON, have a long key, or another shape."""
    lines = [_event({"request_id": f'"{"k" * 36 if i % 4 else "k" * 37}"', "qty": str(i), "x": "1"}) for i in range(20)]
    lines[5::5] = [b"no JSON"] * len(lines[5::5])
    [plain] = FastPath(load(), RUN_DAY, min_lines=0).plain(as_text(lines), None)
    want = [i for i in range(20) if i % 4 and i % 5]
    assert plain.places.tolist() == plain.rows.column("qty").to_pylist() == want
    assert plain.unknown == ("x",)
    [plain] = FastPath(load(), RUN_DAY, min_lines=0).plain([line.replace(b',"x":1', b"") for line in lines], None)
    assert plain.places.tolist() == plain.rows.column("qty").to_pylist() == want
    assert plain.unknown == ()


def test_day_of_object_event_or_run() -> None:
    lines = [_event({"request_id": '"k"', "ts": ts}) for ts in (GOOD["ts"], "null", '"2024-12-31T23:59:59.9999Z"')]
    for given in (lines, as_text(lines), as_text(lines[::-1])):
        for day, want in ((None, ["2024-05-01", RUN_DAY, "2024-12-31"]), ("2024-05-02", ["2024-05-02"] * 3)):
            found = FastPath(load(), RUN_DAY, min_lines=0).plain(given, day)
            days = {
                i: d for p in found for i, d in zip(p.places.tolist(), p.rows.column("dt").to_pylist(), strict=True)
            }
            assert [days[i] for i in range(3)] == (want if given[0] == lines[0] else want[::-1])
    without = [_event({"request_id": '"k"'})] * 2
    [plain] = FastPath(load(), RUN_DAY, min_lines=0).plain(as_text(without), None)
    assert plain.rows.column("dt").to_pylist() == [RUN_DAY] * 2


@pytest.mark.parametrize(("depth", "plain"), [(30, True), (31, False)])
def test_unknown_field_may_be_nested_30_levels_deep(depth: int, plain: bool) -> None:
    """The object itself is one level."""
    line = _event({"request_id": '"k"', "x": "[" * (depth - 1) + '"y"' + "]" * (depth - 1)})
    assert [row is not None for row in fast_path_rows(as_text([line] * 2))] == [plain] * 2


@pytest.mark.parametrize("more", [{}, {"x": "1"}])
@pytest.mark.parametrize("space", ["\u00a0", "\x85", "\u2028", "\ufeff"])
def test_other_white_space_is_not_skipped(space: str, more: dict[str, str]) -> None:
    line = _event({"request_id": '"k"', **more})
    for odd in (line + space.encode(), space.encode() + line, line[:-1] + space.encode() + b"}"):
        assert fast_path_rows([odd] * 3) == fast_path_rows(as_text([odd] * 3)) == [None] * 3


def test_long_lines_are_read_together() -> None:
    """White space makes one line longer than Arrow's default block size."""
    lines = [_event({"request_id": '"k"', "qty": n}) for n in ("1", "2", "3")]
    lines[1] = lines[1].replace(b",", b"," + b" " * (3 << 20))
    assert fast_path_rows(lines) == [validated_row(line) for line in lines]
    assert None not in fast_path_rows(lines)


def _damaged(line: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(line)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(damaged))
        byte = rng.choice(b'"",:{}[]0019-.eEtfnTZ \\\r\t\x00\x7fau')
        match rng.randrange(4):
            case 0:
                damaged[at] = byte
            case 1:
                damaged.insert(at, byte)
            case 2:
                del damaged[at : at + rng.randint(1, 12)]
            case 3:  # Repeat a part of the line.
                other = rng.randrange(len(damaged))
                damaged[at:at] = damaged[other : other + rng.randint(1, 20)]
        damaged = damaged or bytearray(b"{}")
    valid = damaged.decode(errors="ignore").encode()  # Nearly all: among many lines that are not UTF-8 none is plain.
    return bytes(damaged if rng.random() < 0.002 else valid)
