"""Objects' bytes. A body that breaks off is asked for again from there on, of the same version.

boto3 tries requests again, and no bodies. S3 drops one that nobody reads for a while, as during a commit.
"""

import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

BROKEN = (BotoCoreError, HTTPError)  # What a connection can raise.
_CHUNK = 256 << 10
_AGAIN = 6  # Times that are tried without another byte.
_PAUSE_S = 0.5


def opened(client: Any, bucket: str, key: str, start: int = 0, **more: Any) -> dict[str, Any]:
    """Return the answer to GetObject, with `Chunks` of its body. It begins at byte `start` of the object.

    What follows a break raises what GetObject raises, such as PreconditionFailed where the object was written again.
    """
    answer = client.get_object(Bucket=bucket, Key=key, **more)
    return {**answer, "Chunks": _chunks(client, bucket, key, start, answer)}


def whole(client: Any, bucket: str, key: str) -> bytes:
    """Return the body of a small object."""
    return b"".join(opened(client, bucket, key)["Chunks"])


def _chunks(client: Any, bucket: str, key: str, start: int, answer: Any) -> Iterator[bytes]:
    position, end, failures, body = start, start + answer["ContentLength"], 0, answer["Body"]
    while True:
        try:
            for chunk in body.iter_chunks(_CHUNK):
                position, failures = position + len(chunk), 0
                yield chunk
            return
        except BROKEN:
            failures += 1
            if failures > _AGAIN or position >= end:
                raise
        time.sleep(_PAUSE_S * (failures - 1))
        rest = f"bytes={position}-{end - 1}"
        body = client.get_object(Bucket=bucket, Key=key, Range=rest, IfMatch=answer["ETag"])["Body"]
