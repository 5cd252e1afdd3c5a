"""The metrics that a run stores in CloudWatch at its end, for alarms and the dashboard. contract.json has the names."""

import logging
import time

from botocore.exceptions import BotoCoreError, ClientError

from store_events import aws
from store_events.contract import Contract
from store_events.load.expectations import Result
from store_events.report.run_state import RunState
from store_events.settings import Settings
from store_events.source.read_events import ARCHIVED, GONE

_log = logging.getLogger(__name__)


def try_to_put(contract: Contract, settings: Settings, state: RunState, succeeded: bool) -> None:
    """Store the metrics of a run that has ended. Log errors instead of raising them."""
    try:
        found = {**_values(contract, state, succeeded), "crawlFailed": (_crawl_failed(settings), "Count")}
        dimensions = [{"Name": contract.metrics["dimension"], "Value": settings.job}]
        data = [
            {"MetricName": contract.metrics[name], "Dimensions": dimensions, "Value": value, "Unit": unit}
            for name, (value, unit) in found.items()
            if value is not None
        ]
        aws.try_to_put_metrics(settings.region, contract.metrics["namespace"], data)
    except Exception:
        _log.exception("cannot store the run's metrics")


def _values(contract: Contract, state: RunState, succeeded: bool) -> dict[str, tuple[float | None, str]]:
    """Return value and unit by key of the contract's metrics. Unknown values are None."""
    stats = state.run.stats
    # If a run failed before it read a line, its counts are unknown and not 0.
    totals = stats.totals if state.loaded or stats.totals.get("rows_read") else {}
    unread = sum(one.reason not in (ARCHIVED, GONE) for one in state.unread)
    archived = sum(one.reason == ARCHIVED for one in state.unread)
    fields, streams = _failed(state.run.expectations)
    full = state.run.listing == contract.listings["full"]
    return {
        "succeeded": (int(succeeded), "Count"),
        "failed": (int(not succeeded), "Count"),
        "seconds": (round(time.time() - state.started, 3), "Seconds"),
        "read": (totals.get("rows_read"), "Count"),
        "new": (totals.get("rows_new"), "Count"),
        "repeated": (totals.get("rows_duplicate"), "Count"),
        "quarantined": (totals.get("rows_quarantined"), "Count"),
        "unread": (unread if state.loaded else None, "Count"),
        "archived": (archived if state.loaded else None, "Count"),
        "unknown": (stats.profile.unknown if totals else None, "Count"),
        "lag": (state.lag_s, "Seconds"),
        # A run without events does not change the state of the alarm.
        "expectations": (fields if stats.profile.events else None, "Count"),
        # A feed run does not list a stream's newest object.
        "streams": (streams if full else None, "Count"),
        "volume": (stats.volume_ratio, "None"),
    }


def _failed(results: list[Result] | None) -> tuple[int | None, int | None]:
    """Return the number of failed expectations of fields and of streams, None if they were not checked."""
    if results is None:
        return None, None
    failed = [one.of_stream for one in results if not one.met]
    return failed.count(False), failed.count(True)


def _crawl_failed(settings: Settings) -> int | None:
    """Return 1 if the last crawl failed, 0 if it succeeded, and None if that is unknown or there was none."""
    if not settings.crawler:
        return None
    try:
        crawler = aws.client("glue", settings.region).get_crawler(Name=settings.crawler)["Crawler"]
    except (BotoCoreError, ClientError) as error:
        _log.warning("cannot get the crawler's state: %s", error)
        return None
    status = crawler.get("LastCrawl", {}).get("Status")
    return int(status == "FAILED") if status else None
