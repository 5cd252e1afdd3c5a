"""Limits Athena's queries to the tables of the catalog.

MiniStack passes them to DuckDB, which also runs several statements, and reads and writes this machine's files. This
module refuses statements that are not queries, as Athena refuses those that it does not support, and functions that
only DuckDB has. DuckDB itself then reads only the copies of the tables' objects.
https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

import functools
import itertools
from typing import Any

import duckdb
from ministack.core import responses
from ministack.services import athena

SUPPORTED = ("SELECT", "EXPLAIN")
# A table function of Trino with this name exists too.
SHARED = "unnest"
# For one connection. The last setting makes the others final.
SETTINGS = (
    "SET python_enable_replacements = false",
    "SET allowed_directories = {folders}",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

start = athena._start_query_execution
rewrite = athena._rewrite_data_paths
run = athena._run_duckdb


def install() -> None:
    """Make MiniStack's Athena refuse statements that reach anything but tables."""
    athena._start_query_execution = checked_start
    athena._rewrite_data_paths = confined
    athena._run_duckdb = explained_run
    # Queries read tables; a string that is an address stays one.
    athena._rewrite_s3_paths = lambda query: query


def checked_start(data: dict[str, Any]) -> Any:
    problem = refusal(data.get("QueryString", ""))
    if not problem:
        return start(data)
    code = {"AthenaErrorCode": "MALFORMED_QUERY"}
    return responses.error_response_json("InvalidRequestException", problem, 400, extra=code)


def refusal(query: str) -> str:
    """Return why Athena refuses the query, "" if it accepts it."""
    if athena._parse_ddl(query) is not None:
        return ""
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error:
        return ""  # The execution fails on it.
    if len(statements) > 1:
        return f"Only one sql statement is allowed. Got: {query}"
    if any(statement.type.name not in SUPPORTED for statement in statements):
        return "Queries of this type are not supported"
    return ""


async def confined(query: str, database: str, catalog: str | None = None) -> tuple[str, dict[str, str], list[str]]:
    """Rewrite a query's tables, and let it read only their objects."""
    check_functions(query)
    rewritten, buckets, folders = await rewrite(query, database, catalog)
    settings = "; ".join(SETTINGS).format(folders=athena._sql_list(folders))
    return f"{settings}; {rewritten}", buckets, folders


def check_functions(query: str) -> None:
    tokens = list(athena._sql_tokens(query))
    for (kind, name, *_), (_, following, *_) in itertools.pairwise(tokens):
        if kind in ("name", "qname") and following == "(" and name.lower() in table_functions():
            raise ValueError(f"FUNCTION_NOT_FOUND: Table function '{name}' not registered")


@functools.cache
def table_functions() -> frozenset[str]:
    """Return the names of DuckDB's table functions that are not also other functions."""
    with duckdb.connect(":memory:") as connection:
        named = connection.execute("SELECT function_name, function_type FROM duckdb_functions()").fetchall()
    others = {name for name, kind in named if not kind.startswith("table")}
    return frozenset(name for name, _ in named) - others - {SHARED}


async def explained_run(*query: Any) -> Any:
    try:
        return await run(*query)
    except duckdb.PermissionException as error:
        raise ValueError("TABLE_NOT_FOUND: queries read only tables of the catalog") from error
