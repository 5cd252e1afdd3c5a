"""Rotation of the password: for a moment, secret and database differ."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from store_events.mysql import database
from store_events.settings import Target
from testsupport import dbserver
from testsupport.stack import Stack, client


def put_secret(stack: Stack, password: str) -> None:
    secrets, arn = client("secretsmanager"), stack.settings.target.secret_arn
    value: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps({**value, "password": password}))


def test_connection_waits_for_the_new_password(stack: Stack) -> None:
    put_secret(stack, "new")

    def rotate() -> None:
        with stack.database.root() as root, root.cursor() as cursor:
            cursor.execute(f"alter user '{dbserver.USER}'@'%' identified by 'new'")

    try:
        impatient = replace(stack.settings.target, connect_timeout_s=0)
        with pytest.raises(pymysql.OperationalError, match="Access denied"), database.connect(impatient):
            pass
        with ThreadPoolExecutor() as pool:
            pool.submit(rotate)
            with database.connect(stack.settings.target) as connection:
                assert database.rows(connection, "select 1") == [(1,)]
    finally:
        with stack.database.root() as root, root.cursor() as cursor:
            cursor.execute(f"alter user '{dbserver.USER}'@'%%' identified by %s", (dbserver.PASSWORD,))


def test_connection_waits_for_the_server(stack: Stack) -> None:
    secrets, arn = client("secretsmanager"), stack.settings.target.secret_arn
    value: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps({**value, "port": 1}))
    with ThreadPoolExecutor() as pool:
        pool.submit(secrets.put_secret_value, SecretId=arn, SecretString=json.dumps(value))
        with database.connect(stack.settings.target) as connection:
            assert database.rows(connection, "select 1") == [(1,)]


def test_connection_waits_for_a_free_one(stack: Stack) -> None:
    """More tasks may start at once than a small instance allows connections."""
    target = stack.settings.target
    [(before,)] = stack.database.rows("select @@global.max_connections")
    stack.database.rows("set global max_connections=10")
    try:
        with ExitStack() as taken, ThreadPoolExecutor() as pool:
            impatient = replace(target, connect_timeout_s=0)
            with pytest.raises(pymysql.OperationalError, match="Too many connections"):
                for _ in range(20):
                    taken.enter_context(database.connect(impatient))
            one_more = pool.submit(lambda: number_of_rows(target))
            time.sleep(1)
            assert not one_more.done()
            taken.close()
            assert one_more.result() == 1
    finally:
        stack.database.rows(f"set global max_connections={before}")


def number_of_rows(target: Target) -> int:
    with database.connect(target) as connection:
        return len(database.rows(connection, "select 1"))
