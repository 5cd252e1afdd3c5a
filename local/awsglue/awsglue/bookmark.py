"""Job bookmarks, as far as a job sees them that reads no source of Glue's: a version, which each commit raises.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any


class VersionMismatchError(Exception):
    """Another run of the job has saved its bookmark in the meantime."""


class Store:
    """Bookmarks of one job behind HTTP: GET and PUT of {"version": N, "state": {…}}; 409 if N is not current."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Never through a proxy: the address is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def load(self) -> tuple[int, dict[str, Any]]:
        answer = self._call(urllib.request.Request(self._url))
        return int(answer["version"]), dict(answer["state"])

    def save(self, version: int, state: dict[str, Any]) -> int:
        body = json.dumps({"version": version, "state": state}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = self._call(urllib.request.Request(self._url, body, headers, method="PUT"))
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            raise VersionMismatchError(
                f"job bookmark version mismatch: version {version} is not current; another run of the job has committed"
            ) from error
        return int(answer["version"])

    def _call(self, request: urllib.request.Request) -> dict[str, Any]:
        with self._opener.open(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


@dataclass
class Bookmark:
    """The bookmark of one run. Without a store nothing is remembered."""

    store: Store | None = None
    saves: bool = False
    version: int = 0
    state: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, store: Store, save: bool) -> "Bookmark":
        version, state = store.load()
        return cls(store, save, version, state)

    def commit(self) -> None:
        if self.store is None or not self.saves:
            return
        self.version = self.store.save(self.version, self.state)
