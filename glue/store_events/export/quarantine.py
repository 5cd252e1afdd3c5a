"""Stores invalid lines with their reasons, in S3 objects below a folder for each version of a source object.

A batch stores at most one object per version, named after the batch's first line of the version and the run, so that a
retry replaces it. The ledger records which of them are committed. The size per version is limited, and further lines
are only counted, because the source object still has them.
"""

import base64
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from store_events import aws, object_body
from store_events.settings import QUARANTINE_ROOM
from store_events.source.read_events import Begin

NOT_KEPT = "not_kept"  # The reason in an entry for lines that are only counted.

_IN_MEMORY = 1 << 20  # Bytes. More are written to a temporary file.
_SINGLE = 100  # Lines of a batch with an entry each. After these, equal consecutive lines share an entry.
_PIECE = 256 << 10  # Bytes of a line in one entry.
_REASON = 200  # Characters. A reason can contain a member's name.
_REASONS = 20  # Distinct reasons in an entry for lines that are only counted.
_NAME = 1024  # Bytes of a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_RUN = 80  # Characters of a run's id.
_PART_NAME = 12 + 1 + _RUN + len(".jsonl")
_VERSION = 64  # Maximum bytes of an ETag.

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

# Committed line ranges of an object version: first line, last line, run id.
CommittedRanges = list[tuple[int, int, str]]


@dataclass(frozen=True)
class StoredObject:
    """An object in the quarantine. `first` and `run` are None if an earlier release stored it."""

    key: str
    size: int
    first: int | None
    run: str | None


class Store:
    """The quarantine in S3, as one run uses it."""

    def __init__(self, bucket: str, prefix: str, run_id: str, region: str) -> None:
        self._bucket, self._prefix, self.run_id = bucket, prefix, run_id
        self._client = aws.client("s3", region)

    def key(self, name: str, version: str, first: int, run_id: str) -> str:
        """Return the key of a run's entries for lines from `first` on."""
        return f"{folder(self._prefix, name, version)}/{first:012d}-{_safe(run_id)}.jsonl"

    def put(self, source: Begin, first: int, entries: IO[bytes]) -> str:
        """Store the entries for lines from `first` on, and return the object's key."""
        entries.seek(0)
        key = self.key(source.name, source.version, first, self.run_id)
        self._client.upload_fileobj(entries, self._bucket, key)
        return key

    def stored_by(self, run_ids: Iterable[str]) -> set[str]:
        """Return the keys of all objects that these runs stored."""
        ends = tuple(f"-{_safe(run_id)}.jsonl" for run_id in run_ids)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{self._prefix}/")
        return {entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith(ends)}

    def source_of(self, key: str) -> tuple[str, str]:
        """Return the name and version of the source object, from the first entry."""
        response, text = object_body.opened(self._client, self._bucket, key), b""
        with closing(response["Body"]):
            for chunk in response["Chunks"]:
                text += chunk
                if b"\n" in chunk:
                    break
        entry = json.loads(text.partition(b"\n")[0])
        return entry["source_object"], entry["version"]

    def stored(self, source: Begin) -> list[StoredObject]:
        """Return the stored objects of a version. For a part, omit those that this run stored for other parts."""
        base = folder(self._prefix, source.name, source.version)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=base)
        found = []
        for page in pages:
            for entry in page.get("Contents", []):
                name = re.fullmatch(r"/([0-9]{12,})-([^/]+)\.jsonl", entry["Key"].removeprefix(base))
                if name:
                    found.append(StoredObject(entry["Key"], entry["Size"], int(name[1]), name[2]))
                elif entry["Key"] == base + ".jsonl":
                    found.append(StoredObject(entry["Key"], entry["Size"], None, None))
        if source.part is None:
            return found
        return [one for one in found if one.run != _safe(self.run_id) or source.part.has(one.first or 1)]

    def remove(self, stored: list[StoredObject]) -> None:
        for one in stored:
            self._client.delete_object(Bucket=self._bucket, Key=one.key)


