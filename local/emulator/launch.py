"""Runs MiniStack behind the gateway: on a socket file that only its owner can open.

MiniStack checks no credentials and runs functions as processes, so nothing but the gateway may reach it. It listens
on no TCP port, except for the Lambda runtime API of the functions that it runs, which asks for a secret in the path.

Functions get a session of their own role, which the gateway recognizes.

Results of Athena queries hold numbers and times of DuckDB's that MiniStack's state file cannot hold: with one of
them the file would not be written, and workgroups and named queries would be gone at the next start. They are saved
as the text that Athena's API answers anyway.
"""

import asyncio
import base64
import datetime
import decimal
import hashlib
import hmac
import http.server
import json
import logging
import os
import resource
import secrets
import socket
import socketserver
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import _HEALTH_PATHS, app
from ministack.core import lambda_runtime, persistence

SESSION_KEY_FILE = "session.key"
# Longer than any process of a function lives.
SESSION_SECONDS = 365 * 24 * 3600

TEXTS = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID)
known = persistence._json_default


def default(value: object) -> object:
    return str(value) if isinstance(value, TEXTS) else known(value)


def session(key: bytes, role: str, name: str) -> dict[str, str]:
    """Credentials of a session of a role, as the Go package local/credentials derives them."""

    def mac(purpose: str) -> bytes:
        return hmac.new(key, f"{purpose}:{claims}".encode(), hashlib.sha256).digest()

    def text(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    expires = int(time.time()) + SESSION_SECONDS
    claims = text(json.dumps({"role": role, "name": name, "exp": expires}).encode())
    return {
        "AWS_ACCESS_KEY_ID": "ASIA" + base64.b32encode(mac("id")).decode()[:16],
        "AWS_SECRET_ACCESS_KEY": text(mac("secret"))[:40],
        "AWS_SESSION_TOKEN": claims + "." + text(mac("token")),
    }


def issue_sessions() -> None:
    """Give each function a session of its role, named as on AWS after the function."""
    key = Path(SESSION_KEY_FILE).read_bytes()

    def credentials(config: dict[str, Any]) -> dict[str, str]:
        return session(key, config["Role"], config["FunctionName"][:64])

    lambda_runtime.execution_credentials = credentials


def guard_runtime_api() -> None:
    """Let only the function itself speak to its runtime API: its address has a secret in the path.

    The runtimes join AWS_LAMBDA_RUNTIME_API and the path of a call, so the secret needs no change to a function.
    """
    from ministack.services import lambda_svc

    prefix = "/" + secrets.token_urlsafe(32)
    environment = lambda_svc._provided_worker_env
    parse = http.server.BaseHTTPRequestHandler.parse_request

    def with_secret(*args: Any, **kwargs: Any) -> dict[str, str]:
        env: dict[str, str] = environment(*args, **kwargs)
        env["AWS_LAMBDA_RUNTIME_API"] += prefix
        return env

    def checked(handler: http.server.BaseHTTPRequestHandler) -> bool:
        if not parse(handler):
            return False
        given, slash, rest = handler.path[1:].partition("/")
        if not slash or not secrets.compare_digest(given.encode(), prefix[1:].encode()):
            handler.send_error(403)
            return False
        handler.path = "/" + rest
        return True

    lambda_svc._provided_worker_env = with_secret
    http.server.BaseHTTPRequestHandler.parse_request = checked  # type: ignore[method-assign]


def forbid_listening() -> None:
    """Refuse every server socket on the network that is not one of the runtime API."""
    listen = socket.socket.listen

    def checked(self: socket.socket, *args: int) -> None:
        caller = sys._getframe(1).f_locals.get("self")
        guarded = isinstance(caller, socketserver.TCPServer) and issubclass(
            caller.RequestHandlerClass, http.server.BaseHTTPRequestHandler
        )
        if self.family != socket.AF_UNIX and not guarded:
            raise PermissionError("the emulator listens on its socket file only")
        listen(self, *args)

    socket.socket.listen = checked  # type: ignore[method-assign]


def main() -> None:
    persistence._json_default = default
    issue_sessions()
    guard_runtime_api()
    forbid_listening()
    logging.getLogger("hypercorn.access").addFilter(
        lambda record: not any(path in record.getMessage() for path in _HEALTH_PATHS)
    )
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = Config()
    config.bind = ["unix:" + os.environ["STORE_EVENTS_EMULATOR_SOCKET"]]
    config.umask = 0o077
    config.keep_alive_timeout = 75
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
