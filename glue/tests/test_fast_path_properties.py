"""Property tests: the fast path agrees with validation on random lines, especially near the limits of plain lines."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_events import contract
from store_events.contract import Field
from testsupport.rows import OBJECT, as_text, fast_path_rows, validated_row

_RAW = st.sampled_from(
    ["1", "-0", "0", "007", "1.0", "1.005", "9999999999.995", "1e2", "1E-400", "2147483648", "9223372036854775808",
     "0.004999999999999999999", "true", "false", "null", "NaN", "[]", "[1]", "{}", '{"a":1}', '"true"', '"5"', '"1,5"',
     '"2024-05-01T10:20:30.123456789Z"', '"2024-05-01T10:20:30+18:01"', '"2024-02-30T00:00:00Z"',
     '"2024-05-01 10:20:30.12"', '"0999-12-31T23:59:59Z"', '"9999-12-31T23:30:00-01:00"', '"2024-05-01T24:00:00Z"',
     '"\\ud800"', '"\\u0041"', '"\ufffd"', '"}"', '"{"', "'x'", "x", ""]
)  # fmt: skip
_VALUE = st.one_of(_RAW, st.text(max_size=70).map(lambda s: json.dumps(s, ensure_ascii=False)), st.integers().map(str))
_NAME = st.one_of(
    st.sampled_from([f.name for f in contract.load().fields]), st.sampled_from(["x", "Qty", "request_id"])
)
_SPACE = st.sampled_from(["", "", " ", "\t", "\r", "\u00a0"])


@st.composite
def a_line(draw: st.DrawFn) -> bytes:
    """Return members in any order, some unusual, sometimes with text around them."""
    members = (
        [('"request_id"', draw(st.sampled_from(['"k-1"', '"a b"', '""', "5", '"é"'])))] if draw(st.booleans()) else []
    )
    members += [(json.dumps(draw(_NAME)), draw(_VALUE)) for _ in range(draw(st.integers(0, 5)))]
    comma = draw(_SPACE) + "," + draw(_SPACE)
    body = comma.join(f"{name}{draw(_SPACE)}:{draw(_SPACE)}{value}" for name, value in members)
    after = draw(st.sampled_from(["", "", "", " ", "}", "{}", "]", "x", ","]))
    return (draw(_SPACE) + "{" + body + "}" + after).encode("utf-8", "surrogatepass").replace(b"\n", b"")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(a_line(), min_size=60, max_size=200))
def test_fast_path_agrees_with_validation(lines: list[bytes]) -> None:
    for given_as in (lines, as_text(lines)):
        for line, row in zip(lines, fast_path_rows(given_as), strict=True):
            assert row is None or row == validated_row(line), line


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(
        st.fixed_dictionaries(
            {"request_id": st.uuids().map(str), "sales": st.integers(0, 10**10).map(lambda n: n / 100)},
            optional={
                "qty": st.integers(0, 1000),
                "gift_wrap": st.booleans(),
                "category": st.sampled_from(["é", "B & C"]),
            },
        ),
        min_size=50,
    )
)
def test_ordinary_events_are_plain(values: list[dict[str, Any]]) -> None:
    lines = [json.dumps(v, ensure_ascii=False).encode() for v in values]
    assert fast_path_rows(lines) == fast_path_rows(as_text(lines)) == [validated_row(line) for line in lines]


_ESCAPED = [
    r'"\u00e9"', r'"a\/b"', r'"\ud83d\ude00"', r'"\ud800"', r'"\u0022"', r'"\n"', r'"\\ "', r'"\\"', r'"\x"',
    r'"\"a"', r'"\u00"',
]  # fmt: skip
_EDGE_CASES = {
    "string": ['""', '"a"', '"\U0001f600"', '"é\u2028\ufffd"', '"a\'b"', '"NULL"', '" x "', '"{},:"', *_ESCAPED],
    "int": ["0", "-0", "1", "-7", "999999999", "2147483647", "-2147483648", "2147483648"],
    "bigint": ["0", "-0", "12", "999999999999999999", "9223372036854775807"],
    "decimal": ["0", "-0", "0.5", "-0.50", "1.005", "9999999999.99", "10000000000", "0.00", "12.3", "-1"],
    "boolean": ["true", "false"],
    "timestamp": [
        '"2024-05-01T10:20:30Z"',
        '"2024-05-01 10:20:30.123"',
        '"2024-02-29T23:59:59.999999Z"',
        '"2023-02-29T00:00:00Z"',
        '"2024-05-01T24:00:00Z"',
        '"2024-05-01T10:20:60Z"',
        '"1000-01-01T00:00:00.12Z"',
        '"2024-05-01T10:20:30.1Z"',
        '"2024-12-31T23:59:59.9999Z"',
    ],
}


def _of(field: Field) -> st.SearchStrategy[str]:
    """Return a value of the field's type, usually valid and near its limits."""
    choices = [*_EDGE_CASES[field.kind], "null"]
    if field.kind == "string":
        size = field.params[0]
        choices += ['"' + "x" * size + '"', '"' + "\U0001f600" * size + '"', '"' + "x" * (size + 1) + '"']
    return st.sampled_from(choices)


