"""Input that is not an event, kept with the reason: objects in S3 below a folder for each version of a source object.

A batch stores at most one object for each version, named after the first line that the batch has of it and the run,
so that a repeat replaces it and nothing is written twice. The ledger records which of them count. What is kept of a
version is limited; the rest is counted, as the source object itself has it.
"""

import base64
import hashlib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import urlsplit

from store_events import aws, object_body
from store_events.settings import QUARANTINE_ROOM
from store_events.source.read_events import Begin

NOT_KEPT = "not_kept"  # The reason of an entry for lines that are counted only.

_IN_MEMORY = 1 << 20  # Bytes; more goes through a temporary file, however much is invalid.
_SINGLE = 100  # Lines of a batch that have an entry each; of those after them, equal ones share one.
_PIECE = 256 << 10  # Bytes of a line in one entry.
_REASON = 200  # Characters; a reason can hold the name of a member.
_REASONS = 20  # That are told apart where lines are counted only.
_NAME = 1024  # Bytes of a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_RUN = 80  # Characters of a run's id.
_PART_NAME = 12 + 1 + _RUN + len(".jsonl")
_VERSION = 64  # Bytes that an ETag can have.

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

# The lines that a run committed of an object version: first, last, the run's id.
CommittedRanges = list[tuple[int, int, str]]


@dataclass(frozen=True)
class StoredObject:
    """An object of the quarantine. `first` and `run` are None where an earlier release stored it."""

    key: str
    size: int
    first: int | None
    run: str | None


