"""What a run considered and what became of it, as newline-delimited JSON below bookmarks/<job>/runs/<run>/."""

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from store_events import aws
from store_events.load.expectations import Result
from store_events.load.runs import Recorded
from store_events.source.catalog import Finding
from store_events.source.listing import Listing
from store_events.source.objects import SourceObject
from store_events.source.read_events import Unread

_log = logging.getLogger(__name__)

_PART = 8 << 20  # Bytes, about.

# A line: `kind` is run, finding, expectation or object. The first line is the run's, and says how the run ended.
Entry = dict[str, Any]


@dataclass(frozen=True)
class ReadVersion:
    """Of an object version what a run committed: lines, invalid ones among them, whether the ledger has it as complete,
    and when the last of it was committed, in seconds since 1970.
    """

    name: str
    version: str
    lines: int
    bad: int
    complete: bool
    committed: float


@dataclass
class Course:
    """What a run has found so far. `loaded` is whether it has read all that it could, so that `unread` is known. `read`
    has the object versions of which it committed something. `lag_s` is the longest time from an object's last
    modification to the commit of its last line, None if no new object was loaded.
    """

    run_id: str
    run: Recorded = field(default_factory=Recorded)
    listing: Listing = field(default_factory=Listing)
    todo: list[SourceObject] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    loaded: bool = False
    findings: list[Finding] = field(default_factory=list)
    read: list[ReadVersion] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    lag_s: float | None = None
    started: float = field(default_factory=time.time)


def folder(prefix: str, job: str, run_id: str) -> str:
    """The key prefix of a run's manifest, with a slash at its end."""
    return f"{prefix}/{job}/runs/{run_id}/"


def write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Store a manifest in parts. A part that a former attempt of the run left is replaced."""
    client = aws.client("s3", region)
    for number, body in enumerate(_parts(entries)):
        client.put_object(Bucket=bucket, Key=f"{folder}part-{number:05d}.jsonl", Body=body)


def try_to_write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Write, for a run whose end is decided: no error here changes that."""
    try:
        write(bucket, region, folder, entries)
    except Exception:
        _log.exception("the manifest was not stored")


def _parts(entries: Iterable[Entry]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for entry in entries:
        held.append(json.dumps(entry, default=str).encode() + b"\n")
        size += len(held[-1])
        if size >= _PART:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def entries(course: Course, error: str | None) -> Iterator[Entry]:
    """The manifest of a run that ends now."""
    results = map(_expectation, course.run.expectations or [])
    for entry in (_run(course, error), *map(_finding, course.findings), *results, *_objects(course)):
        yield {**entry, "run_id": course.run_id, "run_number": course.run.number}


def _run(course: Course, error: str | None) -> Entry:
    return {
        "kind": "run",
        "started": datetime.fromtimestamp(course.started, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(time.time() - course.started, 3),
        "outcome": "failed" if error else "succeeded",
        "error": error,
        # Objects that were complete before the run began are counted only.
        "complete_before": len(course.listing.objects) - len(course.todo),
        "passed_over": len(course.listing.hidden),
        "listing": course.run.listing,
        "unread": dict(Counter(one.reason for one in course.unread)),
        **{k: v for k, v in course.summary.items() if k not in ("batches", "findings", "unread", "run_id")},
    }


def _finding(finding: Finding) -> Entry:
    return {**finding, "kind": "finding", "finding": finding["kind"]}


def _expectation(result: Result) -> Entry:
    outcome = "met" if result.met else "failed"
    said = {"expectation": result.expectation, "expected": result.expected, "observed": result.observed}
    return {"kind": "expectation", "about": result.about, "outcome": outcome, **said}


def _objects(course: Course) -> Iterator[Entry]:
    """An entry for each object version that was to be read, was read, or is passed over."""
    unread = {one.name: one for one in course.unread}
    read = {(one.name, one.version): (one.lines, one.bad, one.complete) for one in course.read}
    for one in course.todo:
        lines, bad, complete = read.pop((one.name, one.version), (0, 0, False))
        entry = {"kind": "object", "object": one.name, "version": one.version, "size": one.size}
        if one.name in unread:
            entry |= {"outcome": unread[one.name].reason, "detail": unread[one.name].detail}
        else:
            entry["outcome"] = "loaded" if complete else "replaced" if course.summary else "not finished"
        yield {**entry, "lines": lines, "quarantined": bad}
    for (name, version), (lines, bad, complete) in read.items():
        entry = {"kind": "object", "object": name, "version": version}
        yield {
            **entry,
            "outcome": "loaded" if complete else "not finished",
            "lines": lines,
            "quarantined": bad,
        }
    for name in course.listing.hidden:
        yield {"kind": "object", "object": name, "outcome": "passed over"}
