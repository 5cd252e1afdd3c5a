"""Lists the objects below an S3 path."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import boto3


@dataclass(frozen=True)
class S3Object:
    """An object. `modified` is in seconds since 1970, and `version` changes whenever the object is written."""

    uri: str
    modified: float
    version: str


def list_objects(path: str, recurse: bool = True, exclusions: Iterable[str] = ()) -> Iterator[S3Object]:
    """Yield the data objects of the folder or object s3://bucket/key, sorted by key.

    Like Spark, ignore empty objects, and objects whose name, or a folder below the path, begins with "_" or ".".
    `exclusions` are glob patterns of whole URIs, in Glue's syntax.
    """
    url = urlsplit(path)
    prefix = url.path.lstrip("/")
    excluded = [_pattern(glob) for glob in exclusions]
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=url.netloc, Prefix=prefix):
        for entry in page.get("Contents", []):
            below = entry["Key"].removeprefix(prefix)
            uri = f"s3://{url.netloc}/{entry['Key']}"
            if entry["Size"] == 0 or not _visible(prefix, below, recurse) or any(e.fullmatch(uri) for e in excluded):
                continue
            modified = entry["LastModified"].timestamp()
            yield S3Object(uri, modified, f"{modified} {entry['ETag']}")


def _visible(prefix: str, below: str, recurse: bool) -> bool:
    if below and prefix and not prefix.endswith("/") and not below.startswith("/"):
        return False  # A sibling with the same prefix: x2/a is not in the folder x.
    parts = [part for part in below.split("/") if part]
    return (recurse or len(parts) < 2) and not any(part.startswith(("_", ".")) for part in parts)


def _pattern(glob: str) -> re.Pattern[str]:
    """Return the regular expression for a glob pattern. "*" does not match "/", but "**" does.

    https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude
    """
    meaning = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    depth, out = 0, []
    for part in re.findall(r"\*\*|\[[^]]*\]|\\.|.", glob, re.DOTALL):
        depth += (part == "{") - (part == "}")
        if part == "," and depth == 0:
            out.append(",")
        elif part.startswith("[") and len(part) > 1:
            out.append(part.replace("[!", "[^", 1))
        elif part.startswith("\\"):
            out.append(re.escape(part[1:]))
        else:
            out.append(meaning.get(part, re.escape(part)))
    return re.compile("".join(out), re.DOTALL)
