"""Runs MiniStack with what it lacks.

Its state file cannot hold the numbers and times that Athena queries return: one of
them, and the whole file is not written, so that workgroups and named queries are
lost at the next start. Here they are saved as the text that Athena's API returns.

ListObjectVersions ignores encoding-type=url, without which keys with control
characters make the answer invalid XML. S3 encodes keys in both listings:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html

Athena ignores partition projection: see projection.py.
"""

import datetime
import decimal
import sys
import uuid
from typing import Any

import projection
from ministack.app import main
from ministack.core import persistence
from ministack.services import s3

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


persistence._json_default = default
s3._list_object_versions = list_object_versions
projection.install()

if __name__ == "__main__":
    sys.argv[0] = "ministack"
    sys.exit(main())
