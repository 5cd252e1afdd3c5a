"""Runs MiniStack on a socket file, with fixes.

MiniStack cannot write its state file if it contains numbers or times that an Athena query has returned, so
workgroups and named queries are lost at the next start. This module saves them in the form of Athena's API.

ListObjectVersions ignores encoding-type=url, without which keys with control characters make the response
invalid XML. S3 encodes keys in both listings:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

The IDs of AWS's managed prefix lists look like those of a customer's lists.

For other fixes see projection.py (Athena's partition projection), alarms.py (evaluation of alarms), events.py
(events and queues), machines.py (images for Graviton), polls.py (interrupted requests for messages), queries.py
(statements that Athena refuses), saving.py (saving the state periodically) and versions.py (labels of secrets'
versions).
"""

import asyncio
import datetime
import decimal
import hashlib
import logging
import os
import resource
import uuid
from typing import Any

import alarms
import confine
import events
import machines
import polls
import projection
import queries
import saving
import versions
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core import persistence
from ministack.services import ec2, s3

TEXTS = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID)
KEY_ELEMENTS = ("Key", "Prefix", "Delimiter", "KeyMarker", "NextKeyMarker")
known = persistence._json_default
list_versions = s3._list_object_versions
xml_body = s3._xml_body


def default(value: object) -> object:
    return str(value) if isinstance(value, TEXTS) else known(value)


def list_object_versions(bucket: str, params: dict[str, Any]) -> Any:
    if s3._qp(params, "encoding-type") != "url":
        return list_versions(bucket, params)
    # The handler is not interrupted by other requests.
    s3._xml_body = encoded_body
    try:
        return list_versions(bucket, params)
    finally:
        s3._xml_body = xml_body


def encoded_body(root: Any) -> bytes:
    for element in root.iter():
        if element.tag in KEY_ELEMENTS and element.text:
            element.text = s3._url_encode(element.text)
    s3.SubElement(root, "EncodingType").text = "url"
    encoded: bytes = xml_body(root)
    return encoded


def prefix_list_id(name: str) -> str:
    """Return a short ID like pl-63a5400a, as AWS's managed prefix lists have. Customers' have 17 digits."""
    return "pl-" + hashlib.sha256(name.encode()).hexdigest()[:8]


def main() -> None:
    """Serve as MiniStack's main function does, which supports only ports."""
    persistence._json_default = default
    s3._list_object_versions = list_object_versions
    ec2._aws_pl_id_from_name = prefix_list_id
    projection.install()
    queries.install()
    alarms.install()
    events.install()
    machines.install()
    versions.install()
    saving.install()
    confine.issue_sessions()
    confine.go_by_signatures()
    confine.guard_runtime_api()
    confine.forbid_listening()
    logging.getLogger("hypercorn.access").addFilter(lambda record: confine.HEALTH_PATH not in record.getMessage())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = Config()
    # Functions inherit the environment, and must not find the socket that bypasses the gateway.
    config.bind = ["unix:" + os.environ.pop("LOCALAWS_EMULATOR_SOCKET")]
    config.umask = 0o077
    config.keep_alive_timeout = 75
    asyncio.run(run(config))


async def run(config: Config) -> None:
    tasks = [asyncio.create_task(work) for work in (alarms.keep_evaluating(), saving.keep_saving())]
    try:
        await serve(polls.ending_with_clients(saving.noting), config)
    finally:
        for task in tasks:
            task.cancel()
    if saving.failures.count:
        raise SystemExit("the last state could not be saved")


if __name__ == "__main__":
    main()
