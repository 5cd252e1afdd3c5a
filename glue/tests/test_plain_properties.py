"""The fast path and the rule on random lines, around the borders of what is plain."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from store_events import contract
from testsupport.rows import plain_rows, rule_row

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
    """Members in any order, some of them odd, and now and then something around them."""
    members = (
        [('"request_id"', draw(st.sampled_from(['"k-1"', '"a b"', '""', "5", '"é"'])))] if draw(st.booleans()) else []
    )
    members += [(json.dumps(draw(_NAME)), draw(_VALUE)) for _ in range(draw(st.integers(0, 5)))]
    comma = draw(_SPACE) + "," + draw(_SPACE)
    body = comma.join(f"{name}{draw(_SPACE)}:{draw(_SPACE)}{value}" for name, value in members)
    after = draw(st.sampled_from(["", "", "", " ", "}", "{}", "]", "x", ","]))
    return (draw(_SPACE) + "{" + body + "}" + after).encode("utf-8", "surrogatepass").replace(b"\n", b"")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(a_line(), min_size=60, max_size=200))
def test_plain_is_the_rule(spark: SparkSession, lines: list[bytes]) -> None:
    for line, row in zip(lines, plain_rows(spark, lines), strict=True):
        assert row is None or row == rule_row(line), line


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
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
def test_ordinary_events_are_plain(spark: SparkSession, values: list[dict[str, Any]]) -> None:
    lines = [json.dumps(v, ensure_ascii=False).encode() for v in values]
    assert plain_rows(spark, lines) == [rule_row(line) for line in lines]
