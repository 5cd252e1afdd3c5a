"""Find the programs that the tests run, and wait for them."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def required(variable: str) -> Path:
    """Return the folder that an environment variable names."""
    value = os.environ.get(variable, "")
    if not value or not Path(value).is_dir():
        raise RuntimeError(f"{variable} must name an existing folder, {value!r} is not one; `make test` sets it")
    return Path(value)


def wait(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Poll until `ready` returns true. Until then it may raise OSError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{what} was not ready after {seconds} s")
