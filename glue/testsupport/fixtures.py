"""Fixtures: a Spark session, an emulator and a database shared by all tests, and a new stack for each test."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from testsupport import bookmarks, dbserver, emulator, sparkconf
from testsupport.backup import drop, restore, snapshot
from testsupport.events import event
from testsupport.restores import put
from testsupport.stack import Stack

_ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on-database", action="store_true", help="run only the tests that need a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that do not depend on the database."""
    if not config.getoption("--on-database"):
        return
    without = [item for item in items if "database" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the emulator, and make it the endpoint of all AWS clients in this process."""
    with emulator.running(tmp_path_factory.mktemp("emulator")) as url:
        os.environ.update(
            AWS_ENDPOINT_URL=url,
            AWS_REGION=emulator.REGION,
            AWS_DEFAULT_REGION=emulator.REGION,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            PYSPARK_PYTHON=sys.executable,
            PYTHONPATH=os.pathsep.join(map(str, (_ROOT / "glue", _ROOT / "localaws" / "awsglue"))),
        )
        for variable in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(variable, None)
        yield url


@pytest.fixture(scope="session")
def spark_conf(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder with Spark's settings for a job on one machine."""
    folder = sparkconf.write(tmp_path_factory.mktemp("spark"), endpoint)
    os.environ["SPARK_CONF_DIR"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def spark(spark_conf: Path) -> Iterator[SparkSession]:
    session = SparkSession.builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dbserver.Server]:
    with dbserver.running(tmp_path_factory.mktemp("database")) as server:
        yield server


@pytest.fixture
def bookmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[bookmarks.Server]:
    with bookmarks.running() as server:
        monkeypatch.setenv("LOCALAWS_BOOKMARK_URL", server.url)
        yield server


@pytest.fixture
def stack(spark: SparkSession, database: dbserver.Server, bookmark: bookmarks.Server) -> Iterator[Stack]:
    """Create a bucket, catalog tables, a secret and empty tables."""
    yield Stack.create(spark, database, bookmark)


@pytest.fixture
def saved(stack: Stack) -> Iterator[Any]:
    """Yield a function that restores a snapshot of the database after two runs."""
    put(stack, "a", event("a"), b"bad")
    stack.run()
    put(stack, "b", event("b"), b"worse")
    stack.run()
    snapshot(stack, "backup1")
    yield lambda: restore(stack, "backup1")
    drop(stack, "backup1", "backup2")
