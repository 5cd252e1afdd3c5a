"""The feed of new objects, with which the cost of a run depends only on the number of new objects.

The starter (lambda/starter) writes a file below the prefix `feed` for each batch of S3's events. A file is JSON: `keys`
are keys of objects below the streams, and `unknown` is the number of events that it could not parse. A run deletes the
files once their objects are loaded, and keeps files that name unread objects. Events can be lost, so full listings find
objects that the feed lacks.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from store_events import object_body
from store_events.contract import Contract
from store_events.source import objects
from store_events.source.objects import SourceObject

_T = TypeVar("_T")

# The most keys that are looked up one by one, with about 400 requests per second. A million would take longer than the
# job's default timeout, and each run that follows would begin again.
MOST = 200_000
_CONCURRENCY = 32  # Requests.
_MAX_DELETED = 1_000  # Keys per DeleteObjects request.
_GONE = ("404", "NoSuchKey")


class FeedError(Exception):
    """A file of the feed is unusable, so only a full listing can find the new objects."""


def files(bucket: str, contract: Contract, region: str) -> list[str]:
    """Return the keys of the feed's files, oldest first."""
    pages = _client(region).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder(contract))
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def folder(contract: Contract) -> str:
    """Return the key prefix of the feed's files."""
    return f"{contract.prefixes['feed']}/"


def keys(bucket: str, contract: Contract, region: str, files: Iterable[str]) -> set[str]:
    """Return the keys that files of the feed name. Raise FeedError if a file is invalid."""
    return {key for found in _map(lambda file: _read(bucket, contract, region, file), files) for key in found}


def naming(bucket: str, contract: Contract, region: str, files: Iterable[str], names: set[str]) -> set[str]:
    """Return the files that name at least one of the objects `names`. Ignore invalid files."""

    def matching(file: str) -> str | None:
        with suppress(FeedError):
            if any(f"s3://{bucket}/{key}" in names for key in _read(bucket, contract, region, file)):
                return file
        return None

    return {file for file in _map(matching, files) if file} if names else set()


def _read(bucket: str, contract: Contract, region: str, file: str) -> list[str]:
    try:
        body = object_body.whole(_client(region), bucket, file)
    except ClientError as error:
        raise FeedError(f"s3://{bucket}/{file}: {error}") from error
    return _parsed(f"s3://{bucket}/{file}", body, tuple(f"{stream}/" for stream in contract.streams))


def _parsed(file: str, body: bytes, streams: tuple[str, ...]) -> list[str]:
    try:
        found = json.loads(body)
        named, unknown = found["keys"], found.get("unknown", 0)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FeedError(f"{file}: not a file of the feed: {error!r}") from error
    if not isinstance(named, list) or not all(isinstance(key, str) for key in named):
        raise FeedError(f"{file}: keys is not a list of strings")
    if foreign := [key for key in named if not key.startswith(streams)]:
        raise FeedError(f"{file}: {len(foreign)} keys are not below a stream, the first is {foreign[0]!a}")
    if unknown:
        raise FeedError(f"{file}: {unknown} events could not be read")
    return named


def listed(bucket: str, region: str, keys: Iterable[str]) -> list[SourceObject]:
    """Return the current objects with these keys, with the same fields as in a listing. Omit deleted objects."""
    client = _client(region)
    return [one for one in _map(lambda key: _head(client, bucket, key), keys) if one is not None]


def _head(client: Any, bucket: str, key: str) -> SourceObject | None:
    try:
        head = client.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        # A listing includes objects that the job may not read. The task that reads them reports the error.
        page = client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        return next((objects.from_entry(bucket, entry) for entry in page if entry["Key"] == key), None)
    return objects.from_entry(bucket, {**head, "Key": key, "Size": head["ContentLength"]})


def delete(bucket: str, region: str, files: list[str]) -> None:
    """Delete files of the feed. Raise FeedError naming the first that could not be deleted."""
    for start in range(0, len(files), _MAX_DELETED):
        request = {"Objects": [{"Key": key} for key in files[start : start + _MAX_DELETED]], "Quiet": True}
        for error in _client(region).delete_objects(Bucket=bucket, Delete=request).get("Errors", []):
            raise FeedError(f"s3://{bucket}/{error['Key']} could not be deleted: {error['Code']}: {error['Message']}")


def _map(function: Callable[[str], _T], keys: Iterable[str]) -> Iterator[_T]:
    with ThreadPoolExecutor(_CONCURRENCY) as pool:
        yield from pool.map(function, keys)


@cache
def _client(region: str) -> Any:
    retries = {"mode": "standard", "total_max_attempts": 6}
    return boto3.client("s3", region_name=region, config=Config(retries=retries, max_pool_connections=_CONCURRENCY))
