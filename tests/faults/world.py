"""The servers that histories need, and each history's resources on them."""

import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from faults import control, database, proxy
from store_events import contract
from testsupport import bookmarks, emulator, former_layout, sparkconf

ROOT = Path(__file__).resolve().parents[2]
TABLE = "sales_txns_tbl"
TABLES = (TABLE, "other_tbl", "third_tbl")
LEDGER = ("etl_batches", "etl_objects", "etl_runs", "etl_collisions")
_HERE = Path(__file__).resolve().parent
_PATH = (_HERE / "inject", _HERE.parent, ROOT / "glue", ROOT / "localaws" / "awsglue")


@dataclass
class World:
    """The servers. The AWS `clients` bypass the fault proxy."""

    folder: Path
    endpoint: str
    proxy: proxy.Proxy
    database: database.Database
    bookmark: bookmarks.Server
    control: control.Control
    latency_ms: int = 0
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(service, endpoint_url=self.endpoint, region_name=emulator.REGION)
        return self.clients[service]

    def clear_faults(self) -> None:
        """Remove all faults except the campaign's latency, and restart the database if it is down."""
        self.control.set_trap(None)
        self.database.restart()
        self.proxy.clear()
        if self.latency_ms:
            for stream in ("upstream", "downstream"):
                self.proxy.toxic("latency", stream, latency=self.latency_ms, jitter=0)

    def disable(self, protection: str) -> None:
        """Disable a protection of the job, or none if it is empty; see mutants.py."""
        (self.folder / "mutant").write_text(protection)


@dataclass(frozen=True)
class Sandbox:
    """The resources of one history: a bucket, a catalog and a schema of the same name, and a secret."""

    name: str
    secret: str

    def arguments(self, run_id: str, options: dict[str, str]) -> list[str]:
        """Return the job's command line."""
        values = {
            "JOB_NAME": "s3-to-rds-ingestor",
            "JOB_RUN_ID": run_id,
            "TempDir": f"s3://{self.name}/bookmarks/",
            "job-bookmark-option": "job-bookmark-enable",
            "src_db_name": self.name,
            "src_etl_bkt": self.name,
            "crawler_tbl_prefix": "txns_",
            "tgt_db_secret_arn": self.secret,
            "tgt_tbl_name": TABLE,
            "conn_name": "store-events",
            "tgt_db_ca": f"s3://{self.name}/scripts/ca.pem",
            **options,
        }
        return ["s3_to_rds_ingestor.py", *(part for n, v in values.items() for part in (f"--{n}", v))]


def create_sandbox(world: World, name: str) -> Sandbox:
    """Create the resources of a history."""
    _create_source(world, name)
    world.database.execute(
        f"create database `{name}`",
        f"drop user if exists '{database.USER}'@'%'",
        f"create user '{database.USER}'@'%' identified by 'first' require ssl",
        f"grant all on `{name}`.* to '{database.USER}'@'%'",
    )
    created = world.client("secretsmanager").create_secret(Name=name, SecretString=secret_text(world, name, "first"))
    world.bookmark.version, world.bookmark.state = 0, {}
    return Sandbox(name, created["ARN"])


def _create_source(world: World, name: str) -> None:
    """Create a bucket and a catalog."""
    s3, glue = world.client("s3"), world.client("glue")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="scripts/ca.pem", Body=world.database.ca.encode())
    glue.create_database(DatabaseInput={"Name": name})
    for stream in contract.load().streams:
        location = {"Location": f"s3://{name}/{stream}/"}
        glue.create_table(DatabaseName=name, TableInput={"Name": f"txns_{stream}", "StorageDescriptor": location})


def create_second_stack(world: World, sandbox: Sandbox, name: str) -> Sandbox:
    """Create a stack with a separate bucket and catalog, and the sandbox's secret: it uses the same schema."""
    _create_source(world, name)
    return Sandbox(name, sandbox.secret)


def write_feed(world: World, sandbox: Sandbox, key: str) -> None:
    """Add a new object to the feed, as the starter does."""
    body = json.dumps({"keys": [key]})
    world.client("s3").put_object(Bucket=sandbox.name, Key=f"feed/{time.time_ns()}-{uuid.uuid4()}.json", Body=body)


def lose_feed(world: World, sandbox: Sandbox) -> None:
    """Delete all files of the feed."""
    for key in keys(world, sandbox, "feed/"):
        world.client("s3").delete_object(Bucket=sandbox.name, Key=key)


def keys(world: World, sandbox: Sandbox, prefix: str) -> list[str]:
    """Return the keys under a prefix, at most 1000."""
    found = world.client("s3").list_objects_v2(Bucket=sandbox.name, Prefix=prefix)
    return [entry["Key"] for entry in found.get("Contents", [])]


def to_former_layout(world: World, sandbox: Sandbox, table: str) -> None:
    """Convert tables of the current layout to the former one, as an earlier release would have left them."""
    query = "select table_name from information_schema.columns where table_schema=%s and column_name='batch_position'"
    with world.database.root(sandbox.name) as connection, connection.cursor() as cursor:
        cursor.execute(query, (sandbox.name,))
        current = {str(name) for (name,) in cursor.fetchall()}
    if {table, "etl_collisions"} <= current:
        schema = f"`{sandbox.name}`"
        world.database.execute(*former_layout.statements(f"{schema}.{table}", f"{schema}.etl_collisions"))


def delete_sandbox(world: World, sandbox: Sandbox) -> None:
    """Drop the schema. The small bucket may stay."""
    world.database.execute(f"drop database if exists `{sandbox.name}`")


def secret_text(world: World, schema: str, password: str) -> str:
    return json.dumps({
        "username": database.USER, "password": password, "engine": "mysql", "host": "127.0.0.1",
        "port": world.proxy.database, "dbname": schema,
    })  # fmt: skip


def spark_conf(world: World, name: str, more: dict[str, str]) -> Path:
    """Write a SPARK_CONF_DIR with the settings of a job on one machine, and `more`."""
    return sparkconf.write(world.folder / name, world.proxy.aws, {"python.daemon.module": "faults.daemon", **more})


def _environment(world: World) -> None:
    os.environ.update(
        AWS_ENDPOINT_URL=world.proxy.aws,
        AWS_REGION=emulator.REGION,
        AWS_DEFAULT_REGION=emulator.REGION,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106
        AWS_MAX_ATTEMPTS="2",  # Fewer retries than by default, to save time.
        PYSPARK_PYTHON=sys.executable,
        PYTHONPATH=os.pathsep.join(map(str, _PATH)),
        STORE_EVENTS_FAULTS=world.control.url,
        STORE_EVENTS_FAULTS_MUTANT=str(world.folder / "mutant"),
        LOCALAWS_BOOKMARK_URL=world.bookmark.url,
        SPARK_LOCAL_IP="127.0.0.1",
    )
    for variable in ("AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        os.environ.pop(variable, None)


@contextmanager
def running(latency_ms: int = 0) -> Iterator[World]:
    """Start the servers, and pass their addresses to the job in this process's environment."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        endpoint = stack.enter_context(emulator.running(folder))
        fault_proxy = stack.enter_context(proxy.running(folder, endpoint))
        data = folder / "database"
        data.mkdir()
        server = stack.enter_context(database.running(data))
        fault_proxy.add_database(server.port)
        points = stack.enter_context(control.running())
        store = stack.enter_context(bookmarks.running())
        world = World(folder, endpoint, fault_proxy, server, store, points, latency_ms)
        _environment(world)
        yield world
