"""Reading and writing JSON objects, and their depth."""

import pytest

from store_events import json_text
from store_events.json_text import Members, Number


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("{}", {}),
        (' {"a" : 1}\r\n\t', {"a": Number("1")}),
        ('{"a":1,"b":2,"a":3}', {"a": Number("3"), "b": Number("2")}),
        ('{"a":-1.50E+007}', {"a": Number("-1.50E+007")}),
        ('{"a":-0}', {"a": Number("-0")}),
        ('{"a":[1.0,"x",true,false,null,{}]}', {"a": [Number("1.0"), "x", True, False, None, {}]}),
        ('{"a":"\\u00e9\\ud83d\\ude00\\n"}', {"a": "é\U0001f600\n"}),
        ('{"a":"\\ud83d"}', {"a": "\ud83d"}),
        ("", None),
        ("[]", None),
        ("1", None),
        ('"{}"', None),
        ("null", None),
        ("{}{}", None),
        ("{} x", None),
        ("\ufeff{}", None),
        ('{"a":NaN}', None),
        ('{"a":Infinity}', None),
        ('{"a":-Infinity}', None),
        ('{"a":01}', None),
        ('{"a":1.}', None),
        ('{"a":"\t"}', None),
        ('{"a":"\\x"}', None),
        ('{"a":1,}', None),
        ("{'a':1}", None),
        ('{"a":1 /* */}', None),
    ],
)
def test_read_object(text: str, want: object) -> None:
    found = json_text.read_object(text)
    assert found == want
    assert found is None or type(found) is Members


def test_object_deeper_than_python_reads_is_invalid() -> None:
    assert json_text.read_object('{"a":' + "[" * 200_000 + "]" * 200_000 + "}") is None


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_error_names_a_constant_that_is_not_json(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} is not JSON$"):
        json_text._reject(name)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('{ "a" : 1.50 , "b" : [ 1e3, -0 ,"x" ] }', '{"a":1.50,"b":[1e3,-0,"x"]}'),
        ('{"a":{},"b":[],"c":[{}],"d":{"e":[[]]}}', '{"a":{},"b":[],"c":[{}],"d":{"e":[[]]}}'),
        ('{"a":true,"b":false,"c":null}', '{"a":true,"b":false,"c":null}'),
        ('{"\\u00e9\\ud83d\\ude00":"\\u2028 \\"\\\\ \\/"}', '{"é\U0001f600":"\u2028 \\"\\\\ /"}'),
        ('{"a\\ud83d":"x\\ude00y\\ud83d"}', '{"a\ufffd":"x\ufffdy\ufffd"}'),
        ('{"a":"\\u0000\\u001f\\u007f"}', '{"a":"\\u0000\\u001f\x7f"}'),
    ],
)
def test_write(text: str, want: str) -> None:
    found = json_text.read_object(text)
    assert json_text.write(found) == want
    assert json_text.write([found]) == f"[{want}]"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("", ""),
        ("plain é \U0001f600", "plain é \U0001f600"),
        ("\ufeffx", "\ufeffx"),
        ("\ud83dx", "\ufffdx"),
        ("x\ude00", "x\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
    ],
)
def test_whole(text: str, want: str) -> None:
    assert json_text.whole(text) == want


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ('{"v":1}', 0),
        ('{"v":"[[["}', 0),
        ('{"v":null}', 0),
        ('{"v":[]}', 1),
        ('{"v":{}}', 1),
        ('{"v":{"a":1,"b":[]}}', 2),
        ('{"v":[1,{"a":"x"}]}', 2),
        ('{"v":[[],[[{}]],[]]}', 4),
    ],
)
def test_deeper_than(text: str, levels: int) -> None:
    members = json_text.read_object(text)
    assert members is not None
    value = members["v"]
    assert [json_text.deeper_than(value, limit) for limit in range(6)] == [limit < levels for limit in range(6)]
