"""A real MariaDB server with TLS, for the tests."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pymysql

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
        """A connection for looking at what the job did."""
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True, ssl_disabled=True)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute(f"use {DATABASE}")
            cursor.execute(query)
            return list(cursor.fetchall())


def install(folder: Path) -> None:
    """Make the system tables of a server, in folder/data."""
    base = tools.required("STORE_EVENTS_MARIADB")
    command = [
        str(base / "scripts" / "mariadb-install-db"),
        *("--no-defaults", f"--basedir={base}", f"--datadir={folder}/data"),
        *("--auth-root-authentication-method=normal", "--skip-test-db"),
    ]
    subprocess.run(command, check=True, capture_output=True, env=_environment(folder))


def start(folder: Path, port: int, *more: str, output: IO[bytes] | None = None) -> "subprocess.Popen[bytes]":
    """Start what `install` made; its socket is folder/s. `more` are further options."""
    base = tools.required("STORE_EVENTS_MARIADB")
    options = [
        f"--basedir={base}", f"--datadir={folder}/data", f"--port={port}", "--bind-address=127.0.0.1",
        f"--socket={folder}/s", "--local-infile=1", "--max-error-count=65535",
        f"--ssl-cert={folder}/server.pem",
        f"--ssl-key={folder}/server.key", f"--ssl-ca={folder}/ca.pem", "--user=root",
        f"--log-error={folder}/error.log",
    ]  # fmt: skip
    command = [str(base / "bin" / "mariadbd"), "--no-defaults", *options, *more]
    return subprocess.Popen(command, stdout=output, stderr=output, env=_environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    """With a folder for temporary tables of its own: a server that starts removes those that it finds."""
    return {**os.environ, "TMPDIR": str(folder)}


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server with an empty database, in `folder`."""
    install(folder)
    server = Server(tools.free_port(), certificates.write(folder), folder / "s")
    process = start(
        folder, server.port, "--innodb-buffer-pool-size=128M", f"--general-log-file={folder}/general.log"
    )  # fmt: skip
    try:
        tools.wait(lambda: _ready(server, process), "MariaDB")
        _prepare(server)
        yield server
    finally:
        process.kill()
        process.wait()


def _ready(server: Server, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"mariadbd ended with {process.returncode}")
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
