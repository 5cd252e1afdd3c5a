"""CPU time and memory of this process and its descendants, by kind of process."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_S = 0.1
_KINDS = {
    "peers/load_": "peer",
    "java": "spark",
    "mysqld": "database",
    "mariadbd": "database",
    "ministack": "emulator",
    "awsglue.daemon": "workers",
}


def seconds() -> Counter[str]:
    """Return the CPU seconds so far by kind of process, including ended child processes.

    They are read from Linux's /proc, and empty on other systems.
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    stats = {int(folder.name): found for folder in Path("/proc").glob("[0-9]*") if (found := _stat(folder))}
    used: Counter[str] = Counter()
    for process, (_, ticks) in stats.items():
        if _descends(process, stats):
            used[_kind(process)] += ticks / _TICKS  # type: ignore[assignment]
    return used


@dataclass
class Peak:
    """The maximum resident memory of a worker of the job, in MB."""

    mb: float = 0


@contextmanager
def peak() -> Iterator[Peak]:
    """Sample the workers' memory ten times a second."""
    found, ended = Peak(), threading.Event()

    def sample() -> None:
        while not ended.wait(_SAMPLE_S):
            found.mb = max(found.mb, *_resident(), 0)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """Bind this process and its descendants to the first `count` cores."""
    before = os.sched_getaffinity(0)
    _bind(set(sorted(before)[:count]))
    try:
        yield
    finally:
        _bind(before)


def _bind(cores: set[int]) -> None:
    for process in [os.getpid(), *_descendants()]:
        for thread in Path(f"/proc/{process}/task").glob("[0-9]*"):
            with suppress(ProcessLookupError):  # The thread has ended.
                os.sched_setaffinity(int(thread.name), cores)


def _workers() -> list[int]:
    return [process for process in _descendants() if _kind(process) == "workers"]


def _descendants() -> list[int]:
    stats = {int(folder.name): found for folder in Path("/proc").glob("[0-9]*") if (found := _stat(folder))}
    return [process for process in stats if _descends(process, stats)]


def _resident() -> list[float]:
    """Return the resident memory of each worker in MB."""
    return [mb for worker in _workers() if (mb := _resident_mb(worker))]


def _resident_mb(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:  # The process has ended.
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _stat(folder: Path) -> tuple[int, int] | None:
    """Return the parent's process ID and the CPU ticks, or None if the process has ended."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(map(int, fields[11:15]))


def _descends(process: int, stats: dict[int, tuple[int, int]]) -> bool:
    while process in stats and process != os.getpid():
        process = stats[process][0]
    return process == os.getpid()


def _kind(process: int) -> str:
    if process == os.getpid():
        return "driver"
    try:
        command = Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return "other"
    return next((kind for mark, kind in _KINDS.items() if mark in command), "other")
