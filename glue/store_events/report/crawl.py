"""Starts the crawler when a run has read what the catalog lacks: a stream's table, a day, or a field.

Queries of the raw tables miss such events until a crawl; the job itself does not need the catalog. What a crawl was
started for is kept beside the bookmarks, so that something the crawler cannot add costs one crawl a day, not one a run.
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

_AGAIN_S = 86_400
_PAGE = 1000  # Partitions that Glue looks up in one request.
_NAMED = 20


def start_if_due(settings: Settings, contract: Contract, state: RunState, profile: Profile) -> list[Finding]:
    """Start the crawler if it could add something; return what was done as findings. A run does not fail for it."""
    if not settings.crawler or not state.todo:
        return []
    try:
        return _start(settings, contract, _lacking(settings, contract, state, profile))
    except Exception as error:
        _log.exception("the crawler was not started")
        return [{"kind": "crawl_not_started", "about": settings.crawler, "detail": str(error)}]


def _start(settings: Settings, contract: Contract, lacking: list[str]) -> list[Finding]:
    key, now = f"{contract.prefixes['bookmarks']}/{settings.job}/crawl.json", time.time()
    asked = {what: at for what, at in _asked(settings, key).items() if at > now - _AGAIN_S}
    due = [what for what in lacking if what not in asked]
    if not due:
        return []
    glue = aws.client("glue", settings.region)
    try:
        glue.start_crawler(Name=settings.crawler)
    except glue.exceptions.CrawlerRunningException:
        # It may have passed these objects already, so the next run asks again.
        _log.info("the crawler %s is running", settings.crawler)
        return []
    body = json.dumps(asked | dict.fromkeys(due, now)).encode()
    aws.client("s3", settings.region).put_object(Bucket=settings.bucket, Key=key, Body=body)
    named = ", ".join(due[:_NAMED])
    _log.info("the crawler %s is started for %s", settings.crawler, named)
    return [{"kind": "crawl_started", "about": settings.crawler, "detail": f"the catalog lacks {named}"}]


def _asked(settings: Settings, key: str) -> dict[str, float]:
    """Return what a crawl was started for, with the time."""
    found: dict[str, float] | None = aws.read_json(settings.region, settings.bucket, key)
    return found or {}


def _lacking(settings: Settings, contract: Contract, state: RunState, profile: Profile) -> list[str]:
    """Return what the run has read and the catalog lacks. A table at another place is for people to look at: it counts
    as complete.
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
            found += [f"{stream} of {day}" for day in _days_lacking(settings, table["Name"], days)]
    if columns:
        found += [f"the field {name!a}" for name in sorted(profile.names) if name.lower() not in columns]
    return found


def _days_lacking(settings: Settings, table: str, days: set[str]) -> list[str]:
    glue, wanted, known = aws.client("glue", settings.region), sorted(days), set[str]()
    for first in range(0, len(wanted), _PAGE):
        # Partitions that do not exist are in the answer's UnprocessedKeys.
        page = [{"Values": [day]} for day in wanted[first : first + _PAGE]]
        answer = glue.batch_get_partition(DatabaseName=settings.catalog_database, TableName=table, PartitionsToGet=page)
        known |= {p["Values"][0] for p in answer["Partitions"]}
    return [day for day in wanted if day not in known]
