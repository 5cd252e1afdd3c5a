"""The quarantine: objects of limited size, under names that S3 allows."""

import base64
import gzip
import json
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from store_events import aws, settings
from store_events.export import quarantine
from store_events.export.quarantine import Store, Writer
from store_events.mysql import database, lock
from store_events.mysql.lock import Lock, LockError
from store_events.source.read_events import Begin
from testsupport import dbserver
from testsupport.loads import a_plan, attempt, batch
from testsupport.stack import Stack

_FOLDERS = Path(__file__).resolve().parents[2] / "schema" / "testdata" / "quarantine_folders.jsonl"
DAY = "sale_events/dt=2024-05-01"


def stored_bytes(stack: Stack) -> int:
    page = stack.s3.list_objects_v2(Bucket=stack.bucket, Prefix="quarantine/")
    return sum(entry["Size"] for entry in page.get("Contents", []))


def line_of(entry: dict[str, Any]) -> bytes:
    """Return the bytes of a line in an entry."""
    return base64.b64decode(entry["line_base64"]) if "line_base64" in entry else str(entry["line"]).encode()


def counted(entries: list[dict[str, Any]]) -> int:
    return sum(entry.get("lines", 1) for entry in entries if entry.get("part", 1) == 1)


@pytest.mark.parametrize("example", [json.loads(line) for line in _FOLDERS.read_text().splitlines()])
def test_folders(example: dict[str, str]) -> None:
    """The cases are shared with ops/internal/quarantine/folder_test.go."""
    found = quarantine.folder("quarantine", f"s3://bucket/{example['key']}", "v" * 64)
    assert found == f"{example['folder']}/{'v' * 64}"
    assert len(found.encode()) + 1 + quarantine._PART_NAME <= 1024


def test_equal_lines_are_one_entry(stack: Stack) -> None:
    """Otherwise six kilobytes of gzip would take 25 uploads of 10 GB."""
    body = gzip.compress(b"x\n" * 30_000)
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/flood.json.gz", Body=body)
    assert stack.run(commit_rows=10_000)["rows_quarantined"] == 30_000
    entries = sorted(stack.quarantine(), key=lambda entry: int(entry["line_number"]))
    assert counted(entries) == 30_000
    assert [(e["line_number"], e["last_line_number"]) for e in entries if "lines" in e] == [
        (100, 10_000), (10_100, 20_000), (20_100, 30_000),
    ]  # fmt: skip
    assert len(entries) == 300
    assert stored_bytes(stack) < 150_000


@pytest.mark.parametrize("kept", [1, 7])
def test_run_sets_how_much_of_a_long_line_is_kept(stack: Stack, kept: int) -> None:
    """Even if the object is small because it is compressed."""
    line = b"x" * (8 << 20)
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/long.json.gz", Body=gzip.compress(line))
    assert stack.run(kept_line_mib=kept)["rows_quarantined"] == 1
    entries = sorted(stack.quarantine(), key=lambda entry: int(entry["part"]))
    assert {(e["reason"], e["bytes"]) for e in entries} == {("line_too_long", len(line))}
    assert b"".join(line_of(e) for e in entries) == line[: kept << 20]


def test_long_binary_line_is_kept_up_to_the_limit(stack: Stack) -> None:
    """It is seven times as long in JSON."""
    line = b"\xff" * (4 << 20)
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/long.json.gz", Body=gzip.compress(line))
    assert stack.run()["rows_quarantined"] == 1
    entries = sorted(stack.quarantine(), key=lambda entry: int(entry["part"]))
    assert {(e["reason"], e["bytes"]) for e in entries} == {("line_too_long", len(line))}
    assert b"".join(line_of(e) for e in entries) == line[: 2 << 20]
    assert stored_bytes(stack) < settings.QUARANTINE_ROOM + len(gzip.compress(line))


def test_line_in_several_parts_has_its_size(stack: Stack) -> None:
    """Verify compares it with the size of the line in the object."""
    line = b'{"x":"' + b"y" * 600_000 + b'"}'
    stack.put(f"{DAY}/long.json", [line])
    assert stack.run()["rows_quarantined"] == 1
    entries = sorted(stack.quarantine(), key=lambda entry: int(entry["part"]))
    assert [(e["reason"], e["bytes"], e["part"]) for e in entries] == [("missing_key", len(line), n) for n in (1, 2, 3)]
    assert b"".join(line_of(e) for e in entries) == line


