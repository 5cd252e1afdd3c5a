"""A real database that can be killed and restarted on the same data."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

from awsglue_testing.ports import free_port
from testsupport import certificates, dbserver, tools

USER = "loader"
_READY_S = 60
_TABLE_FULL = 1114
_OPTIONS = (
    "--innodb-buffer-pool-size=64M", "--innodb-fast-shutdown=2",
    "--loose-innodb-log-file-size=16M", "--loose-innodb-redo-log-capacity=16M",
    "--loose-innodb-lock-wait-timeout=20",
    "--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M:autoextend:max:20M",
)  # fmt: skip


Snapshot = dict[str, tuple[str, list[tuple[Any, ...]]]]  # By table: its create statement and its rows.


class Database:
    """A database server. `root` connects to it directly, without the fault proxy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.Lock()
        dbserver.install(folder)
        self.ca = certificates.write(folder)
        self.port = free_port()
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "database.log").open("ab") as log:
            process = dbserver.start(self._folder, self.port, *_OPTIONS, output=log)
        tools.wait(lambda: self._answers(process), "the database", _READY_S)
        return process

    def _answers(self, process: "subprocess.Popen[bytes]") -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the database ended with {process.returncode}; see {self._folder}/error.log")
        try:
            self.root().close()
        except pymysql.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Kill the server with SIGKILL, so that it writes nothing more."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Start the server again on its data, unless it runs."""
        with self._mutex:
            if self.process.poll() is not None:
                self.process = self._start()

    def fill(self) -> None:
        """Use up all space, so that no table can grow by another page."""
        self._new_filler()
        for rows in (200, 20, 1):
            while self._filled(rows):
                pass

    def free_space(self) -> None:
        """Undo `fill`, and wait until the server has freed the pages."""
        tools.wait(self._has_space, "free space in the database")
        self.execute("drop database if exists filler")

    def _has_space(self) -> bool:
        self._new_filler()
        return self._filled(100)

    def _new_filler(self) -> None:
        self.execute("drop database if exists filler", "create database filler")
        self.execute("create table filler.t (v varbinary(7000))")

    def _filled(self, rows: int) -> bool:
        try:
            self.execute("insert into filler.t values " + ", ".join(["(repeat('x', 7000))"] * rows))
        except pymysql.OperationalError as error:
            if error.args[0] != _TABLE_FULL:
                raise
            return False
        return True

    def root(self, schema: str | None = None) -> Any:
        socket = f"{self._folder}/s"
        return pymysql.connect(unix_socket=socket, user="root", autocommit=True, database=schema, ssl_disabled=True)

    def idle(self) -> bool:
        """Report whether the job has no session in the database."""
        with self.root() as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from information_schema.processlist where user=%s", (USER,))
            [(sessions,)] = cursor.fetchall()
        return int(sessions) == 0

    def snapshot(self, schema: str) -> Snapshot:
        """Return what is committed in a schema."""
        with self.root(schema) as connection, connection.cursor() as cursor:
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot")
            cursor.execute("show tables")
            found: Snapshot = {}
            for (table,) in cursor.fetchall():
                cursor.execute(f"show create table `{table}`")
                [(_, statement)] = cursor.fetchall()
                cursor.execute(f"select * from `{table}`")
                found[table] = statement, list(cursor.fetchall())
        return found

    def restore(self, schema: str, snapshot: Snapshot) -> None:
        """Replace a schema's tables with those of the snapshot."""
        with self.root(schema) as connection, connection.cursor() as cursor:
            cursor.execute("show tables")
            for (table,) in cursor.fetchall():
                cursor.execute(f"drop table `{table}`")
            for table, (statement, rows) in snapshot.items():
                cursor.execute(statement)
                if rows:
                    values = ", ".join(["%s"] * len(rows[0]))
                    cursor.executemany(f"insert into `{table}` values ({values})", rows)

    def execute(self, *statements: str) -> None:
        with self.root() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def running(folder: Path) -> Iterator[Database]:
    database = Database(folder)
    try:
        yield database
    finally:
        database.kill()
