"""Where the tests find the programs that they run, and how they wait for them."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def required(variable: str) -> Path:
    """The folder that an environment variable names."""
    value = os.environ.get(variable, "")
    if not value or not Path(value).is_dir():
        raise RuntimeError(f"{variable} must name an existing folder, {value!r} is not one; `make test` sets it")
    return Path(value)


def wait(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Poll until `ready`, which may raise OSError as long as it is not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{what} was not ready after {seconds} s")
