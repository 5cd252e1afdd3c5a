"""OpenLineage events: they match the reference client's, are sent, and never make a run fail."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pyspark
import pytest
from referencing import Registry, Resource

from store_events import contract
from store_events.contract import Field
from store_events.job import UnreadError
from store_events.load.run_stats import RunStats
from store_events.load.runs import RecordedRun
from store_events.report import lineage
from store_events.report.run_state import RunState
from store_events.settings import Settings, Target, optional
from testsupport.stack import Stack, client

DAY = "sale_events/dt=2024-05-01"
# The events of the reference client, PyPI's openlineage-python 1.54.0, for a run with two streams and two fields, with
# version 2-0-2 of the specification.
REFERENCE = json.loads((Path(__file__).parent / "openlineage_events.json").read_text())
SPEC = [json.loads(file.read_text()) for file in (Path(__file__).parent / "openlineage").rglob("*.json")]


def refused(event: dict[str, Any]) -> list[str]:
    """Validate a run event against OpenLineage's JSON Schemas, each facet against the schema that it names."""
    registry: Registry[Any] = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in SPEC)

    def errors(part: Any, ref: str) -> list[str]:
        validator = jsonschema.Draft202012Validator(
            {"$ref": ref}, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(part)]

    datasets = event["inputs"] + event["outputs"]
    holders = [event["run"], event["job"], *datasets]
    facets = [facet for one in holders for facet in one["facets"].values()]
    facets += [
        facet for one in datasets for facet in (one.get("inputFacets") or one.get("outputFacets") or {}).values()
    ]
    found = errors(event, event["schemaURL"])
    for facet in facets:
        found += errors(facet, facet["_schemaURL"])
    return found


def test_events_match_the_reference_client() -> None:
    declared = replace(contract.load(), fields=(Field("request_id", "string(36)"), Field("qty", "int")))
    settings = Settings("jr_1", "db", "events", "txns_", Target("arn", "sales_txns_tbl", ""), job="job")
    table = ("mysql://db.internal:3306", "store_events.sales_txns_tbl")
    errors = {"START": "", "COMPLETE": "", "FAIL": "ValueError: odd"}
    for want, new in zip(REFERENCE, (None, 3, 2), strict=True):
        state = RunState("jr_1", run=RecordedRun(1, None, RunStats({} if new is None else {"rows_new": new})))
        kind = want["eventType"]
        want["run"]["facets"]["processing_engine"]["version"] = pyspark.__version__
        made = lineage.event(declared, settings, state, (kind, errors[kind]), table)
        assert made.pop("eventTime").endswith("Z")
        assert {**made, "eventTime": want["eventTime"]} == want, kind


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("run", "runId"), "jr_1"),
        (("eventTime",), "yesterday"),
        (("eventType",), "FAILED"),
        (("producer",), "store events"),
        (("job", "name"), None),
        (("run", "facets", "errorMessage", "message"), None),
        (("run", "facets", "processing_engine", "version"), 3.5),
        (("job", "facets", "jobType", "integration"), None),
        (("inputs", 0, "facets", "schema", "fields"), "request_id"),
        (("inputs", 0, "facets", "dataSource", "uri"), "the bucket"),
        (("outputs", 1, "outputFacets", "outputStatistics", "rowCount"), "3"),
        (("outputs", 0, "namespace"), None),
    ],
)
def test_schema_rejects_an_invalid_event(path: tuple[Any, ...], value: Any) -> None:
    event = json.loads(json.dumps(REFERENCE[2]))
    assert refused(event) == []
    *parents, last = path
    part = event
    for name in parents:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    assert refused(event)


class Server(HTTPServer):
    """Records the events that it receives, and responds with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events, self.keys, self.status = list[dict[str, Any]](), list[str | None](), 201
        self.elsewhere = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1/lineage"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        assert self.headers["Content-Type"] == "application/json"
        self.server.events.append(json.loads(body))
        self.server.keys.append(self.headers["Authorization"])
        self.send_response(self.server.status)
        if self.server.elsewhere:
            self.send_header("Location", self.server.elsewhere)
        self.end_headers()

    do_GET = do_POST

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


def test_runs_send_their_lineage(stack: Stack, server: Server) -> None:
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
    assert [refused(event) for event in server.events] == [[]] * 4
    assert server.keys == [None] * 4


def test_run_succeeds_if_its_lineage_is_not_sent(stack: Stack, server: Server) -> None:
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
    assert body.count(b'"lineage_not_sent"') == 2, "both are in the manifest"
    assert "findings" in stack.run(lineage_url="http://127.0.0.1:1/")


KEY = "key-e4b1f0"


def secret(text: str) -> str:
    arn: str = client("secretsmanager").create_secret(Name=f"lineage-{uuid4()}", SecretString=text)["ARN"]
    return arn


def manifests(stack: Stack) -> str:
    keys = stack.keys("bookmarks/")
    return "".join(stack.s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read().decode() for key in keys)


def test_key_is_sent_but_not_logged(stack: Stack, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)  # At DEBUG, botocore logs its responses.
    stack.put(f"{DAY}/a.json", [json.dumps({"request_id": "a"}).encode()])
    summary = stack.run(lineage_url=server.url, lineage_secret_arn=secret(KEY + "\n"))
    assert server.keys == [f"Bearer {KEY}"] * 2
    server.status = 401
    summary_refused = stack.run(lineage_url=server.url, lineage_secret_arn=secret(KEY))
    assert "401" in summary_refused["findings"][0]["detail"]
    assert KEY not in caplog.text + json.dumps([summary, summary_refused]) + manifests(stack)


def test_key_does_not_follow_a_redirect(stack: Stack, server: Server) -> None:
    server.status, server.elsewhere = 302, server.url + "/elsewhere"
    summary = stack.run(lineage_url=server.url, lineage_secret_arn=secret(KEY))
    assert len(server.keys) == 2, "one request for each event"
    assert "302" in summary["findings"][0]["detail"]


@pytest.mark.parametrize("text", [f'{{"key": "{KEY}"}}', f"{KEY} {KEY}", f"{KEY}\r\nX: y", f"{KEY}é"])
def test_secret_that_is_not_a_key_is_a_finding(
    stack: Stack, server: Server, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    summary = stack.run(lineage_url=server.url, lineage_secret_arn=secret(text))
    assert "must be the API key itself" in summary["findings"][0]["detail"]
    assert server.events == []
    assert KEY not in caplog.text + json.dumps(summary) + manifests(stack)


def test_nothing_is_sent_without_a_url(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "_post", lambda *_: pytest.fail("sent"))
    assert stack.run()["findings"] == []


@pytest.mark.parametrize(
    "url", ["ftp://a/b", "file:///etc/passwd", "https://", "https://me:pw@a/", "https://a/#b", "a"]
)
def test_invalid_urls(url: str) -> None:
    with pytest.raises(ValueError, match="--lineage_url"):
        optional(contract.load(), {"lineage_url": url})


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        ("http://lineage.example.com/", "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"),
        ("", "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"),
        ("https://lineage.example.com/", "key"),
    ],
)
def test_invalid_keys(url: str, arn: str) -> None:
    with pytest.raises(ValueError, match=r"--lineage_(url|secret_arn) '.*': must be"):
        optional(contract.load(), {"lineage_secret_arn": arn, **({"lineage_url": url} if url else {})})
