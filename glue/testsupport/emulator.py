"""The emulator of the local awsglue's tests."""

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from awsglue_testing import emulator

REGION = "us-east-1"


def running(folder: Path) -> AbstractContextManager[str]:
    """Run an empty emulator, and yield its endpoint."""
    program = Path(sys.executable).parent / "ministack"
    if not program.exists():
        raise RuntimeError(f"{program} does not exist; `make test` installs it")
    return emulator.running(program, folder)
