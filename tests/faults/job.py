"""Run the job: in this process on the shared session, or as a separate process that can be killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from pyspark import SparkContext

from faults import hooks, process_faults
from faults.world import ROOT, Sandbox, World
from testsupport import tools

_LIMIT_S = 300
PART_BYTES = 600  # Several tasks may load parts of a larger object. A line has about 70 bytes.


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `error` is empty if it succeeded. `log` is the output of a separate process."""

    error: str
    seconds: float
    log: str = ""

    @property
    def succeeded(self) -> bool:
        return not self.error


def in_process(sandbox: Sandbox, run_id: str, options: dict[str, str]) -> Outcome:
    """Call the entry script's main with real arguments. SparkContext.getOrCreate returns the shared session."""
    import s3_to_rds_ingestor
    from store_events.load import commit_size
    from store_events.mysql import migrate
    from store_events.source import parts

    start, error = time.monotonic(), ""
    migrate.CHUNK_ROWS = 4  # So that a migration needs several chunks.
    parts.PART_BYTES = PART_BYTES
    commit_size.MEMORY = 500  # So that batches of many lines are merged from files.
    hooks.set_driver(run_id)
    try:
        s3_to_rds_ingestor.main(sandbox.arguments(run_id, options))
    except process_faults.DriverKilledError:
        error = "the driver died"
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
    finally:
        hooks.set_driver("")
    return Outcome(error, time.monotonic() - start)


class SecondRun(threading.Thread):
    """A run concurrent with the first."""

    def __init__(self, sandbox: Sandbox, run_id: str, options: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._call = (sandbox, run_id, options)
        self.outcome = Outcome("did not end", 0)

    def run(self) -> None:
        self.outcome = in_process(*self._call)


def as_process(world: World, sandbox: Sandbox, run_id: str, options: dict[str, str], conf: Path) -> Outcome:
    """Run the entry script in a separate session."""
    start = time.monotonic()
    command = [sys.executable, str(ROOT / "glue" / "s3_to_rds_ingestor.py"), *sandbox.arguments(run_id, options)[1:]]
    environment = {**os.environ, "SPARK_CONF_DIR": str(conf), "STORE_EVENTS_FAULTS_JOB": run_id}
    for variable in ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "SPARK_ENV_LOADED"):
        environment.pop(variable, None)
    log = world.folder / f"{run_id}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        status = process.wait(_LIMIT_S)
    finally:
        process_faults.kill_session(process.pid)
    text, seconds = log.read_text(errors="replace"), time.monotonic() - start
    if status == 0:
        return Outcome("", seconds, text)
    killed = "was killed" if status == -signal.SIGKILL else f"ended with {status}"
    return Outcome(f"the process {killed}: {' '.join(text.strip().splitlines()[-1:])}", seconds, text)


def idle() -> None:
    """Wait until Spark runs no tasks, including those of cancelled runs."""
    context = SparkContext._active_spark_context
    if context is not None:
        tracker = context._jsc.sc().statusTracker()
        tools.wait(lambda: not any(i.numRunningTasks() for i in tracker.getExecutorInfos()), "all tasks to end")


def discard_stdout() -> "redirect_stdout[StringIO]":
    """Discard the job's output, which would mix with the harness's."""
    return redirect_stdout(StringIO())
