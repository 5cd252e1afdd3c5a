"""Lines that are no events, kept with the reason: one object in S3 for each version of a source object with any."""

import base64
import json
import tempfile
from typing import Any
from urllib.parse import urlsplit

import boto3

from store_events.stream import Begin

_IN_MEMORY = 1 << 20  # Bytes; more goes through a temporary file, however bad the input is.


class Store:
    """Where quarantine goes, and for which run."""

    def __init__(self, bucket: str, prefix: str, run_id: str, region: str) -> None:
        self._bucket, self._prefix, self.run_id = bucket, prefix, run_id
        self._client = boto3.client("s3", region_name=region)

    def put(self, source: Begin, file: Any) -> None:
        file.seek(0)
        # A copy, as upload_fileobj closes what it is given.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            while block := file.read(_IN_MEMORY):
                copy.write(block)
            copy.seek(0)
            self._client.upload_fileobj(copy, self._bucket, key(self._prefix, source.name, source.version))

    def remove(self, source: Begin) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key(self._prefix, source.name, source.version))


class Writer:
    """Collects the bad lines of one object version; stored under a name that a repeat replaces, before the commit."""

    def __init__(self, store: Store, source: Begin) -> None:
        self._store, self._source = store, source
        self._file: Any = None
        self._new = False

    def add(self, number: int, reason: str, line: bytes, size: int | None = None) -> None:
        """Add a line; `size` is given where `line` is only the start of it."""
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._file.seek(0, 2)
        self._file.write(json.dumps(self._entry(number, reason, line, size)).encode() + b"\n")
        self._new = True

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

    def flush(self) -> None:
        """Store what there is so far; to be called before a transaction that counts it is committed."""
        if self._new:
            self._store.put(self._source, self._file)
            self._new = False

    @property
    def empty(self) -> bool:
        return self._file is None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def key(prefix: str, source_object: str, version: str) -> str:
    """The name of the quarantine object of a version of the source object s3://bucket/key."""
    bucket = urlsplit(source_object).netloc
    return f"{prefix}/{source_object.removeprefix(f's3://{bucket}/')}/{version}.jsonl"
