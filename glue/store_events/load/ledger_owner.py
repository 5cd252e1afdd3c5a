"""The owner of a ledger: one bucket and one table, which the row of the last run names.

Marks of the last run in the bucket show whether a bucket with another name replaces the owner, or is another stack's.
"""

import json
import logging
import uuid
from dataclasses import asdict, dataclass

from store_events import aws
from store_events.contract import Contract
from store_events.export.parquet import Destination
from store_events.mysql import database, tables
from store_events.mysql.database import Connection

_log = logging.getLogger(__name__)

# Suffixes of the marks' keys. They are two objects, because earlier releases refuse a mark with more fields.
BEGUN, ENDED = ".json", ".ended.json"


class OtherBucketError(Exception):
    """The ledger belongs to a stack with another bucket."""


@dataclass(frozen=True)
class Mark:
    """A run that may have written Parquet, and the ledger that numbered it.

    A restored ledger keeps its id. A new or emptied ledger has a new id.
    """

    ledger: str
    number: int


@dataclass(frozen=True)
class LastRun:
    """The last run in the ledger with its outcome, its bucket and its table. Earlier releases did not record bucket
    and table.
    """

    mark: Mark
    outcome: str | None
    bucket: str | None
    table: str | None


def last(connection: Connection, contract: Contract) -> LastRun | None:
    columns = "ledger_id, run_number, outcome, bucket, target_table"
    found = database.rows(connection, f"select {columns} from {contract.runs_table} order by run_number desc limit 1")
    return next((LastRun(Mark(own, number), *rest) for own, number, *rest in found), None)


def refuse_other_bucket(connection: Connection, to: Destination) -> None:
    """Raise OtherBucketError if the ledger belongs to another bucket, unless this one has the mark of its last run."""
    # `tables.ensure` adds this column last: a run that died before must not lock out later runs.
    if not tables.has_column(connection, to.contract.runs_table, "target_table"):
        return
    known = last(connection, to.contract)
    if known is None or known.bucket in (None, to.bucket) or known.mark == read_mark(to, BEGUN):
        return
    mark, url = json.dumps(asdict(known.mark)), f"s3://{to.bucket}/{_key(to, BEGUN)}"
    raise OtherBucketError(
        f"{to.contract.runs_table} belongs to the stack with bucket {known.bucket}, whose last run has the number "
        f"{known.mark.number}, and this stack has bucket {to.bucket}. Two stacks cannot share a schema: set "
        f"databaseName to another one. If this bucket replaces the other one, run this command, then the job again: "
        f"echo '{mark}' | aws s3 cp - {url}"
    )


def moved(to: Destination, mark: Mark | None, last: LastRun | None) -> bool:
    """Return whether the last run loaded into another table, so that this table may lack rows of the ledger."""
    if last is None:
        return False
    # A change of the table changes the ledger's id, unless both tables had rows.
    unlike = mark is not None and mark.ledger != last.mark.ledger
    return last.table != to.target.table and (last.table is not None or unlike)


def left_table(connection: Connection, to: Destination, last: LastRun | None) -> str | None:
    """Return the other table that runs have loaded into since the last successful run with this table, or None.

    A run that died may have changed the table without reporting it or restoring all Parquet.
    """
    if last is None or (last.table == to.target.table and last.outcome == "succeeded"):
        return None  # The usual case, without a scan of the history.
    runs = to.contract.runs_table
    done = (
        f"select run_number from {runs} where target_table = %s and outcome = 'succeeded'"
        " order by run_number desc limit 1"
    )
    query = (
        f"select target_table from {runs} where target_table <> %s and run_number > coalesce(({done}), 0)"
        " order by run_number desc limit 1"
    )
    found = database.rows(connection, query, to.target.table, to.target.table)
    return next((str(table) for (table,) in found), None)


def finding(to: Destination, left: str | None) -> dict[str, str]:
    """Return the finding of a run whose table differs from that of the previous runs."""
    detail = (
        f"the runs before loaded into {left or 'another table or database'}: all objects of the bucket are loaded into"
        " this one; events of objects that are no longer there are in the former one only"
    )
    _log.warning("%s: %s", to.target.table, detail)
    return {"kind": "table_changed", "about": to.target.table, "detail": detail}


def _folder(to: Destination) -> str:
    return f"{to.contract.prefixes['bookmarks']}/ledger/"


def _key(to: Destination, suffix: str) -> str:
    return f"{_folder(to)}{to.target.table}{suffix}"


def read_mark(to: Destination, suffix: str) -> Mark | None:
    found = aws.read_json(to.region, to.bucket, _key(to, suffix))
    return None if found is None else Mark(**found)


def write_mark(to: Destination, run: Mark, suffix: str) -> None:
    _write(to, _key(to, suffix), run)


def replace_other_marks(to: Destination, number: int) -> None:
    """Invalidate the marks of all other tables: replace them by marks of an unknown ledger with this run's number.

    Otherwise a database that is restored to a point before the change of the table would match its old mark, although
    the Parquet is that of the new table.
    """
    pages = aws.client("s3", to.region).get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=to.bucket, Prefix=_folder(to)):
        for key in (entry["Key"] for entry in page.get("Contents", [])):
            if key != _key(to, BEGUN) and key.endswith(BEGUN) and not key.endswith(ENDED):
                _write(to, key, Mark(uuid.uuid4().hex, number))


def _write(to: Destination, key: str, mark: Mark) -> None:
    aws.client("s3", to.region).put_object(Bucket=to.bucket, Key=key, Body=json.dumps(asdict(mark)).encode())
