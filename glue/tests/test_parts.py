"""Large objects that are read in parts by several workers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from store_events.export import quarantine
from store_events.load import partition
from store_events.load.batch import Plan
from store_events.mysql.ledger import BalanceError
from store_events.mysql.lock import Lock, LockError
from store_events.source import framing, parts, reader
from store_events.source.objects import SourceObject
from store_events.source.read_events import GONE, Begin, End, Lines, Unread, Unreadable
from testsupport.events import event
from testsupport.loads import a_plan, attempt_all, batch
from testsupport.stack import Stack

KEY = "sale_events/dt=2024-05-01/large.json"
ALPHABET = [
    b'{"a":1}\n', b'{"a":"%s"}\n' % (b"x" * 40), b"\n", b" \t\r\n", b"broken\n", b'{"open":1\n', b'{"a":\n1}\n', b"[\n",
    b'{"a":1},\n', b"]\n", b'{"a":1}{"b":2}\n', b'"text"\n', b"\xef\xbb\xbf", b'{"a":1}', b"x" * 90, b'\x1f\x8b\x08\n',
    b"\xff\xfe\n",
]  # fmt: skip


@pytest.mark.parametrize("longest", [framing.MAX_LINE, 30])
def test_parts_have_the_values_of_the_object(monkeypatch: pytest.MonkeyPatch, longest: int) -> None:
    """The text and the bounds of the parts are random."""
    monkeypatch.setattr(framing, "MAX_LINE", longest)
    rng, shared = Random(1), 0
    for _ in range(3_000):
        text = b"".join(rng.choices(ALPHABET[: rng.choice((2, 6, 17))], k=rng.randint(1, 40)))
        one, size = SourceObject("s3://b/a", len(text), "v"), rng.randint(8, 200)
        monkeypatch.setattr(reader, "opened", lambda _, some, text=text: answer(text, some))
        plain = parts._uncompressed([one], "us-east-1") == [one]
        found = [parts._scan("us-east-1", some) for some in parts._ranges(one, size)]
        several = parts._parts(one, found) if plain else [one]
        assert all(part.part.start < part.part.end for part in several if part.part), "S3 rejects an empty range"
        shared += len(several) > 2
        whole = list(values(text, one))
        assert [v for part in several for v in values(text, part)] == whole, text
        assert whole or several == [one], "parts without values would have no ledger entry"
    assert shared > 500


def test_no_part_is_small() -> None:
    """A small part would have no space in the quarantine, which is limited in proportion to its bytes."""
    for size in (parts.PART_BYTES + 1, 2 * parts.PART_BYTES, 10 * parts.PART_BYTES + 1):
        found = list(parts._ranges(SourceObject("s3://b/a", size, "v"), parts.PART_BYTES))
        assert (found[0].start, found[-1].end) == (0, size)
        assert [one.start for one in found[1:]] == [one.end for one in found[:-1]]
        assert all(parts.PART_BYTES // 2 <= one.end - one.start <= parts.PART_BYTES for one in found)


def test_plain_lines_are_split_at_every_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{"a":1}\n' * 1_000
    one = SourceObject("s3://b/a", len(text), "v")
    monkeypatch.setattr(reader, "opened", lambda _, some: answer(text, some))
    found = parts._parts(one, [parts._scan("us-east-1", some) for some in parts._ranges(one, 1_000)])
    assert [(p.start, p.end, p.before, p.last) for p in (one.part for one in found) if p] == [
        (0, 1_000, 0, 125),
        *((n * 1_000, n * 1_000 + 1_000, n * 125, n * 125 + 125) for n in range(1, 8)),
    ]


def answer(text: bytes, one: SourceObject) -> dict[str, Any]:
    some = text[one.part.start : one.part.end] if one.part else text
    return {"ETag": '"v"', "ContentLength": len(some), "Chunks": [some[i : i + 64] for i in range(0, len(some), 64)]}


def values(text: bytes, one: SourceObject) -> Iterator[tuple[int, bytes]]:
    """Yield numbers and text of the values of an object, or of a part."""
    for item in reader._object(one, answer(text, one)):
        if isinstance(item, Lines):
            yield from zip(item.numbers, (bytes(line) for line in item.lines), strict=True)
        elif isinstance(item, Unreadable):
            yield item.number, item.sample


LINES = [event(f"e{n:03d}", qty=n) if n % 10 else b"bad" for n in range(400)]
EVENTS = [(f"e{n:03d}",) for n in range(400) if n % 10]
BAD = [n + 1 for n in range(0, 400, 10)]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 2_000)


def check_loaded(stack: Stack) -> None:
    """Assert that every event and every invalid line is stored once."""
    assert stack.table() == stack.parquet() == EVENTS
    assert sorted(entry["line_number"] for entry in stack.quarantine()) == BAD
    assert stack.balanced()
    rows: list[Any] = stack.database.rows("select first_line, last_line, complete from etl_objects order by last_line")
    assert [last + 1 for _, last, _ in rows[:-1]] == [first for first, _, _ in rows[1:]]
    assert (rows[0][0], rows[-1][1]) == (1, 400)
    assert [complete for _, _, complete in rows] == [0] * (len(rows) - 1) + [1]


@pytest.mark.usefixtures("small_parts")
def test_large_object_is_loaded_by_several_tasks(stack: Stack) -> None:
    stack.put(KEY, LINES)
    summary = stack.run(commit_rows=40)
    check_loaded(stack)
    tasks = {batch["batch_id"] // 10_000 for batch in summary["batches"]}
    assert len(tasks) > 1
    assert summary["objects"] == {"listed": 1, "considered": 1, "passed_over": 0, "unread": 0}
    assert summary["streams"] == {"sale_events": {"objects": 1, "rows_read": 400}}
    assert stack.run()["rows_read"] == 0


@pytest.mark.usefixtures("small_parts")
def test_compressed_object_is_loaded_by_one_task(stack: Stack) -> None:
    noise = Random(1)
    stack.put(f"{KEY}.gz", [event(f"e{n:03d}", contact_me=noise.randbytes(40).hex()) for n in range(400)])
    summary = stack.run(commit_rows=40)
    assert len({batch["batch_id"] // 10_000 for batch in summary["batches"]}) == 1
    assert summary["rows_new"] == 400


@pytest.mark.usefixtures("small_parts")
def test_first_of_equal_events_wins_across_parts(stack: Stack) -> None:
    stack.put(KEY, [*LINES, *(event(f"e{n:03d}", qty=-1) for n in range(400) if n % 10)])
    summary = stack.run(commit_rows=40)
    assert (summary["rows_new"], summary["rows_duplicate"]) == (360, 360)
    assert stack.table("request_id, qty") == [(f"e{n:03d}", n) for n in range(400) if n % 10]
    assert stack.table() == stack.parquet()


BLANK = {"line feeds": b"\n", "marks": b"\xef\xbb\xbf \t\r\n", "separators": b",\n[]\n"}


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("line", BLANK.values(), ids=BLANK)
def test_large_object_without_values(stack: Stack, line: bytes) -> None:
    stack.s3.put_object(Bucket=stack.bucket, Key=KEY, Body=line * (6_000 // len(line)))
    stack.run()
    assert stack.run(backfill_from="2024-05-01", backfill_to="2024-05-01")["rows_read"] == 0
    assert stack.database.rows("select rows_read, complete from etl_objects") == [(0, 1)]


GAPS = {"first": (1, 1, 0), "middle": (0, 1, 0), "last": (0, 1, 1), "first and last": (1, 0, 1)}


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("blank", GAPS.values(), ids=GAPS)
def test_parts_without_values(stack: Stack, blank: tuple[int, ...]) -> None:
    """Any part may be empty, both when the object is loaded and when it is read again."""
    texts = [b",\n\n[]\n" * 1_000 if one else b"\n".join(LINES[n * 100 : n * 100 + 100]) for n, one in enumerate(blank)]
    stack.s3.put_object(Bucket=stack.bucket, Key=KEY, Body=b"\n".join(texts))
    shown = [n for n in range(300) if not blank[n // 100]]
    for day in ("", "2024-05-01"):
        assert stack.run(commit_rows=40, backfill_from=day, backfill_to=day)["rows_read"] == len(shown)
        assert stack.table() == stack.parquet() == [(f"e{n:03d}",) for n in shown if n % 10]
        assert len(stack.quarantine()) == sum(n % 10 == 0 for n in shown)
        assert stack.database.rows("select sum(rows_read), sum(complete) from etl_objects") == [(len(shown), 1)]
    assert stack.run()["rows_read"] == 0


@contextmanager
def with_parts(stack: Stack) -> Iterator[tuple[Plan, list[SourceObject]]]:
    """Yield a plan, and the parts of the object in that run."""
    [entry] = stack.s3.list_objects_v2(Bucket=stack.bucket, Prefix=KEY)["Contents"]
    one = SourceObject(f"s3://{stack.bucket}/{KEY}", entry["Size"], entry["ETag"].strip('"'))
    with a_plan(stack, commit_rows=30) as plan:
        yield plan, parts.cut(stack.spark, [one], plan.region, 2)


def items(plan: Plan, *some: SourceObject) -> Iterator[Any]:
    client = reader._client(plan.region)
    for one in some:
        yield from reader._object(one, reader._get(client, one, False))


@pytest.mark.usefixtures("small_parts")
def test_run_continues_where_parts_ended(stack: Stack) -> None:
    """A run has loaded one part, and half of another. The next run splits the object at other bounds."""
    stack.put(KEY, LINES)
    with with_parts(stack) as (plan, found):
        attempt_all(plan, items(plan, found[3]))
        before_end = [item for item in items(plan, found[5]) if not isinstance(item, End)]
        with pytest.raises(BalanceError, match="ends within"):
            attempt_all(plan, iter(before_end))
        assert stack.database.rows("select max(complete) from etl_objects") == [(0,)]
        read = {e["line_number"] for e in stack.quarantine()}
        assert read < set(BAD)
    parts.PART_BYTES = 3_100
    summary = stack.run(commit_rows=50)
    check_loaded(stack)
    assert 0 < summary["rows_read"] < 400


@pytest.mark.usefixtures("small_parts")
def test_object_of_a_dead_run_is_completed_by_one_task(stack: Stack) -> None:
    """Without parts, a task loads only the lines in the gaps."""
    stack.put(KEY, LINES)
    with with_parts(stack) as (plan, found):
        attempt_all(plan, items(plan, found[2]))
        attempt_all(plan, items(plan, found[4]))
    parts.PART_BYTES = 1 << 30
    stack.run(commit_rows=1_000)
    check_loaded(stack)


def test_second_attempt_counts_only_what_the_first_committed(stack: Stack) -> None:
    """Lines that an earlier run has committed are not counted, so that the run's counts balance."""
    name = stack.put(KEY, LINES[:30])
    begin = Begin(name, "v1", None, ((11, 20),), False, True)
    lines = Lines(range(1, 31), LINES[:30])
    with a_plan(stack, commit_rows=1_000) as plan:
        with pytest.raises(BalanceError, match="ends within"):
            attempt_all(replace(plan, commit_rows=5), [begin, lines.split(22)[0]])
        [*_, last] = pa.Table.from_batches(partition.loaded(plan, [begin, lines, End(30)])).to_pylist()
    assert last["repeated"] == 10
    assert stack.database.rows("select first_line, last_line, complete from etl_objects order by 1") == [
        (1, 5, 0), (6, 10, 0), (21, 30, 1),
    ]  # fmt: skip


