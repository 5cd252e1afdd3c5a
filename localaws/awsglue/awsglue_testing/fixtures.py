"""One Spark session and one emulator for all tests; a fresh bookmark for each."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from awsglue_testing import bookmarks

_HERE = Path(__file__).resolve().parents[1]
_REGION = "us-east-1"
_READY_S = 60


@pytest.fixture(scope="session")
def tools() -> dict[str, str]:
    """The paths that LOCALAWS_TOOLS names, see README.md."""
    cache = os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache"
    file = Path(os.environ.get("LOCALAWS_TOOLS", "") or Path(cache) / "localaws" / "tools.json")
    paths: dict[str, str] = json.loads(file.read_text())
    return paths


@pytest.fixture(scope="session")
def endpoint(tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An emulator; from here on every AWS client of this process uses it."""
    folder = tmp_path_factory.mktemp("emulator")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "S3_DATA_DIR": str(folder / "s3"),
        "S3_PERSIST": "0",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "IOT_MTLS_ENABLED": "0",
    }
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [tools["ministack"]], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait(f"{url}/_ministack/health")
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
    finally:
        process.kill()
        process.wait()


def _wait(url: str) -> None:
    end = time.monotonic() + _READY_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


@pytest.fixture(scope="session")
def spark(endpoint: str, tools: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session with the settings that jobs have, in this process."""
    folder = tmp_path_factory.mktemp("spark")
    text = (_HERE / "spark-defaults.conf").read_text()
    fields = {"JarsDir": tools["jarsDir"], "Endpoint": endpoint, "Region": _REGION, "Warehouse": str(folder / "w")}
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
    """The bookmark of a job, which is empty at first."""
    with bookmarks.running() as server:
        monkeypatch.setenv("LOCALAWS_BOOKMARK_URL", server.url)
        yield server
