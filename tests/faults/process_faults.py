"""Faults that kill the job's processes or limit them."""

import os
import resource
import signal
import subprocess
from typing import NoReturn


class InjectedError(Exception):
    """A failure injected by the harness."""


class DriverKilledError(BaseException):
    """Ends the job but not its process. The job does not catch it, because it is not an Exception."""


def end_worker() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("outlived SIGKILL")


def end_driver() -> NoReturn:
    raise DriverKilledError


def end_job() -> NoReturn:
    """Kill all processes in the job's session, this one last."""
    own, session = os.getpid(), os.getsid(0)
    for pid in _processes(session):
        if pid != own:
            _kill(pid)
    end_worker()


def end_driver_process() -> None:
    """Kill the session's leader and the JVM, as if the driver's machine was lost. Workers notice by themselves."""
    own, session = os.getpid(), os.getsid(0)
    for pid in _processes(session):
        if pid != own and os.getpgid(pid) == session:
            _kill(pid)


def kill_session(session: int) -> None:
    """Kill the remaining processes of a job."""
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
    """Limit the size of files that this worker writes: larger writes fail, as on a full disk."""
    global _limited
    if not worker or (size is None and not _limited):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size is None else size, hard))
    _limited = size is not None
