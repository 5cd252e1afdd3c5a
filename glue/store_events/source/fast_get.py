"""GetObject for small objects, in a quarter of boto3's CPU time.

boto3 spends most time resolving the endpoint, building requests and parsing responses, all of which are the same for
each object of a bucket. So only the first request for a bucket goes through boto3, and its URL and signature are
recorded. Later requests use botocore's signer and HTTP session directly. If the response is not a plain success, the
caller falls back to boto3, which handles errors, redirects and retries.
"""

import base64
import hashlib
import threading
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

SMALL = 1 << 20  # Bytes of the largest body.
_SAFE = "/~"  # Characters of keys that botocore does not quote.
_OK = 200
# The checksums that botocore verifies without its native extension.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}


class FastGet:
    """Gets objects with the endpoints, connections and credentials of a boto3 client for S3."""

    def __init__(self, client: Any, credentials: Any) -> None:
        """Use `client` to record URLs. `credentials` are those of its session, which refreshes them."""
        # The session is private, but only it has the client's proxies, certificates and timeouts.
        self._http = getattr(getattr(client, "_endpoint", None), "http_session", None)
        self._credentials = credentials
        self._endpoints: dict[str, tuple[str, str]] = {}  # URL without the key, and region, by bucket.
        self._local = threading.local()  # `name` is the object that boto3 requests in this thread.
        if self._http is not None:
            client.meta.events.register("before-sign.s3.GetObject", self._record)

    def get(self, name: str) -> dict[str, Any] | None:
        """Return the response's members that the reader needs, in boto3's format, or None to fall back to boto3.

        `name` is s3://bucket/key.
        """
        bucket, key = name.removeprefix("s3://").split("/", 1)
        self._local.name = name
        endpoint = self._endpoints.get(bucket)
        if endpoint is None or self._http is None or self._credentials is None:
            return None
        url, region = endpoint
        headers = {"x-amz-checksum-mode": "ENABLED"}
        request = AWSRequest("GET", url + quote(key, safe=_SAFE), headers=headers, stream_output=True)
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", region).add_auth(request)
        try:
            response = self._http.send(request.prepare())
            if int(response.headers.get("Content-Length", 0)) > SMALL:  # Overwritten after the listing.
                response.raw.close()
                return None
            body = response.content
        except (BotoCoreError, HTTPError):
            return None
        if response.status_code != _OK or not _intact(body, response.headers):
            return None
        return {
            "ETag": response.headers["ETag"],
            "VersionId": response.headers.get("x-amz-version-id"),
            "ContentLength": len(body),
            "Chunks": [body],
        }

    def _record(self, request: Any, region_name: str, signature_version: Any, **_: Any) -> None:
        """Record the URL and region of boto3's request for an object, if it uses the default signature version."""
        bucket, key = getattr(self._local, "name", "/").removeprefix("s3://").split("/", 1)
        quoted = "/" + quote(key, safe=_SAFE)
        if signature_version == "s3v4" and key and request.url.endswith(quoted):
            self._endpoints[bucket] = request.url.removesuffix(quoted) + "/", region_name


def _intact(body: bytes, headers: Any) -> bool:
    if headers.get("Content-Length") != str(len(body)) or "ETag" not in headers:
        return False
    checksums = ((headers[name], digest) for name, digest in _CHECKSUMS.items() if name in headers)
    # A multipart upload's checksum, which ends in the number of parts, is not one of the whole body.
    return all("-" in value or base64.b64decode(value) == digest(body) for value, digest in checksums)
