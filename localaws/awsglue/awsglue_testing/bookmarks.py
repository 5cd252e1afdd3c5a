"""A server for one job's bookmark, with the same protocol as the gateway."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_POLL_S = 0.01  # How often the server checks whether it is shut down: the default would delay tests.


class Server(ThreadingHTTPServer):
    """`version` and `state` are the last saved bookmark."""

    version = 0
    state: dict[str, Any]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/job"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._respond(200, {"version": self.server.version, "state": self.server.state})

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["version"] != self.server.version:
            return self._respond(409, {"message": "changed"})
        self.server.version, self.server.state = self.server.version + 1, body["state"]
        return self._respond(200, {"version": self.server.version})

    def _respond(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def running() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), _Handler)
    server.state = {}
    thread = Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
