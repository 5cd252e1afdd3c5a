"""Mutants: the job with one of its protections disabled, by patching libraries. The harness must catch each."""

import functools
import os
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.client
import pymysql.connections
import pymysql.cursors

_connection = pymysql.connections.Connection


def disabled() -> str:
    """Return the protection that is disabled, or "". It is in a file because workers outlive histories."""
    path = os.environ.get("STORE_EVENTS_FAULTS_MUTANT")
    return Path(path).read_text().strip() if path and Path(path).exists() else ""


def _without_table_key(sql: str) -> str:
    if not sql.startswith("create table") or "etl_" in sql.split("(")[0]:
        return sql
    return re.sub(r", unique key event \([^)]*\)", "", sql)


def _without_ledger_key(sql: str) -> str:
    if not sql.startswith("create table") or "etl_" not in sql.split("(")[0]:
        return sql
    return re.sub(r", primary key \([^)]*\)", "", sql).replace(" primary key", "")


def _without_lock(sql: str) -> str:
    _skip("store_events.mysql.lock.Lock", "check")
    return re.sub(r"get_lock\([^)]*\)", "1", sql)


def _without_recovery(sql: str) -> str:
    return sql.replace("parquet_at is null", "parquet_at is null and false")


def _without_reading_again(sql: str) -> str:
    return sql.replace("one.run_number - 1", "one.run_number")  # No run has a gap before it.


def _without_deletion(sql: str) -> str:
    return f"{sql} where false" if re.fullmatch(r"delete from etl_\w+", sql) else sql


def _without_bucket(sql: str) -> str:
    return sql.replace("outcome, bucket, target_table from", "outcome, null, target_table from")


def _without_restored_parquet(sql: str) -> str:
    _skip("store_events.export.parquet", "restore")
    return sql


_REWRITES: dict[str, Callable[[str], str]] = {
    "table key": _without_table_key,
    "ledger key": _without_ledger_key,
    "lock": _without_lock,
    "parquet recovery": _without_recovery,
    "reading again after a restore": _without_reading_again,
    "ledger of each table": _without_deletion,
    "ledger of one bucket": _without_bucket,
    "Parquet of each table": _without_restored_parquet,
}
PROTECTIONS = (*_REWRITES, "transaction", "quarantine first")


@functools.cache
def _skip(owner: str, name: str) -> None:
    """Skip calls of a function of the job while the present protection is disabled.

    The import is late because the job may not be loaded before it starts.
    """
    protection, place = disabled(), pkgutil.resolve_name(owner)
    inner = getattr(place, name)

    @functools.wraps(inner)
    def unless_disabled(*args: Any, **options: Any) -> None:
        if disabled() != protection:
            inner(*args, **options)

    setattr(place, name, unless_disabled)


def install() -> None:
    _rewrite_statements()
    _commit_each_statement()
    _quarantine_last()


def _rewrite_statements() -> None:
    inner = _connection.query

    @functools.wraps(inner)
    def query(self: Any, sql: Any, *args: Any, **options: Any) -> Any:
        rewrite = _REWRITES.get(disabled())
        if rewrite and isinstance(sql, str):
            sql = rewrite(sql)
        return inner(self, sql, *args, **options)

    _connection.query = query


def _commit_each_statement() -> None:
    inner = _connection.query

    @functools.wraps(inner)
    def query(self: Any, sql: Any, *args: Any, **options: Any) -> Any:
        result = inner(self, sql, *args, **options)
        if disabled() == "transaction" and sql == "show count(*) warnings":  # Follows each load.
            warnings = self._result
            inner(self, "commit")
            self._result = warnings
        return result

    _connection.query = query


_late: list[Callable[[], Any]] = []
_due: list[Callable[[], Any]] = []


def _quarantine_last() -> None:
    """Delay writes to the quarantine until the statement after the transaction's commit."""
    call, commit, inner = botocore.client.BaseClient._make_api_call, _connection.commit, _connection.query

    @functools.wraps(call)
    def late_call(self: Any, operation: str, values: dict[str, Any]) -> Any:
        if disabled() != "quarantine first" or operation != "PutObject" or not values["Key"].startswith("quarantine/"):
            return call(self, operation, values)
        body = values["Body"]
        kept = {**values, "Body": body if isinstance(body, bytes) else body.read()}
        _late.append(lambda: call(self, operation, kept))
        return {}

    @functools.wraps(commit)
    def late_commit(self: Any) -> None:
        commit(self)
        _due.extend(_late)
        _late.clear()

    @functools.wraps(inner)
    def query(self: Any, *args: Any, **options: Any) -> Any:
        while _due:
            _due.pop(0)()
        return inner(self, *args, **options)

    botocore.client.BaseClient._make_api_call = late_call
    _connection.commit = late_commit
    _connection.query = query
