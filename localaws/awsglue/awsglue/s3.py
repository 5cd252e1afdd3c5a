"""The objects under an S3 path."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import boto3


@dataclass(frozen=True)
class S3Object:
    """`modified` is in seconds since 1970; `version` changes whenever the object is written."""

    uri: str
    modified: float
    version: str


def list_objects(path: str) -> Iterator[S3Object]:
    """All objects that are not empty, of the folder or object s3://bucket/key."""
    url = urlsplit(path)
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=url.netloc, Prefix=url.path.lstrip("/")):
        for entry in page.get("Contents", []):
            if entry["Size"] == 0:
                continue
            modified = entry["LastModified"].timestamp()
            yield S3Object(f"s3://{url.netloc}/{entry['Key']}", modified, f"{modified} {entry['ETag']}")
