"""Runs MiniStack with what it lacks: its state is saved whole, and Athena applies partition projection.

Results of Athena queries hold numbers and times of DuckDB's that MiniStack's
state file does not know; one of them, and the file is not written at all, so
that workgroups and named queries are gone at the next start. Here they are
saved as the text that Athena's API answers anyway.
"""

import datetime
import decimal
import sys
import uuid

import projection
from ministack.app import main
from ministack.core import persistence
from ministack.services import athena

TEXTS = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID)
known = persistence._json_default
relation = athena._table_relation


def default(value: object) -> object:
    return str(value) if isinstance(value, TEXTS) else known(value)


def projected_relation(table: dict[str, object], files: list[str]) -> str:
    """What a query reads in place of a table."""
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    within = projection.files(table, files, now)
    return relation(table, within) if within else athena._empty_relation(table)


persistence._json_default = default
athena._table_relation = projected_relation

if __name__ == "__main__":
    sys.argv[0] = "ministack"
    sys.exit(main())
