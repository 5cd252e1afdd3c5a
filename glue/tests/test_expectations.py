"""Expectations of fields and streams, and their results in runs."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from store_events import contract
from store_events.contract import Contract, Field, FieldExpectation, StreamExpectation
from store_events.load import expectations
from store_events.load.expectations import Result
from store_events.mysql import database
from store_events.mysql.profile import FieldProfile, Profile
from store_events.source import listing, validate
from store_events.source.fast_path import FastPath
from store_events.source.listing import Listing
from testsupport.cases import CASES
from testsupport.events import event
from testsupport.rows import RUN_DAY, as_text
from testsupport.stack import Stack

DAY = "sale_events/dt=2024-05-01"


def good(key: str, **more: Any) -> bytes:
    values = {
        "category": "Books",
        "store_id": "7",
        "ts": "2024-05-01T10:20:30.123Z",
        "event_type": "sale_event",
        "sales": 1.5,
        "qty": 2,
    }
    return event(key, **{**values, **more})


def expecting(**fields: FieldExpectation) -> Contract:
    """Return the contract with only these expectations."""
    declared = contract.load()
    changed = tuple(replace(f, expect=fields.get(f.name)) for f in declared.fields)
    return replace(declared, fields=changed, expected_streams={})


def results(stack: Stack, run: int) -> dict[tuple[str, str], tuple[str, str]]:
    """Return outcome and observed value by subject and expectation, from a run's manifest."""
    key = f"bookmarks/job/runs/jr_{run}/part-00000.jsonl"
    body = stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read()
    lines = [json.loads(line) for line in body.splitlines()]
    return {
        (one["about"], one["expectation"]): (one["outcome"], one["observed"])
        for one in lines
        if one["kind"] == "expectation"
    }


def test_run_reports_failed_expectations(stack: Stack) -> None:
    lines = [good(str(n)) for n in range(30)]
    lines += [
        good("a", qty=10_001),
        good("b", sales=-0.01),
        good("c", event_type="other"),
        good("d", store_id=None, extra=1),
        b"bad",
    ]
    stack.put(f"{DAY}/a.json", lines)
    summary = stack.run()
    assert (summary["rows_new"], summary["rows_quarantined"]) == (34, 1), "nothing is stopped"
    assert summary["expectations"] == {"met": 7, "failed": 3}
    found = results(stack, 1)
    assert found.pop(("sale_events", "freshHours")) == ("met", "0.0")
    assert found == {
        ("category", "maxNullShare"): ("met", "0"),
        ("store_id", "maxNullShare"): ("met", "0.02941"),
        ("ts", "maxNullShare"): ("met", "0"),
        ("event_type", "maxNullShare"): ("met", "0"),
        ("event_type", "allowed"): ("failed", "1 other values"),
        ("sales", "min"): ("failed", "-0.01"),
        ("qty", "min"): ("met", "2"),
        ("qty", "max"): ("failed", "10001"),
        ("sale_events", "minLinesPerDay"): ("met", "35"),
    }
    assert stack.database.rows("select expectations_failed from etl_runs") == [(3,)]
    stack.run()
    assert set(results(stack, 2)) == {("sale_events", "freshHours"), ("sale_events", "minLinesPerDay")}, "no events"


