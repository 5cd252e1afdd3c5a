"""The AWS emulator as a child process, for the tests."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testsupport import tools

REGION = "us-east-1"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """An empty emulator; its endpoint."""
    program = Path(sys.executable).parent / "ministack"
    if not program.exists():
        raise RuntimeError(f"{program} does not exist; `make test` installs it")
    port = tools.free_port()
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "IOT_MTLS_ENABLED": "0",
    }
    endpoint = f"http://127.0.0.1:{port}"
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen([program], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log)
    try:
        tools.wait(lambda: urllib.request.urlopen(f"{endpoint}/_ministack/health").status == 200, "the emulator")
        yield endpoint
    finally:
        process.kill()
        process.wait()
