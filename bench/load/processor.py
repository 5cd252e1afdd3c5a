"""Processor time of this process and of all that it started, by what they are."""

import os
from collections import Counter
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KINDS = {
    "java": "spark",
    "mysqld": "database",
    "mariadbd": "database",
    "ministack": "emulator",
    "awsglue.daemon": "workers",
}


def seconds() -> Counter[str]:
    """Seconds so far by spark, workers, database, emulator and driver, with those of their ended children.

    From Linux's /proc; without one there are none. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    stats = {int(folder.name): found for folder in Path("/proc").glob("[0-9]*") if (found := _stat(folder))}
    used: Counter[str] = Counter()
    for process, (_, ticks) in stats.items():
        if _descends(process, stats):
            used[_kind(process)] += ticks / _TICKS  # type: ignore[assignment]
    return used


def _stat(folder: Path) -> tuple[int, int] | None:
    """The parent, and the ticks used."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # It has ended meanwhile.
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
