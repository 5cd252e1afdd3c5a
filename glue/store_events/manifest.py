"""What a run considered and what became of it, as newline-delimited JSON below bookmarks/<job>/runs/<run>/."""

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from store_events import aws

_log = logging.getLogger(__name__)

_PART = 8 << 20  # Bytes, about.

# A line: `kind` is run, finding or object. The first line is the run's, and says how the run ended.
Entry = dict[str, Any]


def folder(prefix: str, job: str, run_id: str) -> str:
    """The key prefix of a run's manifest, with a slash at its end."""
    return f"{prefix}/{job}/runs/{run_id}/"


def write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Store a manifest in parts. A part that a former attempt of the run left is replaced."""
    client = aws.client("s3", region)
    for number, body in enumerate(_parts(entries)):
        client.put_object(Bucket=bucket, Key=f"{folder}part-{number:05d}.jsonl", Body=body)


def try_to_write(bucket: str, region: str, folder: str, entries: Iterable[Entry]) -> None:
    """Write, for a run that fails anyway: its own error is what counts."""
    try:
        write(bucket, region, folder, entries)
    except Exception:
        _log.exception("the manifest of the failed run was not stored")


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
