"""What the scripts of the peers share: they run in their own Python environment, without the project's modules.

A script gets its input as JSON on standard input and answers with JSON on standard output: the seconds from when its
libraries are imported until the rows are committed, the processor time of these, and the versions.
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
    answer = {
        "seconds": time.monotonic() - start,
        "processor": _processor() - used,
        "versions": {name: version(name) for name in libraries},
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _processor() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
