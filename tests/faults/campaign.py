"""Play many histories, one after the other, and record their results so that an interrupted campaign can resume."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults import hooks, job, shrink, spark, world
from faults.history import History, show
from faults.play import Result, play
from faults.world import World


class Harness:
    """The servers and the Spark session that histories are played on."""

    def __init__(self, w: World, stack: ExitStack) -> None:
        self.world = w
        hooks.install()
        stack.enter_context(job.discard_stdout())
        stack.enter_context(spark.session(w))
        self._confs = stack.enter_context(spark.settings(w))

    def play(self, history: History) -> Result:
        return play(history, self.world, self._confs)

    def smallest(self, history: History) -> History:
        return shrink.smallest(history, lambda candidate: bool(self.play(candidate).problems))


@contextmanager
def open_harness(latency_ms: int = 0) -> Iterator[Harness]:
    with world.running(latency_ms) as w, ExitStack() as stack:
        yield Harness(w, stack)


class Record:
    """Results by seed, in a JSON Lines file that is appended to. The file of a finished campaign is replaced."""

    def __init__(self, file: Path, wanted: set[int], resume: bool) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.results: dict[int, dict[str, Any]] = {r["seed"]: r for r in map(json.loads, lines)}
        if not resume or wanted <= self.results.keys():
            file.unlink(missing_ok=True)
            self.results = {}

    def add(self, seed: int, result: Result, seconds: float, smallest: History | None) -> None:
        entry = {"seed": seed, "took": round(seconds, 2), **asdict(result)}
        if smallest:
            entry["smallest"] = smallest.to_json()
        self.results[seed] = entry
        with self._file.open("a") as out:
            out.write(json.dumps(entry) + "\n")


def run(harness: Harness, histories: Iterable[History], record: Record) -> None:
    """Play the histories that are not in the record yet. Shrink and print those that fail."""
    for history in histories:
        if history.seed in record.results:
            continue
        start = time.monotonic()
        result = harness.play(history)
        seconds = time.monotonic() - start
        smallest = None
        if result.problems:
            say(f"seed {history.seed} FAILED: " + "; ".join(result.problems[:5]))
            smallest = harness.smallest(history)
            problems = harness.play(smallest).problems
            say(f"smallest failing history of seed {history.seed}:\n{show(smallest)}\n  " + "\n  ".join(problems))
        record.add(history.seed, result, seconds, smallest)
        kinds = ", ".join(r.kind + ("" if r.struck else " (did not strike)") for r in result.runs if r.kind)
        say(f"{len(record.results):4d}  seed {history.seed}  {seconds:5.1f} s  {kinds}")


_stderr = os.fdopen(os.dup(2), "w", buffering=1)


def say(text: str) -> None:
    _stderr.write(text + "\n")


@contextmanager
def redirect_stderr(log: Path) -> Iterator[None]:
    """Redirect the output of Spark and of the job to a file. `say` still writes to the terminal."""
    log.parent.mkdir(parents=True, exist_ok=True)
    saved = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
