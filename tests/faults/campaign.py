"""Many histories, one after the other; what was finished is kept, so that an interrupted campaign goes on."""

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
    """Servers and a session, on which histories are played."""

    def __init__(self, w: World, stack: ExitStack) -> None:
        self.world = w
        hooks.install()
        stack.enter_context(job.quietly())
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
    """Results by seed, a line of JSON each, in a file that only grows; that of a finished campaign is replaced."""

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
    """Play those histories that the record lacks; of a failure, look for the smallest and print it."""
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
            again = harness.play(smallest).problems
            say(f"the smallest history of seed {history.seed} that fails:\n{show(smallest)}\n  " + "\n  ".join(again))
        record.add(history.seed, result, seconds, smallest)
        kinds = ", ".join(r.kind + ("" if r.struck else " (did not strike)") for r in result.runs if r.kind)
        say(f"{len(record.results):4d}  seed {history.seed}  {seconds:5.1f} s  {kinds}")


_voice = os.fdopen(os.dup(2), "w", buffering=1)


def say(text: str) -> None:
    _voice.write(text + "\n")


@contextmanager
def aside(log: Path) -> Iterator[None]:
    """What Spark and the job say of themselves goes to a file: `say` alone is heard."""
    log.parent.mkdir(parents=True, exist_ok=True)
    kept = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
