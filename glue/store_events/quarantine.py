"""Lines that are no events, kept with the reason: one object in S3 for each source object that has any."""

import base64
import json
import tempfile
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import boto3

_IN_MEMORY = 1 << 20  # Bytes; more goes through a temporary file, however bad the input is.


class Writer:
    """Collects the bad lines of one source object after another; stored under a name that a repeat replaces."""

    def __init__(self, bucket: str, prefix: str, run_id: str, region: str) -> None:
        self._bucket, self._prefix, self._run_id = bucket, prefix, run_id
        self._region = region
        self._object: str | None = None
        self._file: Any = None

    def add(self, source_object: str, reason: str, line: bytes) -> None:
        if source_object != self._object:
            self.flush()
            self._object, self._file = source_object, tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._file.write(json.dumps(self._entry(source_object, reason, line)).encode() + b"\n")

    def _entry(self, source_object: str, reason: str, line: bytes) -> dict[str, str]:
        entry = {"reason": reason, "source_object": source_object, "line": line.decode("utf-8", "replace")}
        if entry["line"].encode() != line:
            entry["line_base64"] = base64.b64encode(line).decode()
        return {**entry, "run_id": self._run_id}

    def flush(self) -> None:
        """Store what was collected; to be called before the transaction is committed."""
        if self._object is None:
            return
        self._file.seek(0)
        client = boto3.client("s3", region_name=self._region)
        client.upload_fileobj(self._file, self._bucket, key(self._prefix, self._object))
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._object = self._file = None

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()


def key(prefix: str, source_object: str) -> str:
    """The name of the quarantine object of a source object s3://bucket/key."""
    return f"{prefix}/{urlsplit(source_object).path.lstrip('/')}.jsonl"