def test_entries_of_a_worker_that_outlives_its_run_are_removed(stack: Stack) -> None:
    """It stores them after the next run has begun, before it notices that its run has lost the lock."""
    begin = Begin(f"s3://{stack.bucket}/{DAY}/late.json", "v1", None, ((1, 3),), False, True, 100)
    old, new = (Store(stack.bucket, "quarantine", run, "us-east-1") for run in ("jr_old", "jr_new"))
    former, later = Writer(old, begin), Writer(new, begin)
    former.add(1, "bad_key", b"x")
    former.store(1)
    later.resume([(1, 3, "jr_old")])
    former.add(4, "bad_key", b"y")
    former.store(4)
    assert not later.has_stale_entries, "nothing is left to remove once the object is read"
    later.add(4, "bad_key", b"y")
    later.store(4)
    assert lines_and_runs(stack) == [(1, "jr_old"), (4, "jr_new")]


def test_entries_are_kept_until_all_is_read_again_except_those_of_a_worker_that_outlives_its_run(stack: Stack) -> None:
    begin = Begin(f"s3://{stack.bucket}/{DAY}/late.json", "v1", None, (), True, True, 100)
    old, dead, new = (
        Writer(Store(stack.bucket, "quarantine", run, "us-east-1"), begin) for run in ("jr_old", "jr_dead", "jr_new")
    )
    old.add(1, "bad_key", b"x")
    old.store(1)
    dead.resume([])
    new.resume([])
    dead.add(1, "bad_key", b"x")
    dead.store(1)
    new.add(1, "bad_key", b"x")
    new.store(1)
    assert lines_and_runs(stack) == [(1, "jr_new"), (1, "jr_old")]
    new.remove_stale_entries()
    assert lines_and_runs(stack) == [(1, "jr_new")]


def lines_and_runs(stack: Stack) -> list[tuple[int, str]]:
    return sorted((e["line_number"], e["run_id"]) for e in stack.quarantine())


