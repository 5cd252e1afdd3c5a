"""The summary of a campaign."""

from collections import Counter
from collections.abc import Iterable
from typing import Any


def summary(results: Iterable[dict[str, Any]], kinds: Iterable[str], seconds: float) -> dict[str, Any]:
    """Count by kind of fault. A campaign with an injected kind that never struck fails."""
    results = list(results)
    runs = [run for r in results for run in r["runs"]]
    faults = {kind: _counts([run for run in runs if run["kind"] == kind]) for kind in kinds}
    return {
        "histories": len(results),
        "failed": sorted(r["seed"] for r in results if r["problems"]),
        "runs": len(runs),
        "failedRuns": sum(bool(run["error"]) for run in runs),
        "seconds": round(seconds, 1),
        "secondsPlaying": round(sum(r["took"] for r in results), 1),
        "faults": faults,
        "neverStruck": [kind for kind, count in faults.items() if count["injected"] and not count["struck"]],
        "cutStatements": _cut(runs),
    }


def _counts(runs: list[dict[str, Any]]) -> dict[str, int]:
    """Count runs with one kind of fault. `survived` are those that succeeded although the fault struck."""
    struck = [run for run in runs if run["struck"]]
    return {"injected": len(runs), "struck": len(struck), "survived": sum(not run["error"] for run in struck)}


def _cut(runs: list[dict[str, Any]]) -> dict[str, int]:
    """Count how often the connection was cut at each statement, or at its response."""
    kinds = ("connection cut before a statement", "connection cut before an answer")
    cuts = Counter(_point(at) for run in runs if run["kind"] in kinds for at in run["at"])
    return dict(sorted(cuts.items()))


def _point(at: str) -> str:
    """Replace a driver's label, its run's ID, with "driver"."""
    label, _, point = at.partition(" ")
    return f"{label if label == 'worker' else 'driver'} {point}"


def table(found: dict[str, Any]) -> str:
    """Format the summary for the terminal."""
    lines = [f"{'fault':54s} {'injected':>6s} {'struck':>6s} {'run succeeded':>14s}"]
    for kind, count in found["faults"].items():
        lines.append(f"{kind:54s} {count['injected']:6d} {count['struck']:6d} {count['survived']:14d}")
    lines += [
        f"{found['histories']} histories, {found['runs']} runs, {found['failedRuns']} of them failed; "
        f"{found['secondsPlaying']} s",
        f"histories after which the invariant did not hold: {found['failed'] or 'none'}",
    ]
    if found["cutStatements"]:
        cuts = (f"{point} {times}" for point, times in found["cutStatements"].items())
        lines.append(f"connections cut, by statement: {', '.join(cuts)}")
    if found["neverStruck"]:
        lines.append(f"faults that never struck: {', '.join(found['neverStruck'])}")
    return "\n".join(lines)
