"""The fault proxy as a child process: toxiproxy in front of the database, an HTTP proxy in front of AWS."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from awsglue_testing.ports import free_port
from testsupport import tools

ROOT = Path(__file__).resolve().parents[2]
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Proxy:
    """`database` is the proxy's port for the database, 0 until there is one. `aws` is its URL for AWS."""

    def __init__(self, api: int, aws: int) -> None:
        self._api = f"http://127.0.0.1:{api}"
        self.aws = f"http://127.0.0.1:{aws}"
        self.database = 0

    def add_database(self, port: int) -> None:
        new = {"name": "database", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{port}"}
        self.database = int(self._call("POST", "/proxies", new)["listen"].rpartition(":")[2])

    def toxic(self, kind: str, stream: str, name: str = "", **attributes: Any) -> None:
        """Add a toxic, named after its kind and stream ("upstream" or "downstream")."""
        body = {"name": f"{name or kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
        self._call("POST", "/proxies/database/toxics", body)

    def fired(self, kind: str, stream: str) -> bool:
        """Report whether a toxic has taken effect."""
        toxic = self._call("GET", f"/proxies/database/toxics/{kind}-{stream}")
        return bool(toxic["attributes"]["fired"])

    def toxics(self) -> list[str]:
        return [t["name"] for t in self._call("GET", "/proxies/database/toxics")]

    def clear(self) -> None:
        """Remove all faults."""
        for name in self.toxics():
            self._call("DELETE", f"/proxies/database/toxics/{name}")
        self.fail_aws()

    def fail_aws(self, **fault: Any) -> None:
        """Make some requests fail; see proxy/flaky.go. Without arguments, none fails."""
        self._call("PUT", "/_faults", fault, self.aws)

    def failed_aws(self) -> int:
        return int(self._call("GET", "/_faults", base=self.aws)["fired"])

    def _call(self, method: str, path: str, body: Any = None, base: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request((base or self._api) + path, data, method=method)
        try:
            with _opener.open(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.read().decode()}") from error
        return json.loads(text) if text else None

    def ready(self) -> bool:
        try:
            self._call("GET", "/version")
        except urllib.error.URLError:
            return False
        return True


@contextmanager
def running(folder: Path, endpoint: str) -> Iterator[Proxy]:
    program = folder / "proxy"
    subprocess.run(["go", "build", "-o", program, "./tests/faults/proxy"], cwd=ROOT, check=True)
    api, aws = free_port(), free_port()
    addresses = ["-api", f"127.0.0.1:{api}", "-s3", f"127.0.0.1:{aws}", "-upstream", endpoint]
    process = subprocess.Popen([program, *addresses])
    try:
        proxy = Proxy(api, aws)
        tools.wait(proxy.ready, "the fault proxy")
        yield proxy
    finally:
        process.kill()
        process.wait()
