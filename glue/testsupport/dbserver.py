"""A real database server with TLS, which `STORE_EVENTS_DATABASE` selects."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pymysql

from awsglue_testing.ports import free_port
from testsupport import certificates, tools

PASSWORD = "hunter2-and-never-seen-in-a-log"
USER = "mystiquemaster"
DATABASE = "store_events"


@dataclass(frozen=True)
class Server:
    port: int
    ca: str
    socket: Path

    def root(self) -> pymysql.Connection:
        """Connect as root, to see what the job did."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True, ssl_disabled=True)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute(f"use {DATABASE}")
            cursor.execute(query)
            return list(cursor.fetchall())


def engine() -> str:
    """Return the product and its version, such as MySQL 9.7.4."""
    found = json.loads((_folder() / "engine.json").read_text())
    return f"{found['name']} {found['version']}"


def _folder() -> Path:
    """Return the folder of a server that setup prepared, see localaws/database/engine."""
    return tools.required("STORE_EVENTS_DATABASE")


def install(folder: Path) -> None:
    """Create an empty server's data in folder/data."""
    shutil.copytree(_folder() / "template", folder / "data")


def start(folder: Path, port: int, *more: str, output: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
    """Start the server that `install` created. Its socket is folder/s. `more` are additional options.

    MySQL and MariaDB both accept these options. "loose" ones exist in only one of them.
    """
    options = [
        f"--datadir={folder}/data", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s",
        f"--pid-file={folder}/pid", f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server.key",
        f"--ssl-ca={folder}/ca.pem", f"--log-error={folder}/error.log", "--skip-log-bin", "--performance-schema=OFF",
        "--loose-mysqlx=OFF", f"--secure-file-priv={folder}",
        # The same value as in components/database_parameters.go.
        "--local-infile=1",
    ]  # fmt: skip
    if os.geteuid() == 0:
        options.append("--user=root")
    command = [str(_folder() / "server"), "--no-defaults", *options, *more]
    return subprocess.Popen(command, stdout=output, stderr=output, env=_environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    """Set a separate folder for temporary tables: a server removes existing ones when it starts."""
    return {**os.environ, "TMPDIR": str(folder)}


@contextmanager
def running(folder: Path, *more: str) -> Iterator[Server]:
    """Run a server with an empty database in `folder`. `more` are additional options."""
    install(folder)
    server = Server(free_port(), certificates.write(folder), folder / "s")
    options = ("--innodb-buffer-pool-size=128M", f"--general-log-file={folder}/general.log", *more)
    process = start(folder, server.port, *options)
    try:
        tools.wait(lambda: _ready(server, process), "the database")
        _prepare(server)
        yield server
    finally:
        process.kill()
        process.wait()


def _ready(server: Server, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the database ended with {process.returncode}; see {server.socket.parent}/error.log")
    try:
        server.root().close()
    except pymysql.OperationalError:
        return False
    return True


def _prepare(server: Server) -> None:
    with server.root() as connection, connection.cursor() as cursor:
        cursor.execute(f"create database {DATABASE}")
        cursor.execute(f"create user '{USER}'@'%%' identified by %s require ssl", (PASSWORD,))
        cursor.execute(f"grant all on {DATABASE}.* to '{USER}'@'%'")
