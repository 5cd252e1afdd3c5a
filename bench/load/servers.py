"""The emulator with its S3, the bookmark's server and Spark, all for one comparison; a new database for each load."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from testsupport import bookmarks, dbserver, emulator, sparkconf

_ROOT = Path(__file__).resolve().parents[2]

# Ways that work in the JVM get its second compiler, which the template leaves out.
_COMPILERS = {"driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC"}


@contextmanager
def running() -> Iterator[tuple[SparkSession, bookmarks.Server]]:
    """Start the servers; every AWS client of this process and of Spark speaks to the emulator."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as name, bookmarks.running() as bookmark:
        folder = Path(name)
        with emulator.running(folder) as endpoint:
            _environment(folder, endpoint, bookmark)
            session = SparkSession.builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            try:
                yield session, bookmark
            finally:
                session.stop()


@contextmanager
def database() -> Iterator[dbserver.Server]:
    """A server with an empty database."""
    with tempfile.TemporaryDirectory(prefix="bench-load-") as folder, dbserver.running(Path(folder)) as server:
        yield server


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
