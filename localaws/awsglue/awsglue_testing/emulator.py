"""The AWS emulator as a child process."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from awsglue_testing.ports import free_port

_READY_S = 60


@contextmanager
def running(program: Path, folder: Path) -> Iterator[str]:
    """Run an empty emulator with its files in `folder`, and yield its endpoint."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "IOT_MTLS_ENABLED": "0",
    }
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen([program], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(f"{endpoint}/_ministack/health")
        yield endpoint
    finally:
        process.kill()
        process.wait()


def _wait(url: str) -> None:
    end = time.monotonic() + _READY_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)
