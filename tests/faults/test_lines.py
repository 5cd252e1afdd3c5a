"""The harness's own truth of lines, against the job's rule."""

from itertools import product
from random import Random

import pytest

from faults import bodies
from faults.lines import BAD, Body, Line
from store_events import contract, rule


@pytest.mark.parametrize(("reason", "variant"), list(product(BAD, range(3))))
def test_bad_lines_are_refused_for_their_reason(reason: str, variant: int) -> None:
    verdict = rule.judge(Line(reason, variant=variant).encoded(), contract.load())
    assert isinstance(verdict, rule.Refusal)
    assert verdict.reason == reason


@pytest.mark.parametrize("variant", range(10))
def test_events_have_the_values_that_the_table_gets(variant: int) -> None:
    line = Line("event", 7, variant)
    verdict = rule.judge(line.encoded(), contract.load())
    assert isinstance(verdict, rule.Event)
    values = dict(zip((f.name for f in contract.load().fields), verdict.values, strict=True))
    assert (values["request_id"], int(values["qty"] or 0), values["contact_me"], verdict.extra) == line.row()


def test_blank_lines_count_as_nothing_but_have_a_number() -> None:
    body = Body("plain", (Line("blank"), Line("event", 1), Line("blank", variant=1), Line("missing_key")))
    assert list(body.truth()) == [2, 4]
    assert all(rule.judge(Line("blank", variant=v).encoded(), contract.load()) is None for v in range(2))


def test_what_is_cut_short_is_one_more_line() -> None:
    assert list(Body("cut", (Line("event", 1),)).truth()) == [1, 2]


def test_bodies_of_a_seed_are_the_same() -> None:
    assert bodies.some(Random(5)) == bodies.some(Random(5))