@pytest.mark.parametrize("min_lines", [0, 10**9], ids=["fast path", "line by line"])
def test_both_paths_count_the_same(min_lines: int) -> None:
    """The lines are those of the cases, most of which are unusual."""
    expect = FieldExpectation(max_null_share=0, low=-1, high=1)
    numbers = {f.name: expect for f in contract.load().of_kind("int", "bigint", "decimal")}
    texts = {f.name: FieldExpectation(allowed=("sale_event", "a")) for f in contract.load().of_kind("string")}
    declared = expecting(**numbers, **texts)
    unknown = b'{"request_id":"%d","tier":{"name":"x"},"' + b"n" * 256 + b'":1}'
    lines = as_text([case.line for case in CASES if b"\n" not in case.line] * 3 + [unknown % i for i in range(2000)])
    counted = Profile()
    others = set(range(len(lines)))
    for plain in FastPath(declared, RUN_DAY, min_lines=min_lines).plain(lines, None):
        counted.add_columns(declared, plain.rows, plain.unknown)
        others -= set(plain.places.tolist())
    for i in others:
        verdict = validate.line(lines[i], declared)
        if isinstance(verdict, validate.Event):
            counted.add_event(declared, verdict.values, verdict.extra)
    counted.count_gathered()
    one_by_one = Profile()
    for line in lines:
        verdict = validate.line(line, declared)
        if isinstance(verdict, validate.Event):
            one_by_one.add_event(declared, verdict.values, verdict.extra)
    assert counted == one_by_one
    assert counted.events > 2050 and counted.unknown > 2005
    assert "tier" in counted.names and "n" * 256 not in counted.names
    assert (min_lines > 0) == (len(others) == len(lines)), "most lines are plain"
    assert Profile.merged([counted.text(), counted.text()]).events == 2 * counted.events


def test_profiles_add_up() -> None:
    one = Profile(2, 1, {"qty": FieldProfile(nulls=1, low=3, high=3)})
    other = Profile(3, 0, {"qty": FieldProfile(low=-1, high=2), "sku": FieldProfile(nulls=3)})
    assert Profile.merged([one.text(), other.text(), '{"unknown": 4}']) == Profile(
        5, 5, {"qty": FieldProfile(nulls=1, low=-1, high=3), "sku": FieldProfile(nulls=3)}
    )


def test_results_at_the_edges() -> None:
    field = Field("qty", "int", FieldExpectation(max_null_share=0.5, low=1, high=3))
    declared = replace(contract.load(), fields=(field,))

    def of(nulls: int, low: float | None, high: float | None) -> dict[str, bool]:
        found = expectations.of_fields(declared, Profile(4, 0, {"qty": FieldProfile(nulls, low, high)}))
        return {one.expectation: one.met for one in found}

    assert of(2, 1, 3) == {"maxNullShare": True, "min": True, "max": True}
    assert of(3, 0, 4) == {"maxNullShare": False, "min": False, "max": False}
    assert of(4, None, None) == {"maxNullShare": False}, "without values there is no minimum or maximum"


def test_streams_that_are_late_or_small(stack: Stack) -> None:
    stack.put(f"{DAY}/a.json", [event("a")])
    declared = replace(
        expecting(),
        expected_streams={"sale_events": StreamExpectation(2, 5), "inventory_events": StreamExpectation(2, 5)},
    )
    stack.run(contract=declared)
    assert results(stack, 1) == {
        ("sale_events", "freshHours"): ("met", "0.0"),
        ("sale_events", "minLinesPerDay"): ("failed", "1"),
    }, "a stream without any object is not late"
    stack.database.rows("update etl_batches set committed_at = committed_at - interval 25 hour")
    [listed] = listing.of_streams(stack.bucket, declared, stack.settings.region)[0]
    late = replace(listed, modified=listed.modified - timedelta(hours=3) // timedelta(milliseconds=1))
    with database.connect(stack.settings.target) as connection:
        of_feed = expectations.check(connection, declared, 1, Listing("feed", [late]))
        fresh, volume = expectations.check(connection, declared, 1, Listing("full", [late]))[:2]
    assert of_feed == [], "a feed run does not see the newest object of a stream"
    assert (fresh.met, fresh.expected, fresh.observed[:3]) == (False, "2", "3.0")
    assert (volume.met, volume.observed) == (False, "0"), "only lines of the last 24 hours count"


def test_run_succeeds_if_the_check_fails(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> list[Result]:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(expectations, "check", fail)
    stack.put(f"{DAY}/a.json", [event("a")])
    summary = stack.run()
    assert summary["rows_new"] == 1
    assert [one["kind"] for one in summary["findings"]] == ["expectations_unknown"]
    assert stack.database.rows("select expectations_failed from etl_runs") == [(None,)]
