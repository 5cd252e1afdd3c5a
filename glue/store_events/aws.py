"""AWS clients, credentials, small JSON objects and metrics."""

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
    """Return a cached client, which threads may share. Creating a client takes longer than most of its calls."""
    return boto3.client(service, region_name=region)


@cache
def listing_client(region: str) -> Any:
    """Return an S3 client for long listings, whose CPU time is mostly botocore's parsing of timestamps."""
    session = botocore.session.get_session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_timestamp)
    return boto3.Session(botocore_session=session).client("s3", region_name=region)


def _timestamp(value: Any) -> datetime:
    """Parse a response's timestamp with datetime, which is faster, or with botocore, which supports all formats."""
    with suppress(ValueError):
        if isinstance(value, str) and value.endswith("Z"):
            return datetime.fromisoformat(value)
    parsed: datetime = parse_timestamp(value)
    return parsed


@dataclass(frozen=True)
class Credentials:
    """A database login in the JSON format of RDS. Its repr omits the password."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


def region(arn: str) -> str:
    """Return the region in an ARN. The secret, the database and the bucket are in the same region."""
    return arn.split(":")[3]


def read_credentials(secret_arn: str) -> Credentials:
    """Read the secret's current value. It is not cached, because the password rotates."""
    secrets = client("secretsmanager", region(secret_arn))
    value = json.loads(secrets.get_secret_value(SecretId=secret_arn)["SecretString"])
    missing = [name for name in ("host", "port", "dbname", "username", "password") if not value.get(name)]
    if missing:
        raise ValueError(f"secret {secret_arn} lacks {', '.join(missing)}")
    return Credentials(value["host"], int(value["port"]), value["dbname"], value["username"], value["password"])


def read_api_key(secret_arn: str) -> str:
    """Read a secret whose text is an API key. Errors do not quote it."""
    response = client("secretsmanager", region(secret_arn)).get_secret_value(SecretId=secret_arn)
    key = str(response.get("SecretString", "")).strip()
    if not key or key.startswith("{") or any(not "!" <= c <= "~" for c in key):
        raise ValueError(f"secret {secret_arn} must be the API key itself: printable ASCII without spaces, not JSON")
    return key


def read_json(region: str, bucket: str, key: str) -> Any:
    """Parse a JSON object in S3. Return None if it does not exist."""
    s3 = client("s3", region)
    try:
        body = object_body.whole(s3, bucket, key)
    except s3.exceptions.NoSuchKey:
        return None
    return json.loads(body)


def try_to_put_metrics(region: str, namespace: str, metrics: list[dict[str, Any]]) -> None:
    """Store metrics in one request with a short timeout. Log errors instead of raising them."""
    try:
        _metrics_client(region).put_metric_data(Namespace=namespace, MetricData=metrics)
    except (BotoCoreError, ClientError) as error:
        _log.warning("cannot store the run's metrics: %s", error)


@cache
def _metrics_client(region: str) -> Any:
    config = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 2})
    return boto3.client("cloudwatch", region_name=region, config=config)