class Store:
    """Where quarantine goes, and for which run."""

    def __init__(self, bucket: str, prefix: str, run_id: str, region: str) -> None:
        self._bucket, self._prefix, self.run_id = bucket, prefix, run_id
        self._client = aws.client("s3", region)

    def key(self, name: str, version: str, first: int, run_id: str) -> str:
        """Return the key of the entries that a run stores of the lines from `first` on."""
        return f"{folder(self._prefix, name, version)}/{first:012d}-{_safe(run_id)}.jsonl"

    def put(self, source: Begin, first: int, entries: IO[bytes]) -> str:
        """Store the entries of the lines from `first` on; return the object's key."""
        entries.seek(0)
        key = self.key(source.name, source.version, first, self.run_id)
        self._client.upload_fileobj(entries, self._bucket, key)
        return key

    def stored_by(self, run_ids: Iterable[str]) -> set[str]:
        """Return the keys of all that some runs stored."""
        ends = tuple(f"-{_safe(run_id)}.jsonl" for run_id in run_ids)
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{self._prefix}/")
        return {entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Key"].endswith(ends)}

    def source_of(self, key: str) -> tuple[str, str]:
        """Return the name and version of the object that entries are of."""
        answer, text = object_body.opened(self._client, self._bucket, key), b""
        with closing(answer["Body"]):
            for chunk in answer["Chunks"]:
                text += chunk
                if b"\n" in chunk:
                    break
        entry = json.loads(text.partition(b"\n")[0])
        return entry["source_object"], entry["version"]

    def stored(self, source: Begin) -> list[StoredObject]:
        """Return what is stored of a version; where a part is read of it, without what this run stored of others."""
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
    """Return where the quarantine of a version of the source object s3://bucket/key is, without a slash at its end.

    A key that is too long, or has characters that XML or a terminal cannot take, is shortened and told apart by its
    hash.
    schema/testdata/quarantine_folders.jsonl has examples that ops/internal/quarantine follows too.
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
    """Lines that one entry stands for: equal ones, or, if `reasons` count them, those that are not kept."""

    first: int
    last: int
    reason: str
    line: bytes
    size: int | None = None
    count: int = 1
    reasons: Counter[str] = field(default_factory=Counter)


class Writer:
    """The invalid lines of one object version. `pending` bytes, about, are not stored."""

    def __init__(self, store: Store, source: Begin, room: int | None = None) -> None:
        self._store, self._source = store, source
        self._file: IO[bytes] | None = None
        self._last: _Lines | None = None  # The entry that is not in the file, as more of its kind may follow.
        self._former: list[StoredObject] | None = None  # Stored objects that the ledger does not count.
        self._committed: CommittedRanges = []
        self._stored_any = False
        self._single = _SINGLE
        # A part of an object has its share.
        self._room = int((QUARANTINE_ROOM if room is None else room) * source.share) + source.size
        self.pending = 0

    def go_on(self, committed: CommittedRanges) -> None:
        """Add to what is stored: what the runs of the `committed` ranges stored stays. All else stays until
        `remove_stale_entries`, as the ledger may count it until all is read again.
        """
        self._committed = committed
        kept, self._former = self._found()
        own = _safe(self._store.run_id)  # Of which `kept` has the part's only.
        self._room -= sum(one.size if one.run == own else int(one.size * self._source.share) for one in kept)

    def _found(self) -> tuple[list[StoredObject], list[StoredObject]]:
        """Return what is stored of the committed ranges, and what else is stored."""
        committed = {(first, _safe(run)) for first, _, run in self._committed}
        stored = self._store.stored(self._source)
        kept = [one for one in stored if (one.first, one.run) in committed or (one.run is None and self._committed)]
        return kept, [one for one in stored if one not in kept]

    def add(self, number: int, reason: str, line: bytes, size: int | None = None) -> None:
        """Add a line; `size` is given where `line` is only the start of it."""
        reason, last = reason[:_REASON], self._last
        if last and last.reasons:
            self._count(last, number, reason)
        elif last and self._single <= 0 and (last.reason, last.line, last.size) == (reason, line, size):
            last.last, last.count = number, last.count + 1
        else:
            self._end_entry()
            self._single -= 1
            self._last = _Lines(number, number, reason, line, size)
            needed = self._fitted(self._last)
            if needed > self._room:
                self._last.reason, self._last.line, self._last.size = NOT_KEPT, b"", None
                self._last.count = 0
                self._count(self._last, number, reason)
            else:
                self._room -= needed
                self.pending += needed

    def _fitted(self, lines: _Lines) -> int:
        """Shorten a long line to what there is room for; return the bytes that its entries take."""
        while (needed := _size(lines, self._source)) > self._room and len(lines.line) > _PIECE:
            lines.size = len(lines.line) if lines.size is None else lines.size
            lines.line = lines.line[: len(lines.line) // 2]
        return needed

    @staticmethod
    def _count(last: _Lines, number: int, reason: str) -> None:
        last.last, last.count = number, last.count + 1
        last.reasons[reason if reason in last.reasons or len(last.reasons) < _REASONS else "other"] += 1

    def store(self, first: int) -> bool:
        """Store all, and return whether there was anything. Call it before the commit of a transaction that counts new
        lines, `first` and on.
        """
        if self._last is None and self._file is None:
            return False
        self._end_entry()
        if self._former is None:  # No run has committed any of it: what is stored is of runs that died.
            self._store.remove(self._store.stored(self._source))
            self._former = []
        elif not self._stored_any:
            # A worker that outlives its run may have stored entries since `go_on`. It did so while it held the rows
            # of the ledger that the open transaction holds now, so it did not commit them.
            known = {one.key for one in self._former}
            self._store.remove([one for one in self._found()[1] if one.key not in known])
        self._stored_any = True
        if self._file:
            key = self._store.put(self._source, first, self._file)
            # An attempt that died may have stored it: it is replaced now, and must stay.
            self._former = [one for one in self._former if one.key != key]
        self.close()
        self.pending, self._single = 0, _SINGLE
        return True

    @property
    def has_stale_entries(self) -> bool:
        """Whether something is stored that the ledger does not count."""
        return bool(self._former)

    def remove_stale_entries(self) -> None:
        """Remove what former readings stored, now that all lines are committed again."""
        self._store.remove(self._former or [])
        self._former = []

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


def remove_stale_entries(store: Store, name: str, version: str, committed: CommittedRanges) -> None:
    """Delete the quarantine objects of a fully committed version that no committed range wrote."""
    writer = Writer(store, Begin(name, version, None, (), False, True))
    writer.go_on(committed)
    writer.remove_stale_entries()


def _size(lines: _Lines, source: Begin) -> int:
    """Return about as many bytes as the entries take, and not fewer."""
    return sum(_piece_size(piece) + 500 + 2 * len(source.name) for piece in _pieces(lines.line))


def _piece_size(piece: bytes) -> int:
    text = piece.decode("utf-8", "replace")
    return len(json.dumps(text)) + (0 if text.encode() == piece else len(piece) * 4 // 3 + 4)


def _pieces(line: bytes) -> list[bytes]:
    return [line[i : i + _PIECE] for i in range(0, len(line), _PIECE)] or [b""]


def _entries(lines: _Lines, source: Begin, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of some lines; a long line has several, with `part` from 1."""
    pieces = _pieces(lines.line)
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
        if lines.size is not None and (lines.size > len(lines.line) or len(pieces) > 1):
            entry["bytes"] = lines.size
        if len(pieces) > 1:
            entry["part"] = part
        if lines.count > 1 or lines.reasons:
            entry |= {"last_line_number": lines.last, "lines": lines.count}
        if lines.reasons:
            entry["reasons"] = dict(lines.reasons)
        yield {**entry, "run_id": run_id}
