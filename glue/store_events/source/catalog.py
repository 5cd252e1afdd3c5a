"""Compares the catalog with the objects that the job reads."""

import logging
from datetime import date, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from store_events import aws
from store_events.contract import Contract
from store_events.settings import Settings
from store_events.source.objects import SourceObject

_log = logging.getLogger(__name__)

# A problem that is reported but does not fail the run. Members: `kind`, `about` and `detail`.
Finding = dict[str, Any]
_COLUMNS = 50  # Columns that a finding names.
_DAYS = 20  # Days that a finding names.


def location(bucket: str, stream: str) -> str:
    """Return the S3 URL of a stream's objects."""
    return f"s3://{bucket}/{stream}/"


def findings(settings: Settings, contract: Contract, read: list[SourceObject]) -> list[Finding]:
    """Return differences between the catalog's raw tables and the objects read, which cause queries to miss events."""
    glue, database, found = aws.client("glue", settings.region), settings.catalog_database, list[Finding]()
    for stream in contract.streams:
        name = settings.table_prefix + stream
        try:
            entry = table(glue, database, name)
            found += _differences(entry, f"{database}.{name}", location(settings.bucket, stream), contract, read)
        except (BotoCoreError, ClientError) as error:
            found.append(_finding("catalog_unreadable", f"{database}.{name}", str(error)))
    for one in found:
        _log.warning("%s: %s: %s", one["kind"], one["about"], one["detail"])
    return found


def hidden_days(bucket: str, contract: Contract, region: str, today: date) -> list[Finding]:
    """Return a finding about days with Parquet that are outside the table's projection, so that Athena omits them.

    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """
    prefix = f"{contract.prefixes['curated']}/{contract.partition_key}="
    pages = aws.client("s3", region).get_paginator("list_objects_v2")
    folders = [
        entry["Prefix"].removeprefix(prefix).rstrip("/")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        for entry in page.get("CommonPrefixes", [])
    ]
    last = (today + timedelta(contract.days_ahead)).isoformat()
    days = sorted(d for d in folders if len(d) == len(last) and not contract.first_day <= d <= last)
    if not days:
        return []
    named = ", ".join(days[:_DAYS])
    detail = (
        f"Athena shows {contract.first_day} to {last}; rows of {len(days)} other days are in MySQL and in the Parquet, "
        f"but no query of Athena returns them: {named}"
    )
    return [_finding("days_outside_projection", f"s3://{bucket}/{prefix}", detail)]


def table(glue: Any, database: str, name: str) -> dict[str, Any] | None:
    """Return a table of the catalog as GetTable returns it, or None if it does not exist."""
    try:
        found: dict[str, Any] = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return None
    return found


def _differences(
    entry: dict[str, Any] | None, about: str, place: str, contract: Contract, read: list[SourceObject]
) -> list[Finding]:
    if entry is None:
        if not any(one.name.startswith(place) for one in read):
            return []
        return [_finding("catalog_table_missing", about, f"the catalog has no table for {place}: run the crawler")]
    storage, found = entry.get("StorageDescriptor", {}), []
    if storage.get("Location", "").rstrip("/") != place.rstrip("/"):
        found.append(
            _finding(
                "catalog_location", about, f"its location is {storage.get('Location', '')!r}, the job reads {place}"
            )
        )
    known = {f.name for f in contract.fields} | {contract.partition_key}
    columns = [c["Name"] for c in (*storage.get("Columns", []), *entry.get("PartitionKeys", []))]
    more = sorted({c for c in columns if c not in known})
    if more:
        found.append(
            _finding(
                "catalog_columns", about, f"the contract lacks {len(more)} columns: {', '.join(more[:_COLUMNS])!r}"
            )
        )
    return found


def _finding(kind: str, about: str, detail: str) -> Finding:
    return {"kind": kind, "about": about, "detail": detail}
