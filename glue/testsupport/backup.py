"""Snapshots of the database's tables, and their restore."""

from typing import Any

import pytest

from store_events import job
from testsupport.stack import TABLES, Stack


def snapshot(stack: Stack, name: str) -> None:
    stack.database.rows(f"create database {name}")
    for table in TABLES:
        stack.database.rows(f"create table {name}.{table} like {table}")
        stack.database.rows(f"insert into {name}.{table} select * from {table}")


def snapshot_within_run(stack: Stack, monkeypatch: pytest.MonkeyPatch, name: str, **options: Any) -> None:
    """Run the job, and take the snapshot before it loads anything."""
    load = job._load

    def after_snapshot(*args: Any) -> Any:
        snapshot(stack, name)
        return load(*args)

    with monkeypatch.context() as patch:
        patch.setattr(job, "_load", after_snapshot)
        stack.run(**options)


def restore(stack: Stack, name: str) -> None:
    for table in TABLES:
        stack.database.rows(f"drop table {table}")
        stack.database.rows(f"create table {table} like {name}.{table}")
        stack.database.rows(f"insert into {table} select * from {name}.{table}")


def drop(stack: Stack, *names: str) -> None:
    for name in names:
        stack.database.rows(f"drop database if exists {name}")
