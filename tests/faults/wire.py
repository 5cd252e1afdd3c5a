"""The question of a point and its answer, over HTTP."""

import http.client
import json
import os
import threading
from typing import Any
from urllib.parse import urlsplit


class _Kept(threading.local):
    """The connection of this thread: there are thousands of points, and a new connection takes as long as five."""

    process = 0
    url = ""
    connection: http.client.HTTPConnection | None = None


_kept = _Kept()


def ask(url: str, label: str, point: str, when: str) -> dict[str, Any]:
    """What happens at a point. A harness that is gone lets everything happen."""
    body = json.dumps({"label": label, "point": point, "when": when, "pid": os.getpid()})
    connection = _connection(url)
    try:
        connection.request("POST", "/", body)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    except ConnectionError:
        connection.close()
        return {"do": "go"}
    except BaseException:
        connection.close()  # Or its answer would be taken for the next one's.
        raise
    return answer


def _connection(url: str) -> http.client.HTTPConnection:
    """The connection to the harness at `url`; a forked process has its own."""
    if _kept.connection is None or (_kept.process, _kept.url) != (os.getpid(), url):
        parts = urlsplit(url)
        _kept.process, _kept.url = os.getpid(), url
        _kept.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    return _kept.connection
