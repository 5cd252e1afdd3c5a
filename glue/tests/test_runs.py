"""The history of runs, and its marks in the bucket."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from store_events import contract, job
from store_events.load import ledger_owner, runs
from store_events.mysql import lock
from testsupport.events import event
from testsupport.restores import PowerCutError, history, put, raising, same_everywhere
from testsupport.stack import Stack


def test_each_run_has_a_row(stack: Stack) -> None:
    put(stack, "a", event("a"), event("a"), b"bad")
    assert [stack.run()["run_number"], stack.run()["run_number"]] == [1, 2]
    assert history(stack) == [(1, "jr_1", "succeeded", 1), (2, "jr_2", "succeeded", 1)]
    counts = "select rows_read, rows_new, rows_duplicate, rows_quarantined from etl_runs order by run_number"
    assert stack.database.rows(counts) == [(3, 1, 1, 1), (0, 0, 0, 0)]
    assert stack.database.rows("select batch_id from etl_batches") == [(100_000_000,)]


def test_runs_that_fail_and_die(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run records that a run has died, and what it had committed."""
    put(stack, "a", event("a"))
    for error in (ValueError, PowerCutError):
        with monkeypatch.context() as patch, pytest.raises(error):
            patch.setattr(job, "_summary", raising(error))
            stack.run()
    assert history(stack) == [(1, "jr_1", "failed", 1), (2, "jr_2", None, 0)]
    stack.run()
    assert history(stack) == [(1, "jr_1", "failed", 1), (2, "jr_2", "died", 0), (3, "jr_3", "succeeded", 1)]
    assert stack.database.rows("select rows_new from etl_runs order by run_number") == [(1,), (0,), (0,)]


def test_runs_without_a_batch_have_different_numbers(stack: Stack) -> None:
    """Even within one second, if neither has committed a row."""
    numbers = []
    for run_id in ("jr_1", "jr_2"):
        settings = replace(stack.settings, run_id=run_id)
        with lock.held(settings.target, 0) as held, runs.recorded(settings, contract.load(), held) as run:
            numbers.append(run.number)
    assert numbers == [1, 2]


def test_ledger_of_a_version_without_history(stack: Stack, saved: Any) -> None:
    """Run numbers continue after those of the batches, and the Parquet is kept."""
    stack.database.rows("drop table etl_runs")
    stack.s3.delete_object(Bucket=stack.bucket, Key="bookmarks/ledger/sales_txns_tbl.json")
    summary = stack.run()
    assert (summary["run_number"], summary["parquet_recovered"]) == (3, 0)
    assert same_everywhere(stack)


def marks(stack: Stack) -> dict[str, Any]:
    found = {}
    for key in stack.keys("bookmarks/ledger/"):
        found[key.rpartition("/")[2]] = json.load(stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"])
    return found


def test_earlier_releases_can_read_the_marks(stack: Stack, saved: Any) -> None:
    [(ledger,)] = stack.database.rows("select distinct ledger_id from etl_runs")
    mark = {"ledger": ledger, "number": 2}
    assert marks(stack) == {"sales_txns_tbl.json": mark, "sales_txns_tbl.ended.json": mark}


@pytest.mark.parametrize("ended", [None, {"ledger": "this", "number": 1}])
def test_run_of_an_earlier_release_is_recognized(stack: Stack, saved: Any, ended: dict[str, Any] | None) -> None:
    """It writes no mark when it ends."""
    key = {"Bucket": stack.bucket, "Key": "bookmarks/ledger/sales_txns_tbl.ended.json"}
    for outcome, number in (("succeeded", 3), ("died", 4)):
        stack.database.rows(f"update etl_runs set outcome = '{outcome}' where run_number = {number - 1}")
        stack.s3.delete_object(**key)
        if ended:
            stack.s3.put_object(**key, Body=json.dumps(ended).encode())
        assert stack.run()["run_number"] == number


def test_run_succeeds_without_storing_the_mark_of_its_end(
    stack: Stack, saved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = ledger_owner.write_mark

    def refuse(to: Any, mark: ledger_owner.Mark, suffix: str) -> None:
        if suffix == ledger_owner.ENDED:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, "PutObject")
        write(to, mark, suffix)

    monkeypatch.setattr(ledger_owner, "write_mark", refuse)
    assert [stack.run()["run_number"], stack.run()["run_number"]] == [3, 4]
