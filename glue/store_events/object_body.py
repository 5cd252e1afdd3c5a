"""Reads objects, and resumes an interrupted body with a request for the rest of the same version.

boto3 retries requests but not the reading of bodies. S3 closes connections that are not read for a while, for example
during a commit.
"""

import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

BROKEN = (BotoCoreError, HTTPError)  # Errors of a connection.
_CHUNK = 256 << 10
_MAX_RETRIES = 6  # Without another byte in between.
_PAUSE_S = 0.5


def opened(client: Any, bucket: str, key: str, start: int = 0, **more: Any) -> dict[str, Any]:
    """Return GetObject's response, with the `Chunks` of its body, which begins at byte `start` of the object.

    Resuming raises GetObject's errors, for example PreconditionFailed if the object was overwritten.
    """
    response = client.get_object(Bucket=bucket, Key=key, **more)
    return {**response, "Chunks": _chunks(client, bucket, key, start, response)}


def whole(client: Any, bucket: str, key: str) -> bytes:
    """Return the body of a small object."""
    return b"".join(opened(client, bucket, key)["Chunks"])


def _chunks(client: Any, bucket: str, key: str, start: int, response: Any) -> Iterator[bytes]:
    position, end, failures, body = start, start + response["ContentLength"], 0, response["Body"]
    while True:
        try:
            for chunk in body.iter_chunks(_CHUNK):
                position, failures = position + len(chunk), 0
                yield chunk
            return
        except BROKEN:
            failures += 1
            if failures > _MAX_RETRIES or position >= end:
                raise
        time.sleep(_PAUSE_S * (failures - 1))
        rest = f"bytes={position}-{end - 1}"
        body = client.get_object(Bucket=bucket, Key=key, Range=rest, IfMatch=response["ETag"])["Body"]
