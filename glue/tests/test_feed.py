"""Runs that read only the objects in the feed."""

import json
from typing import Any

import pytest

from store_events import contract, job
from store_events.load import runs
from store_events.mysql import database, ledger
from store_events.report import metrics
from store_events.settings import optional
from store_events.source import feed, listing
from store_events.source.read_events import FAILED, FORBIDDEN, Unread
from testsupport.events import event
from testsupport.stack import Stack

DAY = "sale_events/dt=2024-05-01"


def write_feed(stack: Stack, *keys: str, name: str = "1", **more: Any) -> None:
    """Write a file as the starter does for a batch of events."""
    stack.s3.put_object(Bucket=stack.bucket, Key=f"feed/{name}.json", Body=json.dumps({"keys": keys, **more}))


def listed(stack: Stack) -> list[object]:
    return [kind for (kind,) in stack.database.rows("select listing from etl_runs order by run_number")]


@pytest.fixture
def loaded(stack: Stack) -> Stack:
    """Return a stack with new objects since a full listing, one of which is not in the feed."""
    stack.put(f"{DAY}/old.json", [event("old")])
    stack.run(feed=True)
    assert listed(stack) == ["full"], "no run had listed everything"
    stack.put(f"{DAY}/a.json", [event("a"), b"bad"])
    stack.put("inventory_events/dt=2024-05-02/b \x01+%2F.json", [event("b")])
    stack.put(f"{DAY}/lost.json", [event("lost")])
    write_feed(stack, f"{DAY}/a.json", f"{DAY}/gone.json", f"{DAY}/_hidden.json")
    write_feed(stack, f"{DAY}/a.json", "inventory_events/dt=2024-05-02/b \x01+%2F.json", name="2")
    return stack


def test_objects_of_the_feed_are_loaded_and_its_files_deleted(loaded: Stack) -> None:
    summary = loaded.run(feed=True)
    assert summary["listing"] == "feed"
    assert summary["objects"] == {"listed": 2, "considered": 2, "passed_over": 1, "unread": 0}
    assert loaded.table() == loaded.parquet() == [("a",), ("b",), ("old",)]
    assert (loaded.keys("feed/"), listed(loaded), loaded.balanced()) == ([], ["full", "feed"], True)
    entries = manifest(loaded)
    assert entries[0]["listing"] == "feed"
    assert {e["outcome"] for e in entries if e["kind"] == "object"} == {"loaded", "passed over"}


def manifest(stack: Stack) -> list[dict[str, Any]]:
    body = stack.s3.get_object(Bucket=stack.bucket, Key=f"bookmarks/job/runs/jr_{stack.runs}/part-00000.jsonl")["Body"]
    return [json.loads(line) for line in body.read().splitlines()]