def folder(prefix: str, source_object: str, version: str) -> str:
    """Return the folder for a version of the source object s3://bucket/key, without a trailing slash.

    A key that is too long, or has characters that XML or a terminal does not support, is shortened, and a hash makes it
    unique. ops/internal/quarantine follows the same rules; schema/testdata/quarantine_folders.jsonl tests both.
    """
    key = source_object.removeprefix(f"s3://{urlsplit(source_object).netloc}/")
    room = _NAME - _PART_NAME - len(f"{prefix}///") - _VERSION
    if len(key.encode()) > room or _UNSAFE.search(key):
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        head = _UNSAFE.sub("_", key).encode()[: room - len(digest) - 1]
        key = f"{head.decode(errors='ignore')}~{digest}"
    return f"{prefix}/{key}/{version}"


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def _safe(run_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", run_id)[:_RUN]


@dataclass
class _Lines:
    """The lines of one entry: equal lines, or, if `reasons` is not empty, lines that are only counted."""

    first: int
    last: int
    reason: str
    line: bytes
    size: int | None = None
    count: int = 1
    reasons: Counter[str] = field(default_factory=Counter)


class Writer:
    """Writes the invalid lines of one object version. About `pending` bytes are not stored yet."""

    def __init__(self, store: Store, source: Begin, room: int | None = None) -> None:
        self._store, self._source = store, source
        self._file: IO[bytes] | None = None
        self._last: _Lines | None = None  # The last entry, which may still grow, and is not in the file yet.
        self._stale: list[StoredObject] | None = None  # Stored objects that are not committed, None if not listed.
        self._committed: CommittedRanges = []
        self._stored_any = False
        self._single = _SINGLE
        # A part of an object may use its share of the room.
        self._room = int((QUARANTINE_ROOM if room is None else room) * source.share) + source.size
        self.pending = 0

    def resume(self, committed: CommittedRanges) -> None:
        """Keep the stored objects of the `committed` ranges. Other stored objects are stale, and are kept until
        `remove_stale_entries`, because the ledger may refer to them until all lines are read again.
        """
        self._committed = committed
        kept, self._stale = self._list_stored()
        this_run = _safe(self._store.run_id)  # Its objects in `kept` are only those of this part.
        self._room -= sum(one.size if one.run == this_run else int(one.size * self._source.share) for one in kept)

    def _list_stored(self) -> tuple[list[StoredObject], list[StoredObject]]:
        """Return the stored objects of committed ranges, and all others."""
        committed = {(first, _safe(run)) for first, _, run in self._committed}
        stored = self._store.stored(self._source)
        kept = [one for one in stored if (one.first, one.run) in committed or (one.run is None and self._committed)]
        return kept, [one for one in stored if one not in kept]

    def add(self, number: int, reason: str, line: bytes, size: int | None = None) -> None:
        """Add a line. `size` is its full size if `line` is only its beginning."""
        reason, last = reason[:_REASON], self._last
        if last and last.reasons:
            self._count(last, number, reason)
        elif last and self._single <= 0 and (last.reason, last.line, last.size) == (reason, line, size):
            last.last, last.count = number, last.count + 1
        else:
            self._end_entry()
            self._single -= 1
            self._last = _Lines(number, number, reason, line, size)
            needed = self._shorten(self._last)
            if needed > self._room:
                self._last.reason, self._last.line, self._last.size = NOT_KEPT, b"", None
                self._last.count = 0
                self._count(self._last, number, reason)
            else:
                self._room -= needed
                self.pending += needed

    def _shorten(self, lines: _Lines) -> int:
        """Shorten a long line to the available room if possible, and return the size of its entries."""
        while (needed := _size(lines, self._source)) > self._room and len(lines.line) > _PIECE:
            lines.size = len(lines.line) if lines.size is None else lines.size
            lines.line = lines.line[: len(lines.line) // 2]
        return needed

    @staticmethod
    def _count(last: _Lines, number: int, reason: str) -> None:
        last.last, last.count = number, last.count + 1
        last.reasons[reason if reason in last.reasons or len(last.reasons) < _REASONS else "other"] += 1

    def store(self, first: int) -> bool:
        """Store the pending entries, and return whether there were any. Call it before the commit that records the
        lines from `first` on.
        """
        if self._last is None and self._file is None:
            return False
        self._end_entry()
        if self._stale is None:  # Nothing of this version is committed, so all stored objects are of runs that died.
            self._store.remove(self._store.stored(self._source))
            self._stale = []
        elif not self._stored_any:
            # A worker that outlived its run may have stored entries since `resume`. It did not commit them, because it
            # locked the same rows of the ledger as the open transaction.
            known = {one.key for one in self._stale}
            self._store.remove([one for one in self._list_stored()[1] if one.key not in known])
        self._stored_any = True
        if self._file:
            key = self._store.put(self._source, first, self._file)
            # The key may be one that a failed attempt stored. It is no longer stale.
            self._stale = [one for one in self._stale if one.key != key]
        self.close()
        self.pending, self._single = 0, _SINGLE
        return True

    @property
    def has_stale_entries(self) -> bool:
        """Whether there are stored objects that are not committed."""
        return bool(self._stale)

    def remove_stale_entries(self) -> None:
        """Remove the stale entries, after all lines are committed again."""
        self._store.remove(self._stale or [])
        self._stale = []

    def _end_entry(self) -> None:
        if self._last is None:
            return
        if self._file is None:
            self._file = _file()
        for entry in _entries(self._last, self._source, self._store.run_id):
            self._file.write(json.dumps(entry).encode() + b"\n")
        self._last = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None


def remove_stale_entries(
    store: Store, name: str, version: str, committed: CommittedRanges, check: Callable[[], None]
) -> None:
    """Remove the uncommitted quarantine objects of a complete version. `check` raises an error unless the run has its
    lock: a later run may have committed some of them.
    """
    writer = Writer(store, Begin(name, version, None, (), False, True))
    writer.resume(committed)
    check()
    writer.remove_stale_entries()


def _size(lines: _Lines, source: Begin) -> int:
    """Return an upper bound of the entries' size."""
    return sum(_piece_size(piece) + 500 + 2 * len(source.name) for piece in _pieces(lines.line))


def _piece_size(piece: bytes) -> int:
    text = piece.decode("utf-8", "replace")
    return len(json.dumps(text)) + (0 if text.encode() == piece else len(piece) * 4 // 3 + 4)


def _pieces(line: bytes) -> list[bytes]:
    return [line[i : i + _PIECE] for i in range(0, len(line), _PIECE)] or [b""]


def _entries(lines: _Lines, source: Begin, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the entries. A long line has several, numbered by `part` from 1."""
    pieces = _pieces(lines.line)
    size = len(lines.line) if lines.size is None else lines.size
    for part, piece in enumerate(pieces, 1):
        entry: dict[str, Any] = {
            "reason": lines.reason,
            "source_object": source.name,
            "version": source.version,
            "version_id": source.version_id,
            "line_number": lines.first,
            "line": piece.decode("utf-8", "replace"),
        }
        if entry["line"].encode() != piece:
            entry["line_base64"] = base64.b64encode(piece).decode()
        if size > len(lines.line) or len(pieces) > 1:
            entry["bytes"] = size
        if len(pieces) > 1:
            entry["part"] = part
        if lines.count > 1 or lines.reasons:
            entry |= {"last_line_number": lines.last, "lines": lines.count}
        if lines.reasons:
            entry["reasons"] = dict(lines.reasons)
        yield {**entry, "run_id": run_id}
