"""Fixtures: a Spark session and an emulator shared by all tests, and a new bookmark for each test."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

from awsglue_testing import bookmarks, classes, emulator

_HERE = Path(__file__).resolve().parents[1]
_REGION = "us-east-1"


@pytest.fixture(scope="session")
def tools() -> dict[str, str]:
    """Return the paths in the file that LOCALAWS_TOOLS names, see README.md."""
    cache = os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache"
    file = Path(os.environ.get("LOCALAWS_TOOLS", "") or Path(cache) / "localaws" / "tools.json")
    paths: dict[str, str] = json.loads(file.read_text())
    return paths


@pytest.fixture(scope="session")
def endpoint(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run an emulator, and make it the endpoint of all AWS clients in this process."""
    with emulator.running(Path(tools["ministack"]), tmp_path_factory.mktemp("emulator")) as url:
        os.environ.update(
            AWS_ENDPOINT_URL=url,
            AWS_REGION=_REGION,
            AWS_DEFAULT_REGION=_REGION,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            PYSPARK_PYTHON=sys.executable,
            PYTHONPATH=str(_HERE),
        )
        for variable in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(variable, None)
        yield url


@pytest.fixture(scope="session")
def spark(endpoint: str, tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Yield a session in this process with the settings of jobs."""
    folder = tmp_path_factory.mktemp("spark")
    text = (_HERE / "spark-defaults.conf").read_text()
    jars = tools["jarsDir" if pyspark.__version__ < "4" else "glue6JarsDir"]
    fields = {
        "JarsDir": jars,
        "Classes": classes.options(Path(jars)),
        "SparkJars": str(Path(pyspark.__file__).resolve().parent / "jars"),
        "Endpoint": endpoint,
        "Region": _REGION,
        "Warehouse": str(folder / "w"),
    }
    for name, value in fields.items():
        text = text.replace("{{." + name + "}}", value)
    (folder / "spark-defaults.conf").write_text(text)
    os.environ["SPARK_CONF_DIR"] = str(folder)
    if tools.get("javaHome"):
        os.environ.setdefault("JAVA_HOME", tools["javaHome"])
    session = SparkSession.builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def bookmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[bookmarks.Server]:
    """Serve an empty bookmark of a job."""
    with bookmarks.running() as server:
        monkeypatch.setenv("LOCALAWS_BOOKMARK_URL", server.url)
        yield server
