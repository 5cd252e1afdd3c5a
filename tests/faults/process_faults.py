"""Ways for processes of the job to end or to fail."""

import os
import resource
import signal
import subprocess
from typing import NoReturn


class InjectedError(Exception):
    """A failure of the harness's making."""


class DriverKilledError(BaseException):
    """Ends the job in a process that must live on; nothing of the job catches it."""


def end_worker() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("outlived SIGKILL")


def end_driver() -> NoReturn:
    raise DriverKilledError


def end_job() -> NoReturn:
    """Kill each process of the job, which is a separate session: this one last."""
    own, session = os.getpid(), os.getsid(0)
    for pid in _processes(session):
        if pid != own:
            _kill(pid)
    end_worker()


def end_driver_process() -> None:
    """Kill the session's leader and the JVM, as a machine that goes does; workers find out by themselves."""
    own, session = os.getpid(), os.getsid(0)
    for pid in _processes(session):
        if pid != own and os.getpgid(pid) == session:
            _kill(pid)


def kill_session(session: int) -> None:
    """End what is left of a job's processes."""
    for pid in _processes(session):
        _kill(pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _processes(session: int) -> list[int]:
    found = []
    listing = subprocess.run(["ps", "-axo", "pid="], capture_output=True, check=True, text=True).stdout
    for pid in map(int, listing.split()):
        try:
            if os.getsid(pid) == session:
                found.append(pid)
        except (ProcessLookupError, PermissionError):
            continue
    return found


_limited = False


def limit_files(size: int | None, worker: bool) -> None:
    """Let files of this process grow to `size` bytes only: writes beyond fail, as on a full disk."""
    global _limited
    if not worker or (size is None and not _limited):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
    _limited = size is not None
