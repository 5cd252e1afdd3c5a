"""The fast path never differs from validation line by line."""

from testsupport.cases import CASES
from testsupport.rows import OBJECT, plain_rows, rule_row

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
