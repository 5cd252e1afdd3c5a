"""A real MariaDB server with TLS, for the tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        return pymysql.connect(unix_socket=str(self.socket), user="root", autocommit=True)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute(f"use {DATABASE}")
            cursor.execute(query)
            return list(cursor.fetchall())


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server with an empty database, in `folder`."""
    base = tools.required("STORE_EVENTS_MARIADB")
    data = folder / "data"
    install = [
        str(base / "scripts" / "mariadb-install-db"),
        *("--no-defaults", f"--basedir={base}", f"--datadir={data}"),
        *("--auth-root-authentication-method=normal", "--skip-test-db"),
    ]
    environment = tools.with_tmpdir(folder)
    subprocess.run(install, check=True, capture_output=True, env=environment)
    ca = certificates.write(folder)
    server = Server(tools.free_port(), ca, folder / "s")
    options = [
        f"--basedir={base}", f"--datadir={data}", f"--port={server.port}", "--bind-address=127.0.0.1",
        f"--socket={server.socket}", "--local-infile=1", f"--ssl-cert={folder}/server.pem",
        f"--ssl-key={folder}/server.key", f"--ssl-ca={folder}/ca.pem", "--innodb-buffer-pool-size=128M",
        "--user=root", f"--general-log-file={folder}/general.log", f"--log-error={folder}/error.log",
    ]  # fmt: skip
    process = subprocess.Popen([base / "bin" / "mariadbd", "--no-defaults", *options], env=environment)
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
