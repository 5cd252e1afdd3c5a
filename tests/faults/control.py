"""The control server: job processes report points to it, and it returns what to do at each."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faults import hooks

GO = {"do": "go"}


@dataclass(frozen=True)
class Point:
    """The `nth` time that a process with this role ("worker", "driver", or "" for both) reaches a point.

    The name "statement" matches every SQL statement.
    """

    role: str
    name: str
    when: str = "before"
    nth: int = 1

    def at(self, nth: int) -> "Point":
        """Return the point for another `nth`."""
        return replace(self, nth=nth)

    def matches(self, event: dict[str, Any]) -> bool:
        role = "worker" if event["label"] == "worker" else "driver"
        if self.when != event["when"] or self.role not in ("", role):
            return False
        return event["point"] not in _NO_STATEMENT if self.name == "statement" else event["point"] == self.name


_NO_STATEMENT = {"row", "connect", "job init", "job commit", *hooks.CALLS.values()} | {
    f"{call} {prefix}" for call in hooks.CALLS.values() for prefix in ("raw", *hooks.PREFIXES)
}


_STATEMENT = Point("", "statement")


@dataclass
class Trap:
    """A fault waiting at a point: `act` runs in the harness and returns the action for the process at the point."""

    point: Point
    act: Callable[[], dict[str, Any]]
    times: int = 1
    seen: int = 0
    fired: int = 0
    at: list[str] = field(default_factory=list)


class Control(ThreadingHTTPServer):
    """Serves points. At most one `trap` is set. `file_bytes` limits the size of workers' files, and `timeout_s` is the
    job's timeout for responses of the database.

    `run` counts runs. `events` and `statements` are the events, and the number of statements, of the last run.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._mutex = threading.Lock()
        self.trap: Trap | None = None
        self.run = 0
        self.file_bytes: int | None = None
        self.timeout_s: float | None = None
        self.events: list[str] = []
        self.statements = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def set_trap(self, trap: Trap | None) -> None:
        with self._mutex:
            self.trap, self.file_bytes, self.timeout_s = trap, None, None

    def begin(self) -> None:
        """Begin a run: reset `events` and `statements`."""
        with self._mutex:
            self.run, self.events, self.statements = self.run + 1, [], 0

    def seen(self, what: str) -> bool:
        """Report whether this run has reached a point, such as "worker after load" or "driver before lock"."""
        role, _, point = what.partition(" ")
        events = (event.partition(" ") for event in tuple(self.events))
        return any(point == at and (role == "worker") == (label == "worker") for label, _, at in events)

    def respond(self, event: dict[str, Any]) -> dict[str, Any]:
        with self._mutex:
            self.events.append(f"{event['label']} {event['when']} {event['point']}")
            self.statements += _STATEMENT.matches(event)
            trap = self._trigger(event)
        action = trap.act() if trap else GO
        return {**action, "file_bytes": self.file_bytes, "timeout_s": self.timeout_s}

    def _trigger(self, event: dict[str, Any]) -> Trap | None:
        trap = self.trap
        if trap is None or not trap.point.matches(event):
            return None
        trap.seen += 1
        if trap.seen < trap.point.nth or trap.fired >= trap.times:
            return None
        trap.fired += 1
        trap.at.append(self.events[-1])
        return trap

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore errors: the client may have been killed."""


class _Handler(BaseHTTPRequestHandler):
    """Keeps connections alive. Without Nagle's algorithm, which would delay the second packet of a response."""

    server: Control
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.server.respond(event)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def running() -> Iterator[Control]:
    server = Control()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
