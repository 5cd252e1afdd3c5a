"""What a run reports to CloudWatch at its end."""

import logging
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from store_events.contract import Contract
from store_events.settings import Settings

_log = logging.getLogger(__name__)


def try_to_put(contract: Contract, settings: Settings, unread: int) -> None:
    """Report how many objects the run could not read, by its job. A run does not fail, or wait long, for a metric."""
    data = {
        "MetricName": contract.metrics["unread"],
        "Dimensions": [{"Name": "JobName", "Value": settings.job}],
        "Value": unread,
        "Unit": "Count",
    }
    try:
        _client(settings.region).put_metric_data(Namespace=contract.metrics["namespace"], MetricData=[data])
    except (BotoCoreError, ClientError) as error:
        _log.warning("the metric %s was not stored: %s", contract.metrics["unread"], error)


@cache
def _client(region: str) -> Any:
    patience = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})
    return boto3.client("cloudwatch", region_name=region, config=patience)
