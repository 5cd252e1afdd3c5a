"""Clients of AWS, credentials, small JSON objects, and the metrics of a run."""

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import parse_timestamp

from store_events import object_body

_log = logging.getLogger(__name__)


@cache
def client(service: str, region: str) -> Any:
    """Return a client that threads may share.

    Cached because creating a client takes longer than most of its calls.
    """
    return boto3.client(service, region_name=region)


@cache
def listing_client(region: str) -> Any:
    """Return a client of S3 for long listings: most of their processor time is botocore's reading of times."""
    own = botocore.session.get_session()
    own.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
    return boto3.Session(botocore_session=own).client("s3", region_name=region)


def _timestamp(value: Any) -> datetime:
    """Return a time in an answer; botocore knows all forms, and datetime the usual one."""
    with suppress(ValueError):
        if isinstance(value, str) and value.endswith("Z"):
            return datetime.fromisoformat(value)
    parsed: datetime = parse_timestamp(value)
    return parsed


@dataclass(frozen=True)
class Credentials:
    """A secret as RDS writes it. The password is not in its repr."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


def region(arn: str) -> str:
    """Return the region in an ARN. The secret's is also that of the database and the bucket."""
    return arn.split(":")[3]


def read_credentials(secret_arn: str) -> Credentials:
    """Read the secret's current value; it is not cached, because it rotates."""
    secrets = client("secretsmanager", region(secret_arn))
    value = json.loads(secrets.get_secret_value(SecretId=secret_arn)["SecretString"])
    missing = [name for name in ("host", "port", "dbname", "username", "password") if not value.get(name)]
    if missing:
        raise ValueError(f"secret {secret_arn} lacks {', '.join(missing)}")
    return Credentials(value["host"], int(value["port"]), value["dbname"], value["username"], value["password"])


def read_api_key(secret_arn: str) -> str:
    """Read a secret whose text is an API key. The error does not have the text."""
    answer = client("secretsmanager", region(secret_arn)).get_secret_value(SecretId=secret_arn)
    key = str(answer.get("SecretString", "")).strip()
    if not key or key.startswith("{") or any(not "!" <= c <= "~" for c in key):
        raise ValueError(f"secret {secret_arn} must be the API key itself: printable ASCII without spaces, not JSON")
    return key


def read_json(region: str, bucket: str, key: str) -> Any:
    """Read an object that is JSON; return None if it does not exist."""
    s3 = client("s3", region)
    try:
        body = object_body.whole(s3, bucket, key)
    except s3.exceptions.NoSuchKey:
        return None
    return json.loads(body)


def try_to_put_metrics(region: str, namespace: str, metrics: list[dict[str, Any]]) -> None:
    """Store metrics in one request. A run neither fails nor waits long for them."""
    try:
        _metrics_client(region).put_metric_data(Namespace=namespace, MetricData=metrics)
    except (BotoCoreError, ClientError) as error:
        _log.warning("the metrics of the run were not stored: %s", error)


@cache
def _metrics_client(region: str) -> Any:
    patience = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})
    return boto3.client("cloudwatch", region_name=region, config=patience)
