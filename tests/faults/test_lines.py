"""The harness's classification of lines agrees with the job's validation."""

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest

from faults import bodies
from faults.lines import BAD, EVENTS_ONLY, FORMS, LONG, NARROW, WIDE, Body, Line
from store_events import contract
from store_events.source import reader, unpack, validate
from store_events.source.framing import Framer
from store_events.source.read_events import Lines, Unreadable


def _values(body: Body) -> Iterator[Lines | Unreadable]:
    return reader.values(Framer(), unpack.text([body.encoded()]))


@pytest.mark.parametrize(("reason", "variant"), list(product(BAD, range(3))))
def test_invalid_lines_have_their_reason(reason: str, variant: int) -> None:
    verdict = validate.line(Line(reason, variant=variant).encoded(), contract.load())
    assert isinstance(verdict, validate.Invalid)
    assert verdict.reason == reason


def test_long_lines_are_valid_only_under_the_wider_contract() -> None:
    line = Line(LONG, 7)
    narrow, wide = (validate.line(line.encoded(), contract.load().with_columns(text)) for text in (NARROW, WIDE))
    assert isinstance(narrow, validate.Invalid)
    assert narrow.reason == LONG
    assert isinstance(wide, validate.Event)
    assert wide.values[0] == line.row()[0]


@pytest.mark.parametrize("variant", range(10))
def test_events_have_the_values_of_their_row(variant: int) -> None:
    line = Line("event", 7, variant)
    verdict = validate.line(line.encoded(), contract.load())
    assert isinstance(verdict, validate.Event)
    values = dict(zip((f.name for f in contract.load().fields), verdict.values, strict=True))
    assert (values["request_id"], int(values["qty"] or 0), values["contact_me"], verdict.extra) == line.row()


def test_blank_lines_are_numbered_but_not_counted() -> None:
    body = Body("plain", (Line("blank"), Line("event", 1), Line("blank", variant=1), Line("missing_key")))
    assert list(body.truth()) == [2, 4]
    assert all(validate.line(Line("blank", variant=v).encoded(), contract.load()) is None for v in range(2))


def test_rest_that_is_cut_short_is_another_line() -> None:
    assert list(Body("cut", (Line("event", 1),)).truth()) == [1, 2]


def test_event_without_its_end_is_part_of_the_rest_that_is_cut_short() -> None:
    body = Body("damaged", (Line("event", 1), Line("not_json_object", variant=1), Line("blank", variant=1)))
    assert body.quarantined() == {2: ("cut_short", b'{"request_id":"x"\n \t\n')}
    [*_, last] = _values(body)
    assert isinstance(last, Unreadable)
    assert (last.number, last.sample) == (2, b'{"request_id":"x"\n \t\n')


@pytest.mark.parametrize("form", FORMS)
def test_job_reads_the_lines_of_each_form(form: str) -> None:
    kinds = ("event",) if form in EVENTS_ONLY else ("event", "blank", "missing_key")
    lines = () if form == "empty" else tuple(Line(kinds[n % len(kinds)], n, n) for n in range(30))
    body = Body(form, lines)
    read: dict[int, bytes] = {}
    for part in _values(body):
        read.update(zip(part.numbers, part.lines, strict=True) if isinstance(part, Lines) else {part.number: b""})
    whole = {
        n: line for n, line in read.items() if validate.line(line, contract.load()) is not None or not line.strip()
    }
    assert body.truth().keys() <= whole.keys()
    for number, line in body.truth().items():
        verdict = validate.line(read[number], contract.load())
        assert isinstance(verdict, validate.Event) == (line.kind == "event")
        assert not isinstance(verdict, validate.Event) or verdict.values[0] == line.key


def test_a_seed_determines_the_body() -> None:
    assert bodies.small(Random(5)) == bodies.small(Random(5))
