"""Conversion of values to the strings that are loaded into the database and the Parquet."""

import pytest

from store_events import contract, json_text
from store_events.contract import Field
from store_events.source import validate

# A field's type, a value as JSON, and the converted value, or None if the line is invalid.
VALUES = [
    ("int", "3", "3"),
    ("int", '"3"', "3"),
    ("int", "3.0", "3"),
    ("int", "30e-1", "3"),
    ("int", "3.05", None),
    ("int", "-0", "0"),
    ("int", "0.0e9", "0"),
    ("int", "1.20e2", "120"),
    ("int", "100", "100"),
    ("int", "0.001e3", "1"),
    ("int", "2147483647", "2147483647"),
    ("int", "2147483648", None),
    ("int", "-2147483648", "-2147483648"),
    ("bigint", "9223372036854775807", "9223372036854775807"),
    ("bigint", "9223372036854775808", None),
    ("bigint", "1e18", "1000000000000000000"),
    ("bigint", "1e19", None),
    ("bigint", "1e999", None),
    ("int", '"000000000000000000000007"', "7"),
    ("int", "0.000000000000000000000001e24", "1"),
    ("int", "true", None),
    ("int", "[1]", None),
    ("decimal(5,2)", "1", "1.00"),
    ("decimal(5,2)", "1.005", "1.01"),
    ("decimal(5,2)", "-1.005", "-1.01"),
    ("decimal(5,2)", "-0.004", "0.00"),
    ("decimal(5,2)", "999.994", "999.99"),
    ("decimal(5,2)", "999.995", None),
    ("decimal(5,2)", "1e999", None),
    ("decimal(38,10)", "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789"),
    ("decimal(38,0)", "9" * 38, "9" * 38),
    ("decimal(38,0)", "-" + "9" * 38, "-" + "9" * 38),
    ("decimal(38,0)", "1e38", None),
    ("decimal(38,19)", f"{'9' * 19}.{'9' * 19}", f"{'9' * 19}.{'9' * 19}"),
    ("decimal(38,19)", f"{'9' * 19}.{'9' * 19}5", None),
    ("decimal(2,2)", "0.99", "0.99"),
    ("decimal(2,2)", "1", None),
    ("boolean", "true", "1"),
    ("boolean", "false", "0"),
    ("boolean", '"false"', "0"),
    ("boolean", "1", None),
    ("string(3)", '"abc"', "abc"),
    ("string(3)", '"abcd"', None),
    ("string(3)", "1.0", "1.0"),
    ("string(3)", '"\\ud83d"', "\ufffd"),
    ("timestamp", '"2024-05-01T10:20:30Z"', "2024-05-01 10:20:30.000"),
    ("timestamp", '"2024-05-01 10:20"', "2024-05-01 10:20:00.000"),
    ("timestamp", '"2024-05-01T10:20:30.5Z"', "2024-05-01 10:20:30.500"),
    ("timestamp", '"2024-05-01T10:20:30,1239Z"', "2024-05-01 10:20:30.123"),
    ("timestamp", '"2024-05-01T10:20:30+02:30"', "2024-05-01 07:50:30.000"),
    ("timestamp", '"2024-05-01T10:20:30-02"', "2024-05-01 12:20:30.000"),
    ("timestamp", '"2024-05-01T10:20:30+0059"', "2024-05-01 09:21:30.000"),
    ("timestamp", '"2024-05-01T10:20:30+01:60"', None),
    ("timestamp", '"2024-05-01T10:20:30+18:00"', "2024-04-30 16:20:30.000"),
    ("timestamp", '"2024-05-01T10:20:30+18:01"', None),
    ("timestamp", '"20240501T102030.25+0100"', "2024-05-01 09:20:30.250"),
    ("timestamp", '"2024-02-30T10:20:30Z"', None),
    ("timestamp", '"0999-12-31T23:59:59Z"', None),
    ("timestamp", "20240501", None),
]


@pytest.mark.parametrize(("kind", "value", "want"), VALUES)
def test_value(kind: str, value: str, want: str | None) -> None:
    members = json_text.read_object(f'{{"value": {value}}}')
    assert members is not None
    assert validate.convert(members["value"], Field("value", kind)) == want


@pytest.mark.parametrize("digits", ["1" * 4400, "1" * 4400 + "0" * 5000], ids=["ones", "zeros behind"])
def test_more_digits_than_python_converts(digits: str) -> None:
    members = json_text.read_object(f'{{"value": {digits}}}')
    assert members is not None
    assert validate.convert(members["value"], Field("value", "bigint")) is None


def test_number_as_a_timestamp_is_refused() -> None:
    [number] = (json_text.read_object('{"n": 20240501102030}') or {}).values()
    assert validate.convert(number, Field("at", "timestamp")) is None


def test_unknown_type_is_named() -> None:
    with pytest.raises(ValueError, match=r"field when: unknown type time\(3\)"):
        validate.convert("x", Field("when", "time(3)"))


def test_unknown_members_are_kept_as_written() -> None:
    key = contract.load().fields[0].name
    extra = '{"a":1.50,"b":[1e3,"é\\n",{"c":null}],"d":{"e":true,"f":{}},"g":[]}'
    got = validate.line(f' \t{{"{key}":"k",{extra[1:]}\r\n'.encode(), contract.load())
    assert isinstance(got, validate.Event)
    assert got.extra == extra
    assert got.values == ("k", *[None] * (len(contract.load().fields) - 1))
    alone = validate.line(f'{{"{key}":"k"}}'.encode(), contract.load())
    assert isinstance(alone, validate.Event)
    assert alone.extra is None


def test_other_white_space_is_not_skipped() -> None:
    key = contract.load().fields[0].name
    assert isinstance(validate.line(f'{{"{key}":"k"}}\f'.encode(), contract.load()), validate.Invalid)
