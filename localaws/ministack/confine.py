"""Limits access to MiniStack to the gateway, because it checks no credentials and runs functions as processes.

MiniStack listens on a socket file that only its owner can open. The only port is that of the Lambda runtime API, which
requires a secret in the path. Functions get a session of their role, which the gateway recognizes. MiniStack routes
a request only by its target or signature, like the gateway, which authorizes it.
"""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import socket
import socketserver
import sys
import time
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

SESSION_KEY_FILE = "session.key"
HEALTH_PATH = "/_ministack/health"
# Longer than the lifetime of a function's process.
SESSION_SECONDS = 365 * 24 * 3600


def session(key: bytes, role: str, function: str) -> dict[str, str]:
    """Derive the credentials of a function's session, in the same way as the Go package localaws/credentials."""

    def mac(purpose: str) -> bytes:
        return hmac.new(key, f"{purpose}:{claims}".encode(), hashlib.sha256).digest()

    def text(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    expires = int(time.time()) + SESSION_SECONDS
    # As on AWS, the session is named after the function.
    content = {"role": role, "name": function[:64], "exp": expires, "workload": {"function": function}}
    claims = text(json.dumps(content).encode())
    return {
        "AWS_ACCESS_KEY_ID": "ASIA" + base64.b32encode(mac("id")).decode()[:16],
        "AWS_SECRET_ACCESS_KEY": text(mac("secret"))[:40],
        "AWS_SESSION_TOKEN": claims + "." + text(mac("token")),
    }


def issue_sessions() -> None:
    """Give each function a session of its role."""
    key = Path(SESSION_KEY_FILE).read_bytes()

    def credentials(config: dict[str, Any]) -> dict[str, str]:
        return session(key, config["Role"], config["FunctionName"])

    lambda_runtime.execution_credentials = credentials
    lambda_svc.execution_credentials = credentials


def go_by_signatures() -> None:
    """Disable routing by host or path, which ignores the service that a request is signed for."""

    async def nothing(*args: Any, **kwargs: Any) -> None:
        return None

    app._HEALTH_PATHS = (HEALTH_PATH,)
    app._handle_cognito_get_request = nothing
    app._handle_cognito_body_request = nothing
    app._handle_special_data_plane_request = nothing


def guard_runtime_api() -> None:
    """Require a secret in the path of the runtime API, which only the function knows.

    Runtimes append the path of a call to AWS_LAMBDA_RUNTIME_API, so functions need no change.
    """
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
    http.server.BaseHTTPRequestHandler.parse_request = checked  # type: ignore[method-assign, assignment]


def forbid_listening() -> None:
    """Refuse all server sockets on the network except those of the runtime API."""
    listen = socket.socket.listen

    def checked(self: socket.socket, *args: int) -> None:
        caller = sys._getframe(1).f_locals.get("self")
        handler: Any = isinstance(caller, socketserver.TCPServer) and caller.RequestHandlerClass
        guarded = handler and issubclass(handler, http.server.BaseHTTPRequestHandler)
        if self.family != socket.AF_UNIX and not guarded:
            raise PermissionError("the emulator may listen only on its socket file")
        listen(self, *args)

    socket.socket.listen = checked  # type: ignore[method-assign, assignment]
