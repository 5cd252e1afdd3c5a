"""The HTTP client of the control server."""

import http.client
import json
import os
import threading
from typing import Any
from urllib.parse import urlsplit


class _Local(threading.local):
    """The thread's connection, kept alive: a new connection takes as long as five requests, and there are thousands."""

    process = 0
    url = ""
    connection: http.client.HTTPConnection | None = None


_local = _Local()


def report(url: str, label: str, point: str, when: str) -> dict[str, Any]:
    """Report a point, and return what to do there: nothing if the harness has ended."""
    body = json.dumps({"label": label, "point": point, "when": when, "pid": os.getpid()})
    connection = _connection(url)
    try:
        connection.request("POST", "/", body)
        response: dict[str, Any] = json.loads(connection.getresponse().read())
    except ConnectionError:
        connection.close()
        return {"do": "go"}
    except BaseException:
        connection.close()  # Otherwise the next request would read this response.
        raise
    return response


def _connection(url: str) -> http.client.HTTPConnection:
    """Return the thread's connection to the harness. A forked process opens its own."""
    if _local.connection is None or (_local.process, _local.url) != (os.getpid(), url):
        parts = urlsplit(url)
        _local.process, _local.url = os.getpid(), url
        _local.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    return _local.connection
