"""The manifest of a run, its objects and their outcomes as newline-delimited JSON in bookmarks/<job>/runs/<run>/."""

import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from store_events import aws
from store_events.load.expectations import Result
from store_events.report.run_state import RunState
from store_events.source.catalog import Finding

_log = logging.getLogger(__name__)

_PART = 8 << 20  # Approximate bytes.

# A line. `kind` is run, finding, expectation or object. The first line is the run's, with its outcome.
Entry = dict[str, Any]


def folder(prefix: str, job: str, run_id: str) -> str:
    """Return the key prefix of a run's manifest, with a trailing slash."""
    return f"{prefix}/{job}/runs/{run_id}/"


def write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Store a manifest in parts, and replace parts with the same number."""
    client = aws.client("s3", region)
    for number, body in enumerate(_parts(entries)):
        client.put_object(Bucket=bucket, Key=f"{folder}part-{number:05d}.jsonl", Body=body)


def try_to_write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Store a manifest. Log errors instead of raising them."""
    try:
        write(bucket, region, folder, entries)
    except Exception:
        _log.exception("cannot store the manifest")


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


def entries(state: RunState, error: str | None) -> Iterator[Entry]:
    """Yield the entries of a run that ends now."""
    results = map(_expectation, state.run.expectations or [])
    for entry in (_run(state, error), *map(_finding, state.findings), *results, *_objects(state)):
        yield {**entry, "run_id": state.run_id, "run_number": state.run.number}


def _run(state: RunState, error: str | None) -> Entry:
    return {
        "kind": "run",
        "started": datetime.fromtimestamp(state.started, UTC).isoformat(timespec="milliseconds"),
        "seconds": round(time.time() - state.started, 3),
        "outcome": "failed" if error else "succeeded",
        "error": error,
        # Objects that were complete before the run are only counted.
        "complete_before": len(state.listing.objects) - len(state.todo),
        "passed_over": len(state.listing.hidden),
        "listing": state.run.listing,
        "unread": dict(Counter(one.reason for one in state.unread)),
        **{k: v for k, v in state.summary.items() if k not in ("batches", "findings", "unread", "run_id")},
    }


def _finding(finding: Finding) -> Entry:
    return {**finding, "kind": "finding", "finding": finding["kind"]}


def _expectation(result: Result) -> Entry:
    outcome = "met" if result.met else "failed"
    values = {"expectation": result.expectation, "expected": result.expected, "observed": result.observed}
    return {"kind": "expectation", "about": result.about, "outcome": outcome, **values}


def _objects(state: RunState) -> Iterator[Entry]:
    """Yield an entry for each object version that was pending, was read, or is ignored."""
    unread = {one.name: one for one in state.unread}
    read = {(one.name, one.version): (one.lines, one.invalid, one.complete) for one in state.committed_versions}
    for one in state.todo:
        lines, invalid, complete = read.pop((one.name, one.version), (0, 0, False))
        entry = {"kind": "object", "object": one.name, "version": one.version, "size": one.size}
        if one.name in unread:
            entry |= {"outcome": unread[one.name].reason, "detail": unread[one.name].detail}
        else:
            entry["outcome"] = "loaded" if complete else "replaced" if state.summary else "not finished"
        yield {**entry, "lines": lines, "quarantined": invalid}
    for (name, version), (lines, invalid, complete) in read.items():
        entry = {"kind": "object", "object": name, "version": version}
        yield {
            **entry,
            "outcome": "loaded" if complete else "not finished",
            "lines": lines,
            "quarantined": invalid,
        }
    for name in state.listing.hidden:
        yield {"kind": "object", "object": name, "outcome": "passed over"}
