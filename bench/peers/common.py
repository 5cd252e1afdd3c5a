"""Shared code of the peers' scripts, which run in a separate Python environment, without the project's modules.

A script reads its input as JSON from standard input, and writes JSON to standard output: the seconds from after the
imports until the rows are committed, the CPU time, and the versions of the libraries.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any


def measure(load: Callable[[dict[str, Any]], None], *libraries: str) -> None:
    given = json.load(sys.stdin)
    used, start = _processor(), time.monotonic()
    load(given)
    result = {
        "seconds": time.monotonic() - start,
        "processor": _processor() - used,
        "versions": {name: version(name) for name in libraries},
    }
    sys.stdout.write("\n" + json.dumps(result) + "\n")


def _processor() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
