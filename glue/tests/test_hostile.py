"""Invalid and unusual input: each kind has a defined outcome, listed in docs/input.md, and the rest is loaded."""

import bz2
import gzip
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from store_events.load import error_threshold
from store_events.mysql.ledger import BalanceError
from store_events.source.read_events import Lines, Unreadable
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack


def event(key: str, **more: Any) -> bytes:
    return json.dumps({"request_id": key, **more}, ensure_ascii=False).encode()


def zstd(body: bytes) -> bytes:
    return bytes(pa.compress(body, "zstd", asbytes=True))


@dataclass(frozen=True)
class Outcome:
    """The outcome of an object: keys loaded, and (line number, reason) of each quarantined line."""

    body: bytes
    keys: tuple[str, ...] = ()
    bad: tuple[tuple[int, str], ...] = ()


GOOD = b"\n".join(event(f"k{i}") for i in range(50)) + b"\n"
DAY = "2024-05-01"
KINDS = {
    "missing fields": Outcome(event("a"), ("a",)),
    "new fields": Outcome(event("a", color="red", size={"w": 1}), ("a",)),
    "string for a number": Outcome(event("a", qty="12") + b"\n" + event("b", qty="many"), ("a",),
                                   ((2, "bad_field:qty"),)),
    "number for a string": Outcome(event("a", store_id=7), ("a",)),
    "nested value for a field": Outcome(event("a", category=["x"]), (), ((1, "bad_field:category"),)),
    "nulls": Outcome(event("a", qty=None, ts=None) + b"\n" + b'{"request_id":null}', ("a",), ((2, "missing_key"),)),
    "over-long string": Outcome(event("a", category="x" * 65), (), ((1, "bad_field:category"),)),
    "over-long key": Outcome(event("a" * 37), (), ((1, "bad_key"),)),
    "number out of range": Outcome(event("a", qty=2**31) + b"\n" + event("b", sales=1e11), (),
                                   ((1, "bad_field:qty"), (2, "bad_field:sales"))),
    "not a number": Outcome(b'{"request_id":"a","sales":NaN}', (), ((1, "not_json_object"),)),
    "duplicate keys in an object": Outcome(b'{"request_id":"a","qty":1,"qty":2}', ("a",)),
    "odd timestamps": Outcome(
        b"\n".join(event(f"a{i}", ts=ts) for i, ts in enumerate(
            ["2024-05-01T10:00:00+02:00", "2024-05-01 10:00:00.1234567", "01/05/2024", "1714557600",
             "2024-02-30T00:00:00Z"]
        )), ("a0", "a1"), ((3, "bad_field:ts"), (4, "bad_field:ts"), (5, "bad_field:ts"))),
    "not UTF-8": Outcome(event("a") + b'\n{"request_id":"caf\xe9"}\n' + event("b"), ("a", "b"), ((2, "not_utf8"),)),
    "byte order mark": Outcome(b"\xef\xbb\xbf" + event("a") + b"\n" + event("b"), ("a", "b")),
    "UTF-16": Outcome('{"request_id":"a"}'.encode("utf-16"), ("a",)),
    "UTF-16 without a mark": Outcome('{"request_id":"a"}'.encode("utf-16-le"), (), ((1, "not_json_object"),)),
    "zstd": Outcome(zstd(event("a")), ("a",)),
    "bzip2": Outcome(bz2.compress(event("a")), ("a",)),
    "events without line feeds": Outcome(event("a") + event("b") + b"broken" + event("c"), ("a",),
                                         ((2, "not_json_object"),)),
    "carriage returns": Outcome(event("a") + b"\r\n\r\n" + event("b") + b"\r\n", ("a", "b")),
    "empty object": Outcome(b""),
    "blank lines only": Outcome(b"\n \n\t\r\n"),
    "line of 3 MB": Outcome(event("a") + b"\n" + event("b", x="y" * 3_000_000) + b"\n" + event("c"), ("a", "c"),
                            ((2, "line_too_long"),)),
    "gzip without the name": Outcome(gzip.compress(event("a")), ("a",)),
    "two gzip members": Outcome(gzip.compress(event("a") + b"\n") + gzip.compress(event("b")), ("a", "b")),
    "gzip cut in its trailer": Outcome(gzip.compress(GOOD)[:-3], tuple(f"k{i}" for i in range(50)),
                                       ((51, "cut_short"),)),
    "gzip cut in its header": Outcome(gzip.compress(GOOD)[:9], (), ((1, "cut_short"),)),
    "array of events": Outcome(b'[{"request_id":"a"},\n{"request_id":"b"}, 7]', ("a", "b"), ((3, "not_json_object"),)),
    "event over several lines": Outcome(b'{\n"request_id":"a"}', ("a",)),
    "deeply nested": Outcome(event("a")[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", (),
                             ((1, "not_json_object"),)),
    "control characters": Outcome(b'{"request_id":"a","category":"\x01"}', (), ((1, "not_json_object"),)),
    "zero bytes": Outcome(b"\0" * 100 + b"\n" + event("a"), ("a",), ((1, "not_json_object"),)),
}  # fmt: skip


def named(kind: str) -> str:
    return f"sale_events/dt={DAY}/{kind}.json"


def test_each_kind_alone(stack: Stack) -> None:
    """All kinds are in one run, because a run for each would take minutes."""
    rows: dict[str, set[str]] = {}
    for kind, outcome in KINDS.items():
        stack.s3.put_object(Bucket=stack.bucket, Key=named(kind), Body=outcome.body)
        rows[kind] = set(outcome.keys)
    summary = stack.run(commit_rows=3)
    assert {key for (key,) in stack.table()} == set().union(*rows.values())
    assert stack.parquet() == stack.table()
    query = "select source_object, sum(rows_read) from etl_objects group by 1 having max(complete)"
    ledger = {str(name): int(str(count)) for name, count in stack.database.rows(query)}
    bad: dict[str, list[tuple[int, str]]] = {}
    for entry in stack.quarantine():
        if entry.get("part", 1) == 1:
            bad.setdefault(str(entry["source_object"]), []).append((int(entry["line_number"]), entry["reason"]))
    for kind, outcome in KINDS.items():
        name = f"s3://{stack.bucket}/{named(kind)}"
        assert sorted(bad.get(name, [])) == sorted(outcome.bad), kind
        assert ledger[name] == len(outcome.keys) + len(outcome.bad), kind
    assert summary["rows_quarantined"] == sum(len(o.bad) for o in KINDS.values())
    assert stack.run()["rows_read"] == 0


def test_unknown_fields_are_kept(stack: Stack) -> None:
    stack.put(named("new"), [event("a", color="red", size={"w": 1.50})])
    stack.run()
    assert stack.table("extra") == [('{"color":"red","size":{"w":1.5}}',)]


def test_last_of_a_repeated_member_counts(stack: Stack) -> None:
    stack.put(named("twice"), [b'{"request_id":"a","qty":1,"qty":2}'])
    stack.run()
    assert stack.table("qty") == [(2,)]


def test_original_bytes_are_kept(stack: Stack) -> None:
    long = b'{"request_id":"' + b"x" * 2_000_000
    stack.put(named("bytes"), [b"\xff\xfd", b"tab\t", long])
    stack.run()
    first, second, third, *parts = sorted(stack.quarantine(), key=lambda e: (int(e["line_number"]), e.get("part", 1)))
    assert first["line_base64"] == "//0="
    assert (second["line"], "line_base64" in second) == ("tab\t", False)
    assert [part["part"] for part in (third, *parts)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert "".join(part["line"] for part in (third, *parts)) == long.decode()
    assert {part["bytes"] for part in (third, *parts)} == {len(long)}
    assert stack.s3.head_object(Bucket=stack.bucket, Key=named("bytes"))["ETag"].strip('"') == third["version"]


def test_share_of_invalid_lines(stack: Stack) -> None:
    stack.put(named("good"), [event(str(i)) for i in range(7)])
    stack.put(named("bad"), [b"bad", b"worse", b"\xff"])
    with pytest.raises(Exception, match="3 of 10 new lines are invalid, more than the share of 0"):
        stack.run(max_invalid_share=0.29)
    assert stack.table() == []
    assert stack.quarantine() == []
    assert stack.database.rows("select count(*) from etl_objects") == [(0,)]
    assert stack.run(max_invalid_share=0.3)["rows_new"] == 7


def test_share_of_invalid_lines_of_an_overwritten_object(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that was not counted waits for the next run."""
    stack.put(named("a"), [event("a")])
    stack.put(named("b"), [event("b")])
    check = error_threshold.check

    def overwritten(*about: Any) -> None:
        check(*about)
        stack.put(named("b"), [b"bad"] * 3)

    with monkeypatch.context() as patch:
        patch.setattr(error_threshold, "check", overwritten)
        summary = stack.run(max_invalid_share=0.1)
    assert (summary["rows_new"], summary["rows_quarantined"], summary["unread"]["reasons"]) == (1, 0, {"gone": 1})
    with pytest.raises(Exception, match="3 of 3 new lines are invalid"):
        stack.run(max_invalid_share=0.1)


def test_share_of_invalid_lines_counts_only_new_lines(stack: Stack) -> None:
    """Lines that an earlier run has committed, and lines that are read again, do not count."""
    name, lines = stack.put(named("half"), [b"bad", b"x" * 2_000_000, event("a"), event("b")]), [b"bad", event("a")]
    etag = stack.s3.head_object(Bucket=stack.bucket, Key=named("half"))["ETag"].strip('"')
    begin, *_ = batch(name, version=etag)
    with a_plan(stack, commit_rows=1) as plan, pytest.raises(BalanceError, match="ends within"):
        attempt(plan, [begin, Lines([1], lines[:1]), Unreadable(2, "line_too_long", b"x", 2), Lines([3], lines[1:])])
    stack.put(named("bad"), [b"bad"] * 5)
    with pytest.raises(Exception, match="5 of 7 new lines are invalid"):
        stack.run(max_invalid_share=0.5)
    stack.run(max_invalid_share=0.8)
    stack.put(named("good"), [event("c")])
    summary = stack.run(max_invalid_share=0, replay=True)
    assert (summary["rows_read"], summary["rows_quarantined"]) == (10, 7)
    assert stack.table() == [("a",), ("b",), ("c",)]
