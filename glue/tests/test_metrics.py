"""CloudWatch metrics of runs, which never make a run fail."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from store_events import aws, contract
from store_events.contract import StreamExpectation
from store_events.job import UnreadError
from store_events.mysql import lock
from store_events.mysql.lock import LockError
from store_events.report import metrics
from store_events.report.run_state import RunState
from store_events.source import listing
from store_events.source.read_events import ARCHIVED, FAILED, FORBIDDEN, GONE, Unread
from testsupport.emulator import REGION
from testsupport.events import event
from testsupport.stack import Stack

DAY = "sale_events/dt=2024-05-01"


class CloudWatch:
    """Records requests, and raises `error` if it is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.requests = error, list[dict[str, Any]]()

    def put_metric_data(self, **request: Any) -> None:
        self.requests.append(request)
        if self.error:
            raise self.error

    def last(self) -> dict[str, Any]:
        return {one["MetricName"]: one["Value"] for one in self.requests[-1]["MetricData"]}


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    one = CloudWatch()
    monkeypatch.setattr(aws, "_metrics_client", lambda _: one)
    yield one


def test_metrics_of_a_run(stack: Stack, cloudwatch: CloudWatch) -> None:
    stack.put(f"{DAY}/a.json", [event("a"), event("b", color="red"), event("a"), b"bad"])
    time.sleep(1)
    stack.run()
    [request] = cloudwatch.requests
    assert request["Namespace"] == "StoreEvents"
    assert {str(one["Dimensions"]) for one in request["MetricData"]} == {"[{'Name': 'JobName', 'Value': 'job'}]"}
    found = cloudwatch.last()
    assert 1 <= found.pop("LagSeconds") < 120
    assert 0 < found.pop("RunSeconds") < 120
    assert found == {
        "RunsSucceeded": 1, "RunsFailed": 0, "EventsRead": 4, "RowsNew": 2, "EventsRepeated": 1, "LinesQuarantined": 1,
        "ObjectsUnread": 0, "ObjectsArchived": 0, "UnknownFields": 1, "ExpectationsFailed": 4,
        "StreamExpectationsFailed": 0,
    }  # fmt: skip
    stack.run()
    found = cloudwatch.last()
    assert (found["EventsRead"], found["UnknownFields"], found["RunsSucceeded"]) == (0, 0, 1)
    assert "LagSeconds" not in found, "there was no object"
    assert "ExpectationsFailed" not in found, "there was no event"


def test_metrics_of_a_run_that_fails(stack: Stack, cloudwatch: CloudWatch) -> None:
    stack.put(f"{DAY}/a.json", [event("a", color="red")])
    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/b.json", Body=event("b"), StorageClass="GLACIER")
    with pytest.raises(UnreadError):
        stack.run(max_archived=0)
    found = cloudwatch.last()
    assert (found["RunsFailed"], found["RunsSucceeded"], found["RowsNew"], found["UnknownFields"]) == (1, 0, 1, 1)
    assert found["ObjectsUnread"] == 0, "an archived object is not lost"
    assert found["ObjectsArchived"] == 1
    assert found["LagSeconds"] >= 0


def test_unread_objects_are_counted(stack: Stack, cloudwatch: CloudWatch) -> None:
    unread = [Unread(f"s3://b/{reason}", "v", reason) for reason in (ARCHIVED, GONE, FORBIDDEN, FAILED)]
    metrics.try_to_put(contract.load(), stack.settings, RunState("jr_1", unread=unread, loaded=True), succeeded=False)
    assert (cloudwatch.last()["ObjectsUnread"], cloudwatch.last()["ObjectsArchived"]) == (2, 1)
    assert "RowsNew" not in cloudwatch.last(), "a run without a number has no rows"


