"""Truncated responses: the rest of the same version is requested, and nothing is lost or read twice."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from store_events import object_body
from store_events.source import feed, reader
from store_events.source.objects import Part, SourceObject
from store_events.source.read_events import FAILED, GONE, Begin, End, Lines, Unread

_NOISE = Random(1)
LINES = [b'{"request_id":"e%d","contact_me":"%s"}' % (n, _NOISE.randbytes(200).hex().encode()) for n in range(2_000)]
TEXT = b"\n".join(LINES) + b"\n"
REFUSED = b"<Error><Code>PreconditionFailed</Code></Error>"


@dataclass
class TruncatingS3:
    """S3 with one object. Its nth response ends, or stalls if `silent`, after `cuts[n]` bytes of the body."""

    body: bytes
    version: str = "v"
    cuts: list[int | None] = field(default_factory=list)
    silent: bool = False
    late: bool = False  # Requests after the first get no response.
    overwritten: bool = False  # During the first response.
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        part = request.headers.get("Range", "")
        self.asked.append(part)
        if self.late and part:
            self.over.wait()
            request.close_connection = True
            return
        if request.headers.get("If-Match", f'"{self.version}"') != f'"{self.version}"':
            request.send_response(412)
            request.send_header("Content-Length", str(len(REFUSED)))
            request.end_headers()
            request.wfile.write(REFUSED)
            return
        first, _, last = part.removeprefix("bytes=").partition("-")
        some = self.body[int(first or 0) : int(last or len(self.body)) + 1]
        cut = self.cuts.pop(0) if self.cuts else None
        request.send_response(206 if part else 200)
        request.send_header("ETag", f'"{self.version}"')
        request.send_header("Content-Length", str(len(some)))
        request.end_headers()
        self.version = "w" if self.overwritten else self.version
        request.wfile.write(some[:cut])
        if cut is None:
            return
        if self.silent:
            self.over.wait()
        request.close_connection = True


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[TruncatingS3]:
    """Run an S3 server, and make the reader use it."""
    found = TruncatingS3(TEXT)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        options = Config(signature_version=UNSIGNED, read_timeout=0.5, retries={"total_max_attempts": 1})
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        client = boto3.client("s3", region_name="us-east-1", endpoint_url=endpoint, config=options)
        monkeypatch.setattr(reader, "_client", lambda _: client)
        monkeypatch.setattr(feed, "_client", lambda _: client)
        monkeypatch.setattr(object_body, "_PAUSE_S", 0)
        yield found
        found.over.set()
        server.shutdown()
        thread.join()


def read(one: SourceObject, whole: bool = False) -> list[Any]:
    return list(reader._object(one, reader._get(reader._client(""), one, whole)))


def lines(items: list[Any]) -> list[bytes]:
    return [bytes(line) for item in items if isinstance(item, Lines) for line in item.lines]


CUTS = {
    "at the start": [0, 0, 0],
    "everywhere": [1, 0, 100_000, 0, 0, 300_000, 7],
    "at the last byte": [-1],
    "many times": [5] * 40,
}
FORMS = {"plain": TEXT, "gzip": gzip.compress(TEXT), "zstd": pa.compress(TEXT, "zstd", asbytes=True)}


@pytest.mark.parametrize("whole", [True, False], ids=["small", "large"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cuts", CUTS)
def test_object_is_read_to_its_end(s3: TruncatingS3, whole: bool, form: str, cuts: str) -> None:
    s3.body, s3.cuts = FORMS[form], list(CUTS[cuts])
    found = read(SourceObject("s3://b/a", len(FORMS[form]), "v"), whole)
    assert (lines(found), found[-1]) == (LINES, End(len(LINES)))
    assert (found[0].version, found[0].size) == ("v", len(FORMS[form]))
    assert len(s3.asked) == len(CUTS[cuts]) + 1


@pytest.mark.parametrize("cuts", CUTS)
def test_part_is_read_to_its_end(s3: TruncatingS3, cuts: str) -> None:
    s3.cuts = list(CUTS[cuts])
    start, end = len(b"\n".join(LINES[:100])) + 1, len(b"\n".join(LINES[:1_700])) + 1
    found = read(SourceObject("s3://b/a", len(TEXT), "v", part=Part(start, end, 100, 1_700)))
    assert (lines(found), found[-1]) == (LINES[100:1_700], End(1_600))
    assert all(asked.endswith(f"-{end - 1}") for asked in s3.asked)


@pytest.mark.parametrize("whole", [True, False], ids=["small", "large"])
def test_body_that_stalls(s3: TruncatingS3, whole: bool) -> None:
    s3.cuts, s3.silent = [300_000], True
    assert lines(read(SourceObject("s3://b/a", len(TEXT), "v"), whole)) == LINES
    assert len(s3.asked) == 2


@pytest.mark.parametrize("part", [None, Part(0, len(TEXT), 0, len(LINES))], ids=["whole object", "part"])
def test_object_that_is_overwritten_meanwhile(s3: TruncatingS3, part: Part | None) -> None:
    """Values that were read from the former version are kept, and none of the new version are added."""
    s3.cuts, s3.overwritten = [300_000], True
    begin, *some, last = read(SourceObject("s3://b/a", len(TEXT), "v", part=part))
    assert isinstance(begin, Begin)
    assert 0 < len(lines(some)) < len(LINES)
    assert lines(some) == LINES[: len(lines(some))]
    assert isinstance(last, Unread)
    assert (last.reason, last.version) == (GONE, "v")
    s3.version, s3.cuts = "v", [300_000]
    [unread] = read(SourceObject("s3://b/a", len(TEXT), "v"), whole=True)
    assert (unread.reason, unread.version) == (GONE, "v")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at", [1, 100_000])
def test_body_that_is_always_truncated(s3: TruncatingS3, form: str, at: int) -> None:
    s3.body, s3.cuts = FORMS[form], [at, *[0] * 100]
    *_, last = read(SourceObject("s3://b/a", len(s3.body), "v"))
    assert isinstance(last, Unread)
    assert last.reason == FAILED
    assert len(s3.asked) == 1 + object_body._MAX_RETRIES


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at", [1, 100_000])
def test_request_for_the_rest_of_a_body_times_out(s3: TruncatingS3, form: str, at: int) -> None:
    """The timeout is an OSError, which decompressors raise for damage."""
    s3.body, s3.cuts, s3.late = FORMS[form], [at], True
    *_, last = read(SourceObject("s3://b/a", len(s3.body), "v"))
    assert isinstance(last, Unread)
    assert last.reason == FAILED
    assert "timeout" in last.detail.lower()


def test_file_of_the_feed(s3: TruncatingS3) -> None:
    s3.body, s3.cuts = b'{"keys":[]}', [4]
    assert object_body.whole(feed._client(""), "b", "feed/a") == b'{"keys":[]}'
