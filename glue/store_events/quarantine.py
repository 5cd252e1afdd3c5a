"""Lines that are no events, kept with the reason: one object in S3 for each version of a source object with any."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any
from urllib.parse import urlsplit

from store_events import aws
from store_events.stream import Begin

_IN_MEMORY = 1 << 20  # Bytes; more goes through a temporary file, however bad the input is.

# The lines that a run committed of an object version: first, last, the run's id.
Parts = list[tuple[int, int, str]]


class Store:
    """Where quarantine goes, and for which run."""

    def __init__(self, bucket: str, prefix: str, run_id: str, region: str) -> None:
        self._bucket, self._prefix, self.run_id = bucket, prefix, run_id
        self._client = aws.client("s3", region)

    def put(self, source: Begin, entries: Iterable[bytes]) -> None:
        """Store the entries; without any, remove what there was."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            file.writelines(entries)
            name = key(self._prefix, source.name, source.version)
            if file.tell() == 0:
                self._client.delete_object(Bucket=self._bucket, Key=name)
                return
            file.seek(0)
            self._client.upload_fileobj(file, self._bucket, name)

    def get(self, source: Begin) -> IO[bytes]:
        """The entries that are stored, a line each."""
        file = _file()
        try:
            stored = self._client.get_object(Bucket=self._bucket, Key=key(self._prefix, source.name, source.version))
        except self._client.exceptions.NoSuchKey:
            return file
        shutil.copyfileobj(stored["Body"], file)
        return file


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


class Writer:
    """The bad lines of one object version, stored under a name that a repeat replaces. `pending` bytes are to be."""

    def __init__(self, store: Store, source: Begin) -> None:
        self._store, self._source = store, source
        self._old: IO[bytes] | None = None
        self._new: IO[bytes] | None = None
        self._parts: Parts = []
        self._done = 0
        self._numbers: set[int] = set()
        self.pending = 0

    def go_on(self, parts: Parts) -> None:
        """Add to what is stored: entries of `parts`, which are committed, stay. Those of lines behind them stay until
        `settle`, as the ledger may count them until all is read again.
        """
        self._old, self._parts = self._store.get(self._source), parts
        self._done = max((last for _, last, _ in parts), default=0)

    def add(self, number: int, reason: str, line: bytes, size: int | None = None) -> None:
        """Add a line; `size` is given where `line` is only the start of it."""
        if self._new is None:
            self._new = _file()
        self._new.seek(0, 2)
        self.pending += self._new.write(json.dumps(self._entry(number, reason, line, size)).encode() + b"\n")
        self._numbers.add(number)

    def store(self) -> None:
        """Store all; to be called before the commit of a transaction that counts new lines."""
        if self.pending:
            self._store.put(self._source, chain(self._earlier(), self._lines(self._new), self._former()))
            self.pending = 0

    @property
    def settled(self) -> bool:
        """Whether all that is stored is of lines that are bad still, now that all of them were read."""
        return all(number in self._numbers or self._kept(number, run_id) for number, run_id, _ in self._known())

    def settle(self) -> None:
        """Leave out what former readings stored of lines that are all committed now."""
        self._store.put(self._source, chain(self._earlier(), self._lines(self._new)))

    def _kept(self, number: int, run_id: str) -> bool:
        """Whether an entry is that of the run which committed its line."""
        return any(first <= number <= last and run_id == by for first, last, by in self._parts)

    def _earlier(self) -> Iterator[bytes]:
        return (raw for number, run_id, raw in self._known() if self._kept(number, run_id))

    def _former(self) -> Iterator[bytes]:
        """Entries of lines that are read again, or were never committed."""
        return (raw for number, _, raw in self._known() if number > self._done and number not in self._numbers)

    def _known(self) -> Iterator[tuple[int, str, bytes]]:
        for raw in self._lines(self._old):
            entry = json.loads(raw)
            yield entry["line_number"], entry["run_id"], raw

    @staticmethod
    def _lines(file: IO[bytes] | None) -> Iterator[bytes]:
        if file is not None:
            file.seek(0)
            for line in file:  # noqa: UP028 - `yield from` would close the file with the generator.
                yield line

    def _entry(self, number: int, reason: str, line: bytes, size: int | None) -> dict[str, Any]:
        source = self._source
        entry: dict[str, Any] = {
            "reason": reason,
            "source_object": source.name,
            "version": source.version,
            "version_id": source.version_id,
            "line_number": number,
            "line": line.decode("utf-8", "replace"),
        }
        if entry["line"].encode() != line:
            entry["line_base64"] = base64.b64encode(line).decode()
        if size is not None and size > len(line):
            entry["bytes"] = size
        return {**entry, "run_id": self._store.run_id}

    def close(self) -> None:
        for file in (self._old, self._new):
            if file is not None:
                file.close()


def key(prefix: str, source_object: str, version: str) -> str:
    """The name of the quarantine object of a version of the source object s3://bucket/key."""
    bucket = urlsplit(source_object).netloc
    return f"{prefix}/{source_object.removeprefix(f's3://{bucket}/')}/{version}.jsonl"