def test_run_that_read_nothing_has_no_metrics_of_objects_and_lines(
    stack: Stack, cloudwatch: CloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The metrics of the previous run still apply, so its alarms stay on."""

    def fail(*_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://s3")

    known = {"RunsSucceeded", "RunsFailed", "RunSeconds"}
    with lock.held(stack.settings.target, 0), pytest.raises(LockError):
        stack.run()
    assert set(cloudwatch.last()) == known
    monkeypatch.setattr(listing, "list_objects", fail)
    with pytest.raises(EndpointConnectionError):
        stack.run()
    assert set(cloudwatch.last()) == known, "this run had a number already"


def test_feed_run_has_no_metrics_of_streams(stack: Stack, cloudwatch: CloudWatch) -> None:
    """Only a full listing can report that a late stream is no longer late."""
    late = StreamExpectation(min_lines_per_day=10)
    declared = replace(contract.load(), expected_streams={"sale_events": late})
    stack.put(f"{DAY}/a.json", [event("a")])
    stack.run(contract=declared)
    failed = cloudwatch.last()
    assert failed["StreamExpectationsFailed"] == 1
    stack.put(f"{DAY}/b.json", [event("b", qty=-1)])
    stack.s3.put_object(Bucket=stack.bucket, Key="feed/1.json", Body=json.dumps({"keys": [f"{DAY}/b.json"]}).encode())
    stack.run(contract=declared, feed=True)
    of_feed_run = cloudwatch.last()
    assert "StreamExpectationsFailed" not in of_feed_run
    assert of_feed_run["ExpectationsFailed"] > 0, "a feed run checks the fields"


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "Throttling", "Message": "no"}}, "PutMetricData"),
        EndpointConnectionError(endpoint_url="https://monitoring"),
        TypeError("not expected"),
    ],
)
def test_run_succeeds_if_its_metrics_are_not_sent(stack: Stack, cloudwatch: CloudWatch, error: Exception) -> None:
    cloudwatch.error = error
    stack.put(f"{DAY}/a.json", [event("a")])
    assert stack.run()["rows_new"] == 1
    assert len(cloudwatch.requests) == 1


def test_volume_is_compared_to_the_week_before(stack: Stack, cloudwatch: CloudWatch) -> None:
    """Ten lines on each of five days before, and thirty in the last 24 hours."""
    stack.run()
    assert "VolumeRatio" not in cloudwatch.last(), "nothing to compare with"
    for day in range(5):
        stack.database.rows(
            "insert into etl_runs (run_number, ledger_id, run_id, started_at, rows_read, outcome)"
            f" select {1000 + day}, ledger_id, 'old', utc_timestamp(3) - interval {day + 2} day, 10, 'died'"
            " from etl_runs where run_number = 1"
        )
    stack.put(f"{DAY}/a.json", [event(str(n)) for n in range(30)])
    stack.run()
    assert cloudwatch.last()["VolumeRatio"] == pytest.approx(3, rel=0.01)


def test_ledger_of_an_earlier_release_gets_the_column(stack: Stack, cloudwatch: CloudWatch) -> None:
    stack.put(f"{DAY}/a.json", [event("a")])
    stack.run()
    stack.database.rows("alter table etl_batches drop column profile")
    stack.put(f"{DAY}/b.json", [event("b", color="red")])
    stack.run()
    assert cloudwatch.last()["UnknownFields"] == 1
    assert stack.table() == [("a",), ("b",)]


class Crawls:
    """Glue with a crawler whose last crawl is `last`. Other calls go to the emulator."""

    def __init__(self, last: str | None, error: ClientError | None = None) -> None:
        self.last, self.error, self.glue = last, error, aws.client("glue", REGION)

    def get_crawler(self, Name: str) -> dict[str, Any]:
        assert Name == "sales"
        if self.error:
            raise self.error
        status = {"Status": self.last} if self.last else {}  # All members of the response are optional.
        return {"Crawler": {} if self.last is None else {"LastCrawl": {"LogGroup": "crawlers", **status}}}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.glue, name)


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetCrawler")


@pytest.mark.parametrize(
    ("glue", "want"),
    [
        (("FAILED", None), 1),
        (("SUCCEEDED", None), 0),
        (("CANCELLED", None), 0),
        ((None, None), None),
        (("", None), None),
        (("FAILED", DENIED), None),
    ],
)
def test_run_reports_a_failed_crawl(
    stack: Stack,
    cloudwatch: CloudWatch,
    monkeypatch: pytest.MonkeyPatch,
    glue: tuple[str | None, ClientError | None],
    want: int | None,
) -> None:
    client, crawls = aws.client, Crawls(*glue)
    monkeypatch.setattr(aws, "client", lambda name, *more: crawls if name == "glue" else client(name, *more))
    stack.run(crawler="sales")
    assert cloudwatch.last().get("CrawlFailed") == want
    assert cloudwatch.last()["RunsSucceeded"] == 1