@pytest.mark.usefixtures("small_parts")
def test_large_object_is_read_again_in_parts(stack: Stack) -> None:
    stack.put(KEY, LINES)
    stack.run(commit_rows=40)
    stack.database.rows("delete from sales_txns_tbl where request_id > 'e100' and request_id < 'e200'")
    summary = stack.run(commit_rows=70, backfill_from="2024-05-01", backfill_to="2024-05-01")
    assert (summary["rows_read"], summary["rows_new"], summary["rows_quarantined"]) == (400, 90, 40)
    assert stack.table() == stack.parquet() == EVENTS
    assert sorted(entry["line_number"] for entry in stack.quarantine()) == BAD
    assert stack.database.rows("select sum(complete), sum(rows_read) from etl_objects") == [(1, 400)]


@pytest.mark.usefixtures("small_parts")
def test_object_that_is_overwritten_meanwhile(stack: Stack) -> None:
    """Parts of two versions are not combined."""
    stack.put(KEY, LINES)
    with with_parts(stack) as (plan, found):
        attempt_all(plan, items(plan, found[0]))
        stack.put(KEY, [event("new")] * 400)
        begun = list(items(plan, found[1]))
        assert [(type(item), item.reason) for item in begun] == [(Unread, GONE)]
        assert attempt_all(plan, iter(begun)) == {}
    summary = stack.run()
    assert summary["unread"]["reasons"] == {}
    assert ("new",) in stack.table()


