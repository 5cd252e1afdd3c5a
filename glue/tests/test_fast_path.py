"""The fast path never differs from validation line by line."""

import json
import random

import pytest

from store_events.contract import load
from store_events.source.fast_path import FastPath
from testsupport.cases import CASES
from testsupport.rows import OBJECT, RUN_DAY, as_text, plain_rows, rule_row

FULL = (
    b'{"request_id":"a-1","category":"B\xc3\xbccher","store_id":"7","ts":"2024-05-01T10:20:30.1239Z",'
    b'"event_type":"sale_event","sales":12.51,"sku":9,"gift_wrap":true,"qty":-3,"priority_shipping":false,'
    b'"contact_me":null,"is_return":false,"bad_msg":true}'
)


def test_agrees_with_the_rule() -> None:
    for case, row in zip(CASES, plain_rows([c.line for c in CASES]), strict=True):
        assert row is None or row == rule_row(case.line), case.name


def test_takes_an_ordinary_event() -> None:
    [row] = plain_rows([FULL])
    assert row is not None
    assert row == rule_row(FULL)
    assert row == ('"a-1","Bücher","7",2024-05-01 10:20:30.123,"sale_event",12.51,9,1,-3,0,NULL,0,1,NULL,2024-05-02\n')


def test_day() -> None:
    for path in ("s3://b/x.json", "s3://b/dt=2024-02-30/x.json", OBJECT):
        for line in (FULL, b'{"request_id":"a"}'):
            assert plain_rows([line], path) == [rule_row(line, path)]


def test_lines_of_one_shape_agree_with_the_rule() -> None:
    """Each case alone among ordinary events, and all cases together, before they are cut apart."""
    lines = [line for c in CASES if b"\n" not in (line := c.line)]
    for some in (lines, *([FULL, line, FULL, line] for line in lines)):
        for line, row in zip(some, plain_rows(as_text(some)), strict=True):
            assert row is None or row == rule_row(line), line


def test_takes_ordinary_events_of_several_shapes() -> None:
    short = FULL.replace(b'"store_id":"7",', b"").replace(b'"contact_me":null', b'"contact_me":"x"')
    spaced = FULL.replace(b":", b" : ", 3).replace(b",", b", ")
    lines = [FULL, short, spaced + b"\r"] * 3
    assert plain_rows(as_text(lines)) == [rule_row(line) for line in lines]
    assert None not in plain_rows(as_text(lines))


UNKNOWN = FULL[:-1] + (
    b', "tier":"gold","points" : 1.50e3,"address":{ "city":"Ulm", "zip":null}'
    b', "tags":["a","b", true ],"none":{ "x" : [] }}'
)


def test_takes_events_with_fields_that_the_contract_lacks() -> None:
    lines = [UNKNOWN, UNKNOWN.replace(b"gold", b"").replace(b"1.50e3", b"-0").replace(b"Ulm", "é]},".encode())]
    assert plain_rows(as_text(lines)) == [rule_row(line) for line in lines]
    assert ",-0," not in str(rule_row(lines[0]))
    [plain] = FastPath(load(), RUN_DAY, few=0).plain(as_text(lines), None)
    assert plain.unknown == ("tier", "points", "address", "tags", "none")
    assert plain.rows.column("extra").to_pylist() == [
        '{"tier":"gold","points":1.50e3,"address":{"city":"Ulm","zip":null},"tags":["a","b",true],"none":{"x":[]}}',
        '{"tier":"","points":-0,"address":{"city":"é]},","zip":null},"tags":["a","b",true],"none":{"x":[]}}',
    ]
    only_empty = [b'{"request_id":"a","x":{}}', b'{"request_id":"b","x":{}}']
    assert plain_rows(as_text(only_empty)) == [rule_row(line) for line in only_empty]
    assert None not in plain_rows(as_text(only_empty))


@pytest.mark.parametrize(
    "name", ["extra", "dt", "batch_id", "batch_position", "Qty", "", "a b", "é\u2028\x7f", "a'b", "$.x", "request_id "]
)
def test_a_field_that_the_contract_lacks_may_have_any_name(name: str) -> None:
    lines = [json.dumps({"request_id": str(i), name: f"v{i}"}, ensure_ascii=False).encode() for i in range(3)]
    assert plain_rows(as_text(lines)) == [rule_row(line) for line in lines]
    assert None not in plain_rows(as_text(lines))


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
def test_values_of_fields_that_the_contract_lacks_are_json(value: str, nested: bool) -> None:
    form = '{"request_id":"%s","x":{"y":%s}}' if nested else '{"x":%s,"request_id":"%s"}'
    values = ["1", value, "-0.5e-7", "true"]
    lines = [(form % ((str(i), v) if nested else (v, str(i)))).encode() for i, v in enumerate(values)]
    rows = plain_rows(as_text(lines))
    assert [row is None for row in rows] == [False, True, False, False], rows
    assert rows == [row and rule_row(line) for line, row in zip(lines, rows, strict=True)]


def test_a_value_that_is_not_used_is_json_too() -> None:
    """Of a name that is there twice the last value counts, for the rule too."""
    lines = [b'{"request_id":"a","x":1,"x":2}', b'{"request_id":"b","x":y,"x":2}', b'{"request_id":"c","x":1,"x":2}']
    for some in (lines, [line.replace(b'"x":2', b'"z":{"x":1,"x":2}') for line in lines]):
        for line, row in zip(some, plain_rows(as_text(some)), strict=True):
            assert row is None or row == rule_row(line), line


@pytest.mark.parametrize("seed", range(4))
def test_damaged_lines_among_ordinary_ones_agree_with_the_rule(seed: int) -> None:
    """Bytes of some lines are changed, removed or put in, most of them such as JSON is made of."""
    chance = random.Random(seed)
    shapes = [FULL, FULL.replace(b'"store_id":"7",', b""), FULL.replace(b"true", b"null"), FULL.replace(b":", b": ")]
    shapes += [UNKNOWN] * 4
    lines = [
        _damaged(chance.choice(shapes), chance) if chance.random() < 0.5 else chance.choice(shapes) for _ in range(3000)
    ]
    ordinary = found = 0
    for start in range(0, len(lines), 500):
        some = lines[start : start + 500]
        for line, row in zip(some, plain_rows(as_text(some)), strict=True):
            assert row is None or row == rule_row(line), line
            ordinary += line in shapes
            found += line in shapes and row is not None
    assert found > 0.5 * ordinary, (found, ordinary)


def _damaged(line: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(line)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(damaged))
        byte = chance.choice(b'"",:{}[]0019-.eEtfnTZ \\\r\t\x00\x7fau')
        match chance.randrange(4):
            case 0:
                damaged[at] = byte
            case 1:
                damaged.insert(at, byte)
            case 2:
                del damaged[at : at + chance.randint(1, 12)]
            case 3:  # A part of the line again, as another member's value.
                other = chance.randrange(len(damaged))
                damaged[at:at] = damaged[other : other + chance.randint(1, 20)]
        damaged = damaged or bytearray(b"{}")
    valid = damaged.decode(errors="ignore").encode()  # Nearly all: among many other lines no shapes are looked for.
    return bytes(damaged if chance.random() < 0.002 else valid)
