"""Runs MiniStack on a socket file, with what it lacks.

Its state file cannot hold the numbers and times that Athena queries return: one of
them, and the whole file is not written, so that workgroups and named queries are
lost at the next start. Here they are saved in the form that Athena's API returns.

ListObjectVersions ignores encoding-type=url, without which keys with control
characters make the answer invalid XML. S3 encodes keys in both listings:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

Athena ignores partition projection: see projection.py. Alarms are hardly evaluated: see alarms.py. Events and
queues: see events.py. Images for Graviton: see machines.py. State is saved at the end only: see saving.py.
Labels of secrets are at several versions: see versions.py.

AWS's own prefix lists have IDs that look like those of a customer's.
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
import projection
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
    # The handler runs to its end without another request in between.
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
    return xml_body(root)


def prefix_list_id(name: str) -> str:
    """The IDs of AWS's own prefix lists are short, as pl-63a5400a; customers' have 17 digits."""
    return "pl-" + hashlib.sha256(name.encode()).hexdigest()[:8]


def main() -> None:
    """Serve as MiniStack's own main function does, which knows ports only."""
    persistence._json_default = default
    s3._list_object_versions = list_object_versions
    ec2._aws_pl_id_from_name = prefix_list_id
    projection.install()
    alarms.install()
    events.install()
    machines.install()
    versions.install()
    confine.issue_sessions()
    confine.go_by_signatures()
    confine.guard_runtime_api()
    confine.forbid_listening()
    logging.getLogger("hypercorn.access").addFilter(lambda record: confine.HEALTH_PATH not in record.getMessage())
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = Config()
    # Functions inherit the environment: they find the gateway there, and not the way around it.
    config.bind = ["unix:" + os.environ.pop("LOCALAWS_EMULATOR_SOCKET")]
    config.umask = 0o077
    config.keep_alive_timeout = 75
    asyncio.run(run(config))


async def run(config: Config) -> None:
    tasks = [asyncio.create_task(work) for work in (alarms.keep_evaluating(), saving.keep_saving())]
    try:
        await serve(saving.noting, config)
    finally:
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    main()
