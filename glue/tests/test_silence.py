"""A database that stops responding while its connections stay open."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pymysql
import pytest

from store_events.mysql import database, lock
from store_events.settings import Target
from testsupport import silent_relay
from testsupport.silent_relay import Relay
from testsupport.stack import Stack, client

LOST = (2003, 2006, 2013)


@pytest.fixture
def relay(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Yield a relay to the stack's database, with short timeouts for responses."""
    monkeypatch.setattr(database, "_HANDSHAKE_S", 0.5)
    monkeypatch.setattr(database, "RESPONSE_S", 1)
    secrets, arn = client("secretsmanager"), stack.settings.target.secret_arn
    with silent_relay.running(stack.database.port) as found:
        value = {**json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"]), "port": found.port}
        secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(value))
        yield found


@contextmanager
def lost_within(seconds: float) -> Iterator[None]:
    """Check that the connection is lost in time, with an error that callers retry."""
    start = time.monotonic()
    with pytest.raises(pymysql.OperationalError) as raised:
        yield
    assert raised.value.args[0] in LOST
    assert time.monotonic() - start < seconds


def test_no_greeting(stack: Stack, relay: Relay) -> None:
    relay.silent.set()
    with lost_within(10), database.connect(replace(stack.settings.target, connect_timeout_s=0)):
        pass


def test_no_greeting_is_retried(stack: Stack, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    relay.silent.set()
    monkeypatch.setattr(time, "sleep", lambda _: relay.silent.clear())
    with database.connect(replace(stack.settings.target, connect_timeout_s=10)) as connection:
        assert database.rows(connection, "select 1") == [(1,)]


def test_no_handshake(stack: Stack, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay stops before the server sends its certificate."""
    verifying = database._verifying

    def silence(ca: str) -> object:
        context = verifying(ca)
        wrap = context.wrap_socket

        def late(*given: object, **more: object) -> object:
            relay.silent.set()
            return wrap(*given, **more)  # type: ignore[arg-type]

        context.wrap_socket = late  # type: ignore[assignment,method-assign]
        return context

    monkeypatch.setattr(database, "_verifying", silence)
    with lost_within(10), database.connect(replace(stack.settings.target, connect_timeout_s=0)):
        pass


def test_no_response(stack: Stack, relay: Relay) -> None:
    with database.connect(stack.settings.target) as connection, lost_within(10):
        assert database.rows(connection, "select sleep(0.6)") == [(0,)], "the handshake's timeout no longer applies"
        relay.silent.set()
        database.rows(connection, "select 1")


def test_rows_that_the_server_does_not_receive(stack: Stack, relay: Relay) -> None:
    stack.database.rows("create table silence (line varchar(100))")
    sent = 0

    def blocks() -> Iterator[bytes]:
        nonlocal sent
        while True:  # Until the sockets' buffers are full.
            yield b"x\n" * 50_000
            sent += 100_000
            relay.taking.clear()

    with database.connect(stack.settings.target) as connection, lost_within(20):
        connection.infile = blocks()
        database.execute(connection, "load data local infile 'rows' into table silence")
    assert sent > 0
    relay.taking.set()  # So that the server notices the end of the connection, and unlocks the table.
    stack.database.rows("drop table silence")


def test_statement_without_a_timeout(stack: Stack, relay: Relay) -> None:
    with database.connect(stack.settings.target) as connection:
        with connection.without_timeout():
            assert database.rows(connection, "select sleep(2)") == [(0,)]
        with lost_within(10):
            database.rows(connection, "select sleep(5)")


def test_keepalive_detects_that_the_server_has_vanished(stack: Stack) -> None:
    with database.connect(stack.settings.target) as connection:
        assert database.rows(connection, "select 1") == [(1,)]
        own = connection._sock
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        found = {name: own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in database._PROBES}
        assert found == database._PROBES
        assert own.gettimeout() == database.RESPONSE_S


def test_holder_whose_server_is_silent_ends(stack: Stack, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_HEARTBEAT_S", 0.1)
    monkeypatch.setattr(lock, "_RESPONSE_S", 2)
    start = time.monotonic()
    with lock.held(stack.settings.target, 0):
        relay.silent.set()
        time.sleep(1)
    assert time.monotonic() - start < 15


def test_wait_for_the_lock_may_exceed_the_timeout(stack: Stack, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_RESPONSE_S", 1)
    target: Target = stack.settings.target
    refused = pytest.raises(lock.LockError, match="another run is loading")
    with lock.held(target, 0), refused, lock.held(target, 3):
        pass
