"""Spark for the job: the shared session, settings for a separate process, and a cluster with speculative execution."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark
from pyspark.sql import SparkSession

from awsglue_testing.ports import free_port
from faults.world import World, spark_conf
from testsupport import tools

# Two host names, because Spark never runs two attempts of a task on the same host.
_HOSTS = ("127.0.0.1", "localhost")
# An attempt that takes two seconds counts as slow.
_CLUSTER = {
    "executor.memory": "512m",
    "executor.cores": "2",
    "cores.max": "4",
    "speculation": "true",
    "speculation.interval": "200ms",
    "speculation.minTaskRuntime": "1s",
    "speculation.quantile": "0.01",
    "speculation.task.duration.threshold": "2s",
    "log.level": "INFO",  # So that the log shows a second attempt.
}
# One slot more than cores, because a fault may pause a worker. A cancelled run's worker may run for long.
_LIVE = {"master": "local[3,4]", "python.task.killTimeout": "20s"}


@contextmanager
def session(world: World) -> Iterator[SparkSession]:
    """Start the shared session in this process."""
    os.environ["SPARK_CONF_DIR"] = str(spark_conf(world, "live", _LIVE))
    live = SparkSession.builder.getOrCreate()
    live.sparkContext.setLogLevel("OFF")
    # Spark's handler would turn an interrupt into a failed run, and the campaign would continue.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield live
    finally:
        live.stop()


@contextmanager
def settings(world: World) -> Iterator[Callable[[str], Path]]:
    """Yield a function that returns the folder of settings by name, "process" or "cluster"."""
    with ExitStack() as stack:
        known: dict[str, Path] = {}

        def find(name: str) -> Path:
            if name not in known:
                known[name] = spark_conf(world, name, {}) if name == "process" else stack.enter_context(_cluster(world))
            return known[name]

        yield find


@contextmanager
def _cluster(world: World) -> Iterator[Path]:
    """Start a master and two workers, and yield settings under which a slow attempt gets a second one."""
    port, folder = free_port(), world.folder / "cluster"
    folder.mkdir()
    master = f"spark://127.0.0.1:{port}"
    commands = [["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port),
                 "--webui-port", "0"]]  # fmt: skip
    for host in _HOSTS:
        commands.append(["org.apache.spark.deploy.worker.Worker", "--host", host, "--cores", "2", "--memory", "1g",
                         "--webui-port", "0", "--work-dir", str(folder / host), master])  # fmt: skip
    log = folder / "cluster.log"
    processes = [_start(command, log) for command in commands]
    try:
        tools.wait(lambda: log.read_text().count("Registering worker") >= len(_HOSTS), "the Spark cluster")
        yield spark_conf(world, "cluster", {"master": master, **_CLUSTER})
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    home = Path(pyspark.__file__).parent
    java = Path(os.environ["JAVA_HOME"], "bin", "java")
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_SCALA_VERSION": "2.12"}
    options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", f"{home}/jars/*"]
    with log.open("ab") as out:
        return subprocess.Popen([java, *options, *command], env=environment, stdout=out, stderr=out)
