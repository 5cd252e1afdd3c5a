"""The servers of the benchmark: the emulator with the benchmark's S3, the bookmark server, Spark, and databases."""

import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyspark.sql import SparkSession

from awsglue_testing.ports import free_port
from faults import proxy
from testsupport import bookmarks, dbserver, emulator, sparkconf, tools

_ROOT = Path(__file__).resolve().parents[2]

# Enables the JVM's second compiler, which the template disables, for the ways that run in the JVM.
_COMPILERS = {"driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC"}

# RDS's value for an instance with two processors.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.CommonDBATasks.Config.Size.8.4.html
_REDO_LOG = "--loose-innodb-redo-log-capacity=1G"


@contextmanager
def running() -> Iterator[tuple[SparkSession, bookmarks.Server]]:
    """Start the servers, and make the emulator the endpoint of all AWS clients of this process and of Spark."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name, bookmarks.running() as bookmark:
        folder = Path(name)
        with emulator.running(folder) as upstream, _objects(folder, upstream) as endpoint:
            _environment(folder, endpoint, bookmark)
            session = SparkSession.builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            try:
                yield session, bookmark
            finally:
                session.stop()


@contextmanager
def database() -> Iterator[dbserver.Server]:
    """Run a server with an empty database."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name, dbserver.running(Path(name), _REDO_LOG) as server:
        yield server


@contextmanager
def delayed(server: dbserver.Server, delay_ms: int) -> Iterator[dbserver.Server]:
    """Yield the server behind a proxy that adds `delay_ms` to each round trip, or the server itself for 0."""
    if not delay_ms:
        yield server
        return
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder, proxy.running(Path(folder), "") as delay:
        delay.add_database(server.port)
        delay.toxic("latency", "downstream", latency=delay_ms, jitter=0)
        yield replace(server, port=delay.database)


def delay_objects(milliseconds: int) -> None:
    """Delay each request for source objects."""
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/_delay?for={milliseconds}ms", method="PUT")
    urllib.request.urlopen(request, timeout=5).close()


@contextmanager
def _objects(folder: Path, upstream: str) -> Iterator[str]:
    """Run the benchmark's S3 in front of the emulator; see bench/objects."""
    program, objects, port = folder / "objects", folder / "bodies", free_port()
    objects.mkdir()
    subprocess.run(["go", "build", "-o", program, "./bench/objects"], cwd=_ROOT, check=True)
    process = subprocess.Popen([program, "-address", f"127.0.0.1:{port}", "-folder", objects, "-upstream", upstream])
    os.environ["BENCH_OBJECTS"] = str(objects)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        health = f"{endpoint}/_ministack/health"
        tools.wait(lambda: bool(urllib.request.urlopen(health, timeout=1)), "the benchmark's S3")
        yield endpoint
    finally:
        process.kill()
        process.wait()


def _environment(folder: Path, endpoint: str, bookmark: bookmarks.Server) -> None:
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_REGION=emulator.REGION,
        AWS_DEFAULT_REGION=emulator.REGION,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106
        PYSPARK_PYTHON=sys.executable,
        PYTHONPATH=os.pathsep.join(map(str, (_ROOT / "glue", _ROOT / "localaws" / "awsglue"))),
        SPARK_CONF_DIR=str(folder),
        SPARK_LOCAL_IP="127.0.0.1",
        LOCALAWS_BOOKMARK_URL=bookmark.url,
    )
    for variable in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(variable, None)
    sparkconf.write(folder, endpoint, _COMPILERS)