def test_quarantine_of_many_objects_takes_longer_than_the_timeout_of_an_idle_transaction(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_IDLE_S", 8)
    put = Store.put

    def slow(*args: Any) -> str:
        time.sleep(1.5)
        return put(*args)

    monkeypatch.setattr(Store, "put", slow)
    with a_plan(stack) as plan:
        assert len(attempt(plan, *(batch(f"s3://b/{DAY}/{name}", b"bad") for name in "abcdef"))) == 1
    assert len(stack.quarantine()) == 6


def test_quarantine_of_an_object_is_limited(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "QUARANTINE_ROOM", 50_000)
    name, lines = f"s3://{stack.bucket}/{DAY}/many.json", [b"%d" % i for i in range(3_000)]
    with a_plan(stack, commit_rows=1_000) as plan:
        attempt(plan, batch(name, *lines, size=10_000))
        entries = stack.quarantine()
        assert counted(entries) == 3_000
        assert stored_bytes(stack) < 60_000 + 3_000
        rest = [entry for entry in entries if entry["reason"] == quarantine.NOT_KEPT]
        assert [entry["last_line_number"] for entry in rest] == [1_000, 2_000, 3_000]
        assert all(entry["reasons"] == {"not_json_object": entry["lines"]} for entry in rest)
        again = replace(plan, run_number=2, run_id="jr_2")
        attempt(again, batch(name, *lines, size=10_000, reread=True))
    assert counted(stack.quarantine()) == 3_000


def test_memory_does_not_grow_with_invalid_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", lambda *_: None)
    writer = Writer(
        Store("b", "quarantine", "jr_1", "us-east-1"), Begin("s3://b/a", "v", None, (), False, True), 1 << 20
    )
    tracemalloc.start()
    for number in range(20_000):
        writer.add(number, f"bad_field:{number}", b"x%d" % number)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    writer.close()
    assert peak < 3 << 20
    assert writer.pending < 2 << 20


def test_replay_of_entries_of_an_earlier_release(stack: Stack) -> None:
    name = stack.put(f"{DAY}/a.json", [b"bad", b'{"request_id":"a"}'])
    stack.run()
    [key] = stack.keys("quarantine/")
    old = f"{key.rsplit('/', 1)[0]}.jsonl"
    stack.s3.copy_object(Bucket=stack.bucket, Key=old, CopySource={"Bucket": stack.bucket, "Key": key})
    stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    stack.run(replay=True)
    assert [(entry["source_object"], entry["line_number"]) for entry in stack.quarantine()] == [(name, 1)]
    assert old not in stack.keys("quarantine/")


def test_entries_of_a_dead_attempt_are_replaced(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    name, lines = f"s3://{stack.bucket}/{DAY}/a.json", [b'{"request_id":"a"}', b"bad", b'{"request_id":"b"}']
    with a_plan(stack, commit_rows=1) as plan:
        with monkeypatch.context() as patch:
            calls = [0]

            def check(*_: Any) -> None:
                calls[0] += 1
                if calls[0] == 4:  # It is called twice for each batch.
                    raise RuntimeError("the worker dies")

            patch.setattr(Lock, "check", check)
            with pytest.raises(RuntimeError):
                attempt(plan, batch(name, *lines))
        assert [entry["line_number"] for entry in stack.quarantine()] == [2]
        attempt(plan, batch(name, *lines))
    assert [entry["line_number"] for entry in stack.quarantine()] == [2]


def test_entries_of_a_dead_run_are_not_stored_twice(stack: Stack) -> None:
    stack.put(f"{DAY}/a.json", [b"bad", b"worse"])
    stack.run()
    stack.database.rows("delete from etl_objects")
    stack.database.rows("delete from etl_batches")
    stack.run()
    assert [(entry["line_number"], entry["run_id"]) for entry in stack.quarantine()] == [(1, "jr_2"), (2, "jr_2")]


def dead_replay(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the lines and runs of entries after a replay that died, and has committed some of them."""
    name, lines = stack.put(f"{DAY}/a.json", [b"bad", b'{"request_id":"a"}']), [b"bad", b'{"request_id":"a"}']
    stack.run()
    [(version,)] = stack.database.rows("select distinct version from etl_objects")
    with a_plan(stack, run_id="jr_dead", run_number=2) as plan:
        attempt(plan, batch(f"s3://{stack.bucket}/{DAY}/b.json", b"worse"))
        answers = iter((None, RuntimeError("the worker dies")))

        def check(*_: Any) -> None:
            if error := next(answers):
                raise error

        monkeypatch.setattr(Lock, "check", check)
        with pytest.raises(RuntimeError):
            attempt(replace(plan, run_number=3), batch(name, *lines, version=str(version), reread=True))
        monkeypatch.undo()
    for number in (2, 3):
        stack.database.rows(
            "insert into etl_runs (run_number, ledger_id, run_id, started_at, outcome, listing)"
            f" select {number}, ledger_id, 'jr_dead', utc_timestamp(3), 'failed', 'full' from etl_runs limit 1"
        )
    left = [("bad", "jr_1"), ("bad", "jr_dead"), ("worse", "jr_dead")]
    assert sorted((e["line"], e["run_id"]) for e in stack.quarantine()) == left
    return left


def test_uncommitted_entries_of_a_dead_replay_are_removed(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the ledger the object is complete, so no run reads it. Committed entries of the dead run are kept."""
    left = dead_replay(stack, monkeypatch)
    stack.run(feed=True)
    left.remove(("bad", "jr_dead"))
    assert sorted((e["line"], e["run_id"]) for e in stack.quarantine()) == left


def test_driver_that_was_frozen_keeps_entries_of_a_later_run(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read the ledger, then lost its lock, and lists the entries after the next run has replaced them."""
    dead_replay(stack, monkeypatch)
    remove, later = quarantine.remove_stale_entries, [stack.run]

    def frozen(*about: Any) -> None:
        while later:
            [(owner,)] = stack.database.rows(f"select is_used_lock('{lock._name(dbserver.DATABASE)}')")
            stack.database.rows(f"kill {owner}")
            later.pop()(replay=True)
        remove(*about)

    monkeypatch.setattr(quarantine, "remove_stale_entries", frozen)
    with pytest.raises(LockError):
        stack.run()
    assert sorted((e["line"], e["run_id"]) for e in stack.quarantine()) == [("bad", "jr_3"), ("worse", "jr_dead")]