@st.composite
def edge_case_line(draw: st.DrawFn) -> bytes:
    fields = draw(st.lists(st.sampled_from(contract.load().fields[1:]), unique_by=lambda f: f.name))
    members = [f'"{f.name}":{draw(_of(f))}' for f in fields] + [f'"request_id":"{draw(st.uuids())}"']
    return ("{" + ", ".join(draw(st.permutations(members))) + "}").encode()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(edge_case_line(), min_size=30, max_size=90), day=st.booleans())
def test_edge_cases_agree_with_validation(lines: list[bytes], day: bool) -> None:
    path = OBJECT if day else "s3://b/x.json"
    for given_as in (lines, as_text(lines)):
        for line, row in zip(lines, fast_path_rows(given_as, path), strict=True):
            assert row is None or row == validated_row(line, path), line


_UNKNOWN = st.recursive(
    st.one_of(st.text(max_size=5), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=6,
)


def _other_leaf(value: Any, draw: st.DrawFn) -> Any:
    """Return a value of the same structure, with other strings and numbers."""
    if isinstance(value, dict):
        return {name: _other_leaf(inner, draw) for name, inner in value.items()}
    if isinstance(value, list):
        return [_other_leaf(inner, draw) for inner in value]
    if isinstance(value, str):
        return draw(st.text(max_size=5))
    return draw(st.sampled_from([0, -1, 10**40, 1e-9, None, True, False]))


@st.composite
def lines_with_unknown_fields(draw: st.DrawFn) -> list[bytes]:
    unknown = draw(st.dictionaries(st.text(max_size=4), _UNKNOWN, min_size=1, max_size=3))
    comma, colon = draw(st.sampled_from([",", ", ", " ,"])), draw(st.sampled_from([":", ": ", " :\t"]))
    escapes = draw(st.booleans())

    def event(i: int) -> bytes:
        event = {"request_id": str(i)} | (_other_leaf(unknown, draw) if i else unknown)
        return json.dumps(event, ensure_ascii=escapes, separators=(comma, colon)).encode()

    return [event(i) for i in range(draw(st.integers(1, 12)))]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=lines_with_unknown_fields())
def test_unknown_fields_agree_with_validation(lines: list[bytes]) -> None:
    for line, row in zip(lines, fast_path_rows(as_text(lines)), strict=True):
        assert row is None or row == validated_row(line), line


@st.composite
def edge_cases_of_one_shape(draw: st.DrawFn) -> list[bytes]:
    fields = draw(st.lists(st.sampled_from(contract.load().fields[1:]), unique_by=lambda f: f.name))
    fields = draw(st.permutations([*fields, contract.load().fields[0]]))
    comma, colon, end = draw(_SPACE) + "," + draw(_SPACE), draw(_SPACE) + ":" + draw(_SPACE), draw(_SPACE)

    def value(field: Field) -> str:
        return f'"{draw(st.uuids())}"' if field.name == contract.load().key else draw(_of(field))

    count = draw(st.integers(2, 40))
    return [
        ("{" + comma.join(f'"{f.name}"{colon}{value(f)}' for f in fields) + "}" + end).encode() for _ in range(count)
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=edge_cases_of_one_shape())
def test_edge_cases_of_one_shape_agree_with_validation(lines: list[bytes]) -> None:
    for line, row in zip(lines, fast_path_rows(as_text(lines)), strict=True):
        assert row is None or row == validated_row(line), line


def test_unnecessary_escapes_are_plain() -> None:
    """Python escapes non-ASCII characters, and PHP escapes slashes."""
    line = rb'{"request_id":"\u0041","category":"\u00e9\ud83d\ude00","contact_me":"\/b","\u00e9":[{"\u0061":"\u00fc"}]}'
    text = as_text([line] * 3)
    assert fast_path_rows(text) == [validated_row(line)] * 3
    others = [line.replace(rb"\/", other) for other in (rb"\n", rb"\\ ", rb"\u0022", rb"\"", rb"\x", rb"\ud800", b"\\")]
    assert fast_path_rows(as_text([*others, line, *others, line])) == [*[None] * 7, validated_row(line)] * 2


def test_values_near_the_limits_are_plain() -> None:
    good = [
        b'{"request_id":"k","sales":0.5,"qty":-7,"sku":999999999999999999,"gift_wrap":true}',
        b'{"request_id":"k","ts":"2024-05-01 10:20:30.123","category":"\xf0\x9f\x98\x80"}',
        b'{"qty":0,"request_id":"!~","sales":9999999999.99,"contact_me":null}',
    ]
    assert None not in fast_path_rows(good)
