"""Whose a ledger is: of one bucket and one table, which the last run's row names.

The bucket has marks of the last run: by them another bucket is told from one that has replaced the ledger's.
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

# Ends of the marks' keys. They are two, as earlier releases take no more than a mark has.
BEGUN, ENDED = ".json", ".ended.json"


class OtherBucketError(Exception):
    """The ledger is that of a stack with another bucket."""


@dataclass(frozen=True)
class Mark:
    """A run that may have written Parquet, and the ledger that gave it its number.

    A ledger keeps its id when it is restored. A new one, and one whose rows are gone, gets another.
    """

    ledger: str
    number: int


@dataclass(frozen=True)
class LastRun:
    """The last run that the ledger knows, how it ended, and what it loaded from, and into: None if an earlier release
    did.
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
    """Raise OtherBucketError if the ledger is that of another stack, unless the bucket has the mark of its last run."""
    # The last column that `tables.ensure` adds: a run that died between two of them must not lock out later ones.
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
    """Return whether the last run loaded into another table, so that this one may lack rows of the ledger."""
    if last is None:
        return False
    # The ledger of a table has another id than that of the table before, unless both had rows then.
    unlike = mark is not None and mark.ledger != last.mark.ledger
    return last.table != to.target.table and (last.table is not None or unlike)


def left_table(connection: Connection, to: Destination, last: LastRun | None) -> str | None:
    """Return the other table that runs have loaded into since a run that loaded into this table succeeded, None if
    there is none. A run that died may have changed the table, but neither reported that nor restored all Parquet.
    """
    if last is None or (last.table == to.target.table and last.outcome == "succeeded"):
        return None  # As nearly always, without a look at the whole history.
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
    """Return what a run reports if it loads another table than the runs before."""
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
    """Replace the marks of all other tables by marks that no ledger has, with the number of this run: the Parquet is no
    longer theirs, even in a database that is restored to a point where the last run had loaded into one of them.
    """
    pages = aws.client("s3", to.region).get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=to.bucket, Prefix=_folder(to)):
        for key in (entry["Key"] for entry in page.get("Contents", [])):
            if key != _key(to, BEGUN) and key.endswith(BEGUN) and not key.endswith(ENDED):
                _write(to, key, Mark(uuid.uuid4().hex, number))


def _write(to: Destination, key: str, mark: Mark) -> None:
    aws.client("s3", to.region).put_object(Bucket=to.bucket, Key=key, Body=json.dumps(asdict(mark)).encode())