@pytest.mark.usefixtures("small_parts")
def test_quarantine_of_a_dead_run_with_other_parts(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run stores invalid lines of the whole object under its first line, and dies before its commit. The next run's
    first part has no invalid lines.
    """
    lines = [event(f"e{n:03d}") if n < 300 else b"bad" for n in range(400)]
    stack.put(KEY, lines)

    answers = iter((None, LockError("the run has lost its lock")))  # Before and after the quarantine is stored.

    def dies(*_: Any) -> None:
        if error := next(answers):
            raise error

    with with_parts(stack) as (plan, found), monkeypatch.context() as patched:
        patched.setattr(Lock, "check", dies)
        with pytest.raises(LockError):
            attempt_all(replace(plan, commit_rows=1_000, run_id="jr_dead"), items(plan, replace(found[0], part=None)))
    assert {entry["run_id"] for entry in stack.quarantine()} == {"jr_dead"}
    stack.run(commit_rows=50)
    assert {entry["run_id"] for entry in stack.quarantine()} == {"jr_1"}
    numbers = [
        n for e in stack.quarantine() for n in range(e["line_number"], e.get("last_line_number", e["line_number"]) + 1)
    ]
    assert sorted(numbers) == list(range(301, 401))


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("begun", [False, True], ids=["new", "half loaded by a dead run"])
def test_parts_share_the_limit_of_the_quarantine(stack: Stack, monkeypatch: pytest.MonkeyPatch, begun: bool) -> None:
    """All lines are invalid and different, and each needs a hundred times its size."""
    monkeypatch.setattr(quarantine, "QUARANTINE_ROOM", 50_000)
    lines = [b"bad %d" % n for n in range(3_000)]
    stack.put(KEY, lines)
    with with_parts(stack) as (plan, found):
        plan = replace(plan, commit_rows=1_000)
        if begun:
            dead = replace(plan, run_id="jr_dead")
            with pytest.raises(BalanceError, match="ends within"):
                attempt_all(dead, batch(found[0].name, *lines[:1_100], version=found[0].version)[:2])
        known = ((1, 1_000),) if begun else ()
        again = replace(plan, run_number=2, run_id="jr_again")
        attempt_all(again, items(again, *(replace(one, done=known) for one in found)))
    assert len(found) > 10
    entries = stack.quarantine()
    assert sum(e.get("lines", 1) for e in entries) == 3_000
    kept = [e for e in entries if e["reason"] != quarantine.NOT_KEPT]
    new = [part for part in (one.part for one in found) if part and part.before >= (1_000 if begun else 0)]
    assert all(any(part.has(e["line_number"]) for e in kept) for part in new), "each part keeps some lines"
    assert sum(len(json.dumps(e)) for e in kept) < 50_000 + found[0].size


@pytest.mark.usefixtures("small_parts")
def test_object_with_an_unreadable_part_is_not_complete(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The object counts once, even if several parts failed, and the next run loads the rest."""
    stack.put(KEY, LINES)
    cut = parts.cut

    def gone(*some: Any) -> list[SourceObject]:
        found = cut(*some)
        stack.put(KEY, [event("new")])
        return found

    with monkeypatch.context() as patched:
        patched.setattr(parts, "cut", gone)
        summary = stack.run()
    assert summary["unread"]["reasons"] == {"gone": 1}
    assert stack.table() == []
    assert stack.run()["rows_new"] == 1
    assert stack.table() == stack.parquet() == [("new",)]


def test_part_whose_number_of_values_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{"a":1}\n' * 100
    one = SourceObject("s3://b/a", len(text), "v")
    monkeypatch.setattr(reader, "opened", lambda _, some: answer(text, some))
    first, *_ = parts._parts(one, [parts._scan("us-east-1", some) for some in parts._ranges(one, 200)])
    assert isinstance(next(reader._object(first, answer(text, first))), Begin)
    with pytest.raises(reader.ReadError, match="must end with line 25, but ends with line 40"):
        list(reader._object(first, answer(text.replace(b"}\n", b"}{}\n"), first)))
