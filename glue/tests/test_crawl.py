"""The crawler is started once for data that is not in the catalog, and never makes a run fail."""

from typing import Any
from unittest import mock

import pytest

from store_events import aws
from store_events.report import crawl
from testsupport.events import event
from testsupport.stack import Stack, client

CRAWLER = "events"


@pytest.fixture
def started(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Mock StartCrawler, and create the tables that a crawl of one day creates."""
    glue = client("glue")
    for stream in ("sale_events", "inventory_events"):
        storage = {
            "Location": f"s3://{stack.bucket}/{stream}/",
            "Columns": [{"Name": "qty", "Type": "int"}, {"Name": "color", "Type": "string"}],
        }
        keys = [{"Name": "dt", "Type": "string"}]
        table = {"Name": f"txns_{stream}", "StorageDescriptor": storage, "PartitionKeys": keys}
        glue.update_table(DatabaseName=stack.bucket, TableInput=table)
        partition = {"Values": ["2024-05-01"], "StorageDescriptor": storage}
        glue.create_partition(DatabaseName=stack.bucket, TableName=table["Name"], PartitionInput=partition)
    call = mock.Mock()
    monkeypatch.setattr(aws.client("glue", stack.settings.region), "start_crawler", call)
    return call


def reasons(stack: Stack, **changes: Any) -> list[str]:
    """Run the job, and return why it has started the crawler."""
    found = stack.run(crawler=CRAWLER, **changes)["findings"]
    return [f["detail"] for f in found if f["kind"] == "crawl_started"]


def test_catalog_is_complete(stack: Stack, started: Any) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [event("a"), event("b", Color="red")])
    stack.put("sale_events/without-a-day.json", [event("c")])
    assert reasons(stack) == []
    started.assert_not_called()


def test_each_addition_starts_one_crawl(stack: Stack, started: Any) -> None:
    stack.put("sale_events/dt=2024-05-02/a.json", [event("a")])
    assert reasons(stack) == ["the catalog lacks sale_events of 2024-05-02"]
    started.assert_called_once_with(Name=CRAWLER)
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b")])
    assert reasons(stack) == [], "a crawl was already started for this day"
    stack.put("inventory_events/dt=2024-05-01/c.json", [event("c", depth=1)])
    assert reasons(stack) == ["the catalog lacks the field 'depth'"]
    stack.put("sale_events/dt=2024-05-01/d.json", [event("d")])
    assert reasons(stack, table_prefix="other_") == ["the catalog lacks the table of sale_events"]
    assert started.call_count == 3
    assert reasons(stack) == [], "nothing is new"


def test_crawl_without_effect_is_repeated_daily(stack: Stack, started: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.put("sale_events/dt=2024-05-02/a.json", [event("a")])
    assert reasons(stack) == ["the catalog lacks sale_events of 2024-05-02"]
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b")])
    assert reasons(stack) == []
    monkeypatch.setattr(crawl, "_REPEAT_S", 0)
    stack.put("sale_events/dt=2024-05-02/c.json", [event("c")])
    assert reasons(stack) == ["the catalog lacks sale_events of 2024-05-02"]


def test_response_without_partitions(stack: Stack, started: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    none = mock.Mock(return_value={"UnprocessedKeys": [{"Values": ["2024-05-02"]}]})
    monkeypatch.setattr(aws.client("glue", stack.settings.region), "batch_get_partition", none)
    stack.put("sale_events/dt=2024-05-02/a.json", [event("a")])
    assert reasons(stack) == ["the catalog lacks sale_events of 2024-05-02"]


def test_running_crawler_is_started_again_later(stack: Stack, started: Any) -> None:
    running = aws.client("glue", stack.settings.region).exceptions.CrawlerRunningException
    started.side_effect = running({"Error": {}}, "StartCrawler")
    stack.put("sale_events/dt=2024-05-02/a.json", [event("a")])
    assert reasons(stack) == []
    started.side_effect = None
    stack.put("sale_events/dt=2024-05-02/b.json", [event("b")])
    assert reasons(stack) == ["the catalog lacks sale_events of 2024-05-02"]


def test_run_succeeds_without_the_crawl(stack: Stack, started: Any) -> None:
    started.side_effect = RuntimeError("no way to Glue")
    stack.put("sale_events/dt=2024-05-02/a.json", [event("a")])
    found = stack.run(crawler=CRAWLER)["findings"]
    assert {"kind": "crawl_not_started", "about": CRAWLER, "detail": "no way to Glue"} in found
    assert stack.table() == [("a",)]
