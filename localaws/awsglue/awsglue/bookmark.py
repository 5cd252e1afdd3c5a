"""Job bookmarks of S3 sources, as documented by Glue.

A run reads the objects that were modified between the start of the last committed run and its own start. In the last 15
minutes before a start, modification times may be out of order, so the bookmark lists the objects in this band, and none
is missed or read twice. A modified object is read again.
https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import EnvProvider

from awsglue.s3 import S3Object

BAND_S = 900  # Glue's maxBand.


# The server only accepts signed requests. This is the service's name in the signature.
_SERVICE = "localaws"


def sign(request: urllib.request.Request) -> None:
    """Sign a request with the job's credentials, if there are any."""
    credentials = EnvProvider().load()
    if credentials is None:
        return
    aws_request = AWSRequest(request.get_method(), request.full_url, dict(request.header_items()), request.data)
    SigV4Auth(credentials, _SERVICE, os.environ["AWS_REGION"]).add_auth(aws_request)
    for name, value in aws_request.headers.items():
        request.add_header(name, value)


class VersionMismatchError(Exception):
    """Another run of the job has saved its bookmark since this run read it."""


class Store:
    """The HTTP store of one job's bookmark: GET and PUT {"version": N, "state": {…}}, with 409 if N is not current."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Never use a proxy, because the server is local.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def load(self) -> tuple[int, dict[str, Any]]:
        response = self._call(urllib.request.Request(self._url))
        return int(response["version"]), dict(response["state"])

    def save(self, version: int, state: dict[str, Any]) -> int:
        body = json.dumps({"version": version, "state": state}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            response = self._call(urllib.request.Request(self._url, body, headers, method="PUT"))
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            raise VersionMismatchError(
                f"job bookmark version mismatch: version {version} is not current; another run of the job has committed"
            ) from error
        return int(response["version"])

    def _call(self, request: urllib.request.Request) -> dict[str, Any]:
        sign(request)
        with self._opener.open(request, timeout=60) as response:
            content: dict[str, Any] = json.load(response)
            return content


@dataclass
class Bookmark:
    """The bookmark of one run. Without a store, all objects are new, and nothing is saved."""

    store: Store | None = None
    saves: bool = False
    start: float = field(default_factory=time.time)
    version: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, store: Store, save: bool) -> "Bookmark":
        version, state = store.load()
        return cls(store, save, version=version, state=state)

    def select(self, context: str, objects: Iterable[S3Object], band_s: float = BAND_S) -> list[S3Object]:
        """Return the objects that the source with this transformation_ctx has not read, or all without a context."""
        if self.store is None or not context:
            return list(objects)
        known = [o for o in objects if o.modified <= self.start]
        last = self.state.get(context)
        border = self.start - band_s
        self.seen[context] = {
            "until": self.start,
            "band": {o.uri: o.version for o in known if o.modified > border},
        }
        if last is None:
            return known
        return [o for o in known if o.modified > last["until"] - band_s and last["band"].get(o.uri) != o.version]

    def commit(self) -> None:
        """Save the bookmarks of all sources of the run."""
        if self.store is None or not self.saves:
            return
        self.state = {**self.state, **self.seen}
        self.version = self.store.save(self.version, self.state)
