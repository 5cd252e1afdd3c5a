"""Processes that load concurrently, as the job's tasks do."""

import json
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from load.events import _event

from growth.layouts import LAYOUTS
from store_events import contract, csv_codec
from store_events.mysql.database import Connection
from store_events.source.fast_path import FastPath
from testsupport import dbserver

_KINDS = 5_000  # Number of different events, not counting their keys.
_DAYS = 30
_CONTEXT = get_context("spawn")


def connect(server: dbserver.Server) -> Connection:
    return Connection(
        unix_socket=str(server.socket), user="root", database=dbserver.DATABASE, local_infile=True, ssl_disabled=True,
        charset="utf8mb4", autocommit=False, init_command="set session transaction_isolation='READ-COMMITTED'",
    )  # fmt: skip


@contextmanager
def running(count: int, sockets: list[Path]) -> Iterator[list["Worker"]]:
    workers = [Worker(number, sockets) for number in range(count)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
            worker.process.join()


class Worker:
    """A process that generates rows and loads them into the table of a layout, on request."""

    def __init__(self, number: int, sockets: list[Path]) -> None:
        self._pipe, other = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_serve, args=(other, number, sockets), daemon=True)
        self.process.start()

    def send(self, *request: Any) -> None:
        self._pipe.send(request)

    def receive(self) -> Any:
        return self._pipe.recv()


def _serve(pipe: Pipe, number: int, sockets: list[Path]) -> None:
    rng = random.Random(number)
    bodies = _bodies(random.Random(0))
    connections = [connect(dbserver.Server(0, "", socket)) for socket in sockets]
    keys: list[bytes] = []
    while True:
        what, *values = pipe.recv()
        if what == "make":
            keys = [str(uuid.UUID(int=rng.getrandbits(128), version=4)).encode() for _ in range(values[0])]
            pipe.send(keys[0].decode())
        elif what == "load":
            layout, batch_id = values
            rows = [b'"%b"%b' % (key, bodies[i % _KINDS]) for i, key in enumerate(keys)]
            pipe.send("ready")
            pipe.recv()
            LAYOUTS[layout].load(connections[layout], rows, batch_id)
            pipe.send(len(keys))


def _bodies(rng: random.Random) -> list[bytes]:
    """Return rows of the producer's events without the key, which is the first column."""
    lines = []
    for i in range(_KINDS):
        day = datetime(2026, 5, 1 + i % _DAYS, 12, tzinfo=UTC)
        lines.append(json.dumps(_event(rng, "sale_event", day), separators=(",", ":")).encode())
    fields = csv_codec.columns(contract.load())
    plain = FastPath(contract.load(), "2026-05-01").plain(lines, None)
    rows = (row.encode() for some in plain for row in csv_codec.rows(some.rows, fields, quotes=False).to_pylist())
    return [row[row.index(b'"', 1) + 1 :] for row in rows]
