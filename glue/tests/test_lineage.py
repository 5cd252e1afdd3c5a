"""OpenLineage events: that they are those of the reference client, that they arrive, and that no run fails for them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from store_events import contract
from store_events.contract import Field
from store_events.export import lineage
from store_events.export.manifest import Course
from store_events.job import UnreadError
from store_events.load.database import Target
from store_events.load.figures import Figures
from store_events.load.runs import Recorded
from store_events.settings import Settings, optional
from testsupport.stack import Stack

DAY = "sale_events/dt=2024-05-01"
# What the reference client, PyPI's openlineage-python 1.54.0, makes of a run with two streams and two fields, for
# version 2-0-2 of the specification.
REFERENCE = json.loads((Path(__file__).parent / "openlineage_events.json").read_text())


def test_events_are_those_of_the_reference_client() -> None:
    declared = replace(contract.load(), fields=(Field("request_id", "string(36)"), Field("qty", "int")))
    settings = Settings("jr_1", "db", "events", "txns_", Target("arn", "sales_txns_tbl", ""), job="job")
    table = ("mysql://db.internal:3306", "store_events.sales_txns_tbl")
    said = {"START": "", "COMPLETE": "", "FAIL": "ValueError: odd"}
    for want, new in zip(REFERENCE, (None, 3, 2), strict=True):
        course = Course("jr_1", run=Recorded(1, None, Figures({} if new is None else {"rows_new": new})))
        kind = want["eventType"]
        made = lineage.event(declared, settings, course, (kind, said[kind]), table)
        assert made.pop("eventTime").endswith("Z")
        want.pop("eventTime")
        assert made == want, kind


class Server(HTTPServer):
    """Keeps the events that it is sent, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events, self.status = list[dict[str, Any]](), 201

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1/lineage"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/json"
        self.server.events.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.serve_forever)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()
    thread.join()


def test_runs_tell_their_lineage(stack: Stack, server: Server) -> None:
    stack.put(f"{DAY}/a.json", [json.dumps({"request_id": "a"}).encode()])
    stack.run(lineage_url=server.url)
    start, complete = server.events
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"]
    assert [one["name"] for one in complete["inputs"]] == ["sale_events", "inventory_events"]
    table, parquet = complete["outputs"]
    assert table["namespace"] == f"mysql://127.0.0.1:{stack.database.port}"
    assert (parquet["namespace"], parquet["name"]) == (f"s3://{stack.bucket}", "curated")
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert [one["name"] for one in table["facets"]["schema"]["fields"]] == [f.name for f in contract.load().fields]

    stack.s3.put_object(Bucket=stack.bucket, Key=f"{DAY}/b.json", Body=b"{}", StorageClass="GLACIER")
    with pytest.raises(UnreadError):
        stack.run(lineage_url=server.url, max_archived=0)
    start, fail = server.events[2:]
    assert (start["eventType"], fail["eventType"]) == ("START", "FAIL")
    assert fail["run"]["runId"] != complete["run"]["runId"]
    assert fail["run"]["facets"]["errorMessage"]["message"].startswith("UnreadError: 1 objects could not be read")


def test_no_run_fails_for_its_lineage(stack: Stack, server: Server) -> None:
    server.status = 500
    stack.put(f"{DAY}/a.json", [json.dumps({"request_id": "a"}).encode()])
    summary = stack.run(lineage_url=server.url)
    assert summary["rows_new"] == 1
    found = [one for one in summary["findings"] if one["kind"] == "lineage_not_sent"]
    assert [one["detail"][:32] for one in found] == [
        "the event START was not sent: HT",
        "the event COMPLETE was not sent:",
    ]
    assert found[0]["about"] == server.url
    body = stack.s3.get_object(Bucket=stack.bucket, Key="bookmarks/job/runs/jr_1/part-00000.jsonl")["Body"].read()
    assert body.count(b'"lineage_not_sent"') == 2, "both are findings of the manifest"
    assert "findings" in stack.run(lineage_url="http://127.0.0.1:1/")


def test_nothing_is_sent_without_a_url(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "_post", lambda *_: pytest.fail("sent"))
    assert stack.run()["findings"] == []


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "https://", "https://me:pw@a/", "https://a/#b", "a"]
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="--lineage_url"):
        optional(contract.load(), {"lineage_url": url})
