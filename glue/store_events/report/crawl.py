"""Starts the crawler if the catalog lacks a table, a day or a field of the objects that a run has read.

Queries of the raw tables miss such events until a crawl. The job itself does not need the catalog. The reasons of each
crawl are stored with the bookmarks, so that entries that the crawler cannot add cause one crawl a day, not one per run.
"""

import json
import logging
import time

from store_events import aws
from store_events.contract import Contract
from store_events.mysql.profile import Profile
from store_events.report.run_state import RunState
from store_events.settings import Settings
from store_events.source import catalog, partition_date
from store_events.source.catalog import Finding

_log = logging.getLogger(__name__)

_REPEAT_S = 86_400
_PAGE = 1000  # Partitions per request to Glue.
_NAMED = 20


def start_if_due(settings: Settings, contract: Contract, state: RunState, profile: Profile) -> list[Finding]:
    """Start the crawler if the catalog lacks something, and return findings. Errors are findings and not raised."""
    if not settings.crawler or not state.todo:
        return []
    try:
        return _start(settings, contract, _missing(settings, contract, state, profile))
    except Exception as error:
        _log.exception("cannot start the crawler")
        return [{"kind": "crawl_not_started", "about": settings.crawler, "detail": str(error)}]


def _start(settings: Settings, contract: Contract, missing: list[str]) -> list[Finding]:
    key, now = f"{contract.prefixes['bookmarks']}/{settings.job}/crawl.json", time.time()
    recent = {what: at for what, at in _previous(settings, key).items() if at > now - _REPEAT_S}
    due = [what for what in missing if what not in recent]
    if not due:
        return []
    glue = aws.client("glue", settings.region)
    try:
        glue.start_crawler(Name=settings.crawler)
    except glue.exceptions.CrawlerRunningException:
        # It may have already passed these objects, so the next run tries again.
        _log.info("the crawler %s is running", settings.crawler)
        return []
    body = json.dumps(recent | dict.fromkeys(due, now)).encode()
    aws.client("s3", settings.region).put_object(Bucket=settings.bucket, Key=key, Body=body)
    named = ", ".join(due[:_NAMED])
    _log.info("started the crawler %s for %s", settings.crawler, named)
    return [{"kind": "crawl_started", "about": settings.crawler, "detail": f"the catalog lacks {named}"}]


def _previous(settings: Settings, key: str) -> dict[str, float]:
    """Return the reasons of previous crawls, with their times."""
    found: dict[str, float] | None = aws.read_json(settings.region, settings.bucket, key)
    return found or {}


def _missing(settings: Settings, contract: Contract, state: RunState, profile: Profile) -> list[str]:
    """Return the tables, days and fields that the run has read and the catalog lacks. Ignore tables with another
    location, which a crawl does not fix.
    """
    found, columns = [], set[str]()
    for stream in contract.streams:
        place = catalog.location(settings.bucket, stream)
        names = [one.name for one in state.todo if one.name.startswith(place)]
        if not names:
            continue
        table = catalog.table(
            aws.client("glue", settings.region), settings.catalog_database, settings.table_prefix + stream
        )
        if table is None:
            found.append(f"the table of {stream}")
            continue
        storage = table.get("StorageDescriptor", {})
        if storage.get("Location", "").rstrip("/") != place.rstrip("/"):
            continue
        keys = [c["Name"] for c in table.get("PartitionKeys", [])]
        columns |= {c["Name"].lower() for c in storage.get("Columns", [])}
        if keys == [contract.partition_key]:
            days = {day for name in names if (day := partition_date.of_object(name))}
            found += [f"{stream} of {day}" for day in _missing_days(settings, table["Name"], days)]
    if columns:
        found += [f"the field {name!a}" for name in sorted(profile.names) if name.lower() not in columns]
    return found


def _missing_days(settings: Settings, table: str, days: set[str]) -> list[str]:
    glue, keys, known = aws.client("glue", settings.region), sorted(days), set[str]()
    for first in range(0, len(keys), _PAGE):
        # Partitions that do not exist are in the response's UnprocessedKeys.
        page = [{"Values": [day]} for day in keys[first : first + _PAGE]]
        response = glue.batch_get_partition(
            DatabaseName=settings.catalog_database, TableName=table, PartitionsToGet=page
        )
        known |= {p["Values"][0] for p in response.get("Partitions", [])}
    return [day for day in keys if day not in known]
