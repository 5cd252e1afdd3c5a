"""The report: medians of the measurements, and the machine."""

import os
import platform
from collections.abc import Callable, Iterable
from importlib.metadata import version
from statistics import median
from typing import Any

from load.measure import Measurement
from load.ways import GUARANTEED, WAYS
from store_events import contract
from testsupport import dbserver

COMMITTED = "guaranteed, rows"
_PROCESSES = ("spark", "workers", "driver", "database", "emulator", "peer")


def summary(measured: Iterable[Measurement]) -> list[dict[str, Any]]:
    """Return an entry for each way. `ratio` is its rate relative to the guaranteed way's, if that was measured.
    Processor seconds are per million rows.
    """
    by_way: dict[str, list[Measurement]] = {way.name: [] for way in WAYS}
    for one in measured:
        by_way[one.way].append(one)
    entries = [_entry(name, found, lambda m: m.seconds) for name, found in by_way.items() if found]
    if not by_way[GUARANTEED.name]:
        return entries
    entries.append(_entry(COMMITTED, by_way[GUARANTEED.name], lambda m: m.commit_seconds))
    base = next(e for e in entries if e["way"] == GUARANTEED.name)["rows_per_second"]
    return [{**e, "ratio": e["rows_per_second"] / base} for e in entries]


def _entry(name: str, found: list[Measurement], seconds: Callable[[Measurement], float]) -> dict[str, Any]:
    rates = [m.rows / seconds(m) for m in found]
    used = {p: median(m.processor[p] / m.rows * 1e6 for m in found) for p in _PROCESSES}
    return {
        "way": name,
        "rows": found[0].rows,
        "seconds": [seconds(m) for m in found],
        "rows_per_second": median(rates),
        "processor_seconds": {} if name == COMMITTED else used,
        "worker_mb": 0 if name == COMMITTED else max(m.worker_mb for m in found),
        "versions": found[0].versions,
    }


def machine(server: dbserver.Server) -> dict[str, Any]:
    """Describe the machine and the software."""
    [(pool, flush)] = server.rows("select @@innodb_buffer_pool_size >> 20, @@innodb_flush_log_at_trx_commit")
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()}, {platform.machine()}",
        "python": platform.python_version(),
        "spark": version("pyspark"),
        "pyarrow": version("pyarrow"),
        "database": dbserver.engine(),
        "database_buffer_pool_mib": pool,
        "database_flush_at_commit": flush,
        "fields": len(contract.load().fields),
    }


def text(result: dict[str, Any]) -> str:
    """Format the result as a table."""
    head = f"{'way':<18}{'rows':>9}{'seconds':>9}{'rows/s':>9}{'ratio':>7}   processor s per million rows"
    lines = [f"medians of {result['repeats']}, {result['objects']} objects", head]
    for e in result["ways"]:
        used = "  ".join(f"{name} {s:.1f}" for name, s in e["processor_seconds"].items() if s >= 0.05)
        lines.append(
            f"{e['way']:<18}{e['rows']:>9}{median(e['seconds']):>9.2f}{e['rows_per_second']:>9.0f}"
            f"{e.get('ratio', 0):>7.2f}   {used}"
        )
    return "\n".join([*lines, ", ".join(f"{k} {v}" for k, v in result["machine"].items())])
