"""The question of a point and its answer, over HTTP."""

import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit


def ask(url: str, label: str, point: str, when: str) -> dict[str, Any]:
    """What happens at a point. A harness that is gone lets everything happen."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    body = json.dumps({"label": label, "point": point, "when": when, "pid": os.getpid()})
    try:
        connection.request("POST", "/", body)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    except ConnectionError:
        return {"do": "go"}
    finally:
        connection.close()
    return answer