def test_run_fails_without_its_manifest(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is loaded, but the outcomes of objects are not recorded. The next run reads the feed and succeeds."""
    reported = list[bool]()
    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr(metrics, "try_to_put", lambda *_, succeeded: reported.append(succeeded))
        patch.setattr("store_events.report.manifest._parts", raising(OSError("no room")))
        loaded.run(feed=True)
    assert reported == [False]
    outcome = "select outcome from etl_runs order by run_number desc limit 1"
    assert loaded.database.rows(outcome) == [("failed",)]
    assert len(loaded.keys("feed/")) == 2
    summary = loaded.run(feed=True)
    assert (summary["listing"], summary["rows_read"]) == ("feed", 0)
    assert loaded.table() == loaded.parquet() == [("a",), ("b",), ("old",)]
    assert (loaded.keys("feed/"), loaded.database.rows(outcome)) == ([], [("succeeded",)])
    assert manifest(loaded)[0]["outcome"] == "succeeded"


def raising(error: Exception) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_full_listing_finds_objects_missing_from_the_feed(loaded: Stack) -> None:
    loaded.run(feed=True)
    summary = loaded.run()
    assert (summary["listing"], summary["objects"]["considered"]) == ("full", 1)
    assert loaded.table() == [("a",), ("b",), ("lost",), ("old",)]


@pytest.mark.parametrize(("most", "kind"), [(4, "feed"), (3, "full")])
def test_feed_of_very_many_objects_is_not_read_one_by_one(
    loaded: Stack, monkeypatch: pytest.MonkeyPatch, most: int, kind: str
) -> None:
    monkeypatch.setattr(feed, "MOST", most)
    assert (loaded.run(feed=True)["listing"], loaded.keys("feed/")) == (kind, [])


def test_full_listing_deletes_the_feed(loaded: Stack) -> None:
    loaded.run()
    assert (len(loaded.table()), loaded.keys("feed/")) == (4, [])


def test_next_run_deletes_the_feed_of_a_run_that_died(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(feed, "delete", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            loaded.run(feed=True)
    assert len(loaded.keys("feed/")) == 2
    summary = loaded.run(feed=True)
    assert (summary["objects"]["considered"], summary["rows_read"], loaded.keys("feed/")) == (0, 0, [])
    assert loaded.table() == loaded.parquet() == [("a",), ("b",), ("old",)]


def test_feed_is_kept_while_one_of_its_objects_cannot_be_read(loaded: Stack) -> None:
    loaded.s3.put_object(Bucket=loaded.bucket, Key=f"{DAY}/c.json", Body=event("c"), StorageClass="GLACIER")
    write_feed(loaded, f"{DAY}/c.json", name="3")
    with pytest.raises(Exception, match="max_archived"):
        loaded.run(feed=True, max_archived=0)
    assert len(loaded.keys("feed/")) == 3


def fail(monkeypatch: pytest.MonkeyPatch, name: str, reason: str) -> None:
    """Make reading an object fail."""
    load = job._load

    def without(spark: Any, todo: Any, *more: Any) -> list[Unread]:
        failed = [Unread(one.name, one.version, reason, "no") for one in todo if one.name == name]
        return load(spark, [one for one in todo if one.name != name], *more) + failed

    monkeypatch.setattr(job, "_load", without)


@pytest.mark.parametrize("reason", [FAILED, FORBIDDEN])
@pytest.mark.parametrize("by_feed", [True, False])
def test_files_of_tolerated_unread_objects_are_kept(
    loaded: Stack, monkeypatch: pytest.MonkeyPatch, reason: str, by_feed: bool
) -> None:
    """The next feed run reads these objects again."""
    key = f"{DAY}/c.json"
    loaded.put(key, [event("c")])
    write_feed(loaded, f"{DAY}/a.json", key, name="3")
    if not by_feed:
        write_feed(loaded, key, unknown=1, name="4")
    with monkeypatch.context() as patched:
        fail(patched, f"s3://{loaded.bucket}/{key}", reason)
        assert loaded.run(feed=True, max_unread=1)["objects"]["unread"] == 1
    assert loaded.keys("feed/") == ["feed/3.json"]
    summary = loaded.run(feed=True)
    assert (summary["objects"]["considered"], loaded.keys("feed/")) == (1, [])
    assert ("c",) in loaded.table()


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"keys": "a"}',
        b'{"keys": [1]}',
        b'{"keys": ["curated/x"]}',
        b'{"keys": [], "unknown": 2}',
        b"\xff",
    ],
)
def test_invalid_file_is_a_finding_and_everything_is_listed(loaded: Stack, body: bytes) -> None:
    loaded.s3.put_object(Bucket=loaded.bucket, Key="feed/3.json", Body=body)
    summary = loaded.run(feed=True)
    assert summary["listing"] == "full"
    assert [f["kind"] for f in summary["findings"]] == ["feed_unusable"]
    assert "feed/3.json" in summary["findings"][0]["detail"]
    assert (len(loaded.table()), loaded.keys("feed/")) == (4, [])


def test_objects_have_the_same_order_as_in_a_full_listing(loaded: Stack) -> None:
    of_feed = listing.list_objects(contract.load(), loaded.settings, False).objects
    of_all = listing.list_objects(contract.load(), loaded.settings, True).objects
    assert len(of_feed) == 2
    assert [one for one in of_all if one in of_feed] == sorted(of_feed, key=lambda o: of_all.index(o))


def test_object_is_found_by_listing_if_head_object_is_denied(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    client = feed._client(loaded.settings.region)

    def refuse(**_: Any) -> None:
        raise client.exceptions.ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    monkeypatch.setattr(client, "head_object", refuse)
    keys = [f"{DAY}/a.json", f"{DAY}/gone.json"]
    found = feed.listed(loaded.bucket, loaded.settings.region, keys)
    assert [one.name for one in found] == [f"s3://{loaded.bucket}/{keys[0]}"]


@pytest.mark.parametrize(
    "change",
    [
        "update etl_runs set started_at = started_at - interval 25 hour",
        "update etl_runs set outcome = 'failed'",
        "update etl_runs set ledger_id = 'another'",
        "update etl_runs set listing = 'feed'",
    ],
)
def test_without_a_recent_full_listing_everything_is_listed(loaded: Stack, change: str) -> None:
    loaded.database.rows(change)
    assert loaded.run(feed=True)["listing"] == "full"


def test_full_listing_hours(loaded: Stack) -> None:
    loaded.database.rows("update etl_runs set started_at = started_at - interval 25 hour")
    assert loaded.run(feed=True, full_listing_hours=26)["listing"] == "feed"


def test_after_a_restore_of_the_database_everything_is_listed(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the first run after the restore dies."""
    loaded.run(feed=True)
    loaded.database.rows("delete from etl_runs where run_number = 2")
    loaded.database.rows("delete from etl_objects where batch_id >= 200000000")
    write_feed(loaded, name="4")
    with monkeypatch.context() as patched:
        patched.setattr(listing, "list_objects", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            loaded.run(feed=True)
    assert loaded.run(feed=True)["listing"] == "full"
    assert ("a",) in loaded.table()


@pytest.mark.parametrize(("outcome", "listing"), [("failed", "'full'"), ("died", "null")])
def test_after_a_full_listing_that_failed_everything_is_listed(loaded: Stack, outcome: str, listing: str) -> None:
    """It may have left objects half read again, and these are not in the feed."""
    loaded.run(feed=True)
    loaded.run(feed=True)
    loaded.database.rows(f"update etl_runs set outcome='{outcome}', listing={listing} where run_number = 2")
    assert [loaded.run(feed=True)["listing"] for _ in range(2)] == ["full", "feed"]


def test_after_a_failed_feed_run_the_feed_is_enough(loaded: Stack) -> None:
    loaded.run(feed=True)
    loaded.database.rows("update etl_runs set outcome='failed' where run_number = 2")
    assert loaded.run(feed=True)["listing"] == "feed"


def test_feed_run_completes_a_replay_that_died(loaded: Stack) -> None:
    """Otherwise an object could be half loaded, or twice in the quarantine, until the next full listing."""
    loaded.run(feed=True)
    refuse = "before insert on etl_objects for each row if new.first_line = 2 then signal sqlstate '45000'; end if"
    loaded.database.rows(f"create trigger refuse {refuse}")
    with pytest.raises(Exception, match="Unhandled user-defined exception"):
        loaded.run(feed=True, replay=True, commit_rows=1)
    loaded.database.rows("drop trigger refuse")
    loaded.run(feed=True, commit_rows=1)
    assert [one["line"] for one in loaded.quarantine()] == ["bad"]
    complete = loaded.database.rows("select max(complete) from etl_objects group by object_id")
    assert complete == [(1,)] * 4


def test_runs_of_an_earlier_release_count_as_full_listings(loaded: Stack) -> None:
    loaded.database.rows("alter table etl_runs drop column listing, drop key outcome, drop key started")
    assert loaded.run(feed=True)["listing"] == "feed"
    assert listed(loaded) == [None, "feed"]


def test_backfill_lists_everything(loaded: Stack) -> None:
    assert loaded.run(feed=True, backfill_from="2024-05-01", backfill_to="2024-05-01")["listing"] == "full"
    assert loaded.run(feed=True, replay=True)["listing"] == "full"


def test_options() -> None:
    declared = contract.load()
    assert optional(declared, {"listing": "feed", "full_listing_hours": "3"}) == {"feed": True, "full_listing_hours": 3}
    assert optional(declared, {"listing": "full"}) == {"feed": False}
    for name, text in (("listing", "some"), ("full_listing_hours", "0")):
        with pytest.raises(ValueError, match=f"--{name} '{text}'"):
            optional(declared, {name: text})


def test_only_files_that_were_read_are_deleted(loaded: Stack) -> None:
    taken = listing.list_objects(contract.load(), loaded.settings, False)
    write_feed(loaded, f"{DAY}/lost.json", name="0")
    feed.delete(loaded.bucket, loaded.settings.region, taken.feed)
    assert loaded.keys("feed/") == ["feed/0.json"]


def test_ledger_query_is_limited_to_some_objects(loaded: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_MAX_OBJECTS", 1)
    loaded.run()
    names = [f"s3://{loaded.bucket}/{DAY}/{name}.json" for name in ("a", "old", "never")]
    with database.connect(loaded.settings.target) as connection:
        found = ledger.committed_of(connection, contract.load(), names)
        everything = ledger.committed(connection, contract.load())
        assert runs.full_listing_due(connection, contract.load(), 2, 24) is False
    assert len(found) == 2
    assert {(version, one.complete) for version, one in found.items()} <= {
        (version, one.complete) for version, one in everything.items()
    }
    assert {one.lines for one in found.values()} == {((1, 1),), ((1, 2),)}
