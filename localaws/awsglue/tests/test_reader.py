"""Reading from S3 over HTTP."""

import gzip
import uuid
from typing import Any

import boto3
import pytest
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.job import Job
from testsupport import bookmarks


@pytest.fixture
def bucket(spark: SparkSession) -> Any:
    name = f"lines-{uuid.uuid4().hex[:12]}"
    return boto3.resource("s3").create_bucket(Bucket=name)


def read(spark: SparkSession, bucket: Any, option: str = "job-bookmark-disable") -> list[tuple[str, str, str]]:
    context = GlueContext(spark.sparkContext)
    job = Job(context)
    job.init("job", {"job_bookmark_option": option})
    frame = context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"s3://{bucket.name}/in/"], "recurse": True},
        format="csv",
        format_options={"separator": "\u0001", "quoteChar": -1, "withHeader": False, "attachFilename": "name"},
        transformation_ctx="in",
    )
    rows = [tuple(row) for row in frame.toDF().collect()]
    job.commit()
    return sorted(rows, key=str)


def test_lines_as_they_are(spark: SparkSession, bucket: Any) -> None:
    bucket.put_object(Key="in/dt=2024-05-01/a b+%41.json", Body=b'{"a":"x,y"}\n "q\n\x01\x01z\x01\n\n')
    bucket.put_object(Key="in/deep/er/b.json.gz", Body=gzip.compress(b"zipped\nno end"))
    bucket.put_object(Key="in/empty.json", Body=b"")
    bucket.put_object(Key="elsewhere/c.json", Body=b"not read")
    a, b = f"s3://{bucket.name}/in/dt=2024-05-01/a b+%41.json", f"s3://{bucket.name}/in/deep/er/b.json.gz"
    assert read(spark, bucket) == sorted(
        [
            *[('{"a":"x,y"}', None, a), (' "q', None, a), ("", "\x01z\x01", a), ("", None, a)],
            *[("zipped", None, b), ("no end", None, b)],
        ],
        key=str,
    )


def test_nothing_there(spark: SparkSession, bucket: Any) -> None:
    context = GlueContext(spark.sparkContext)
    options = {"paths": [f"s3://{bucket.name}/in/"], "recurse": True}
    frame = context.create_dynamic_frame.from_options("s3", options, "csv", {"quoteChar": -1})
    assert frame.count() == 0
    assert frame.toDF().columns == []


def test_increments(spark: SparkSession, bucket: Any, bookmark: bookmarks.Server) -> None:
    bucket.put_object(Key="in/a", Body=b"a")
    assert [row[0] for row in read(spark, bucket, "job-bookmark-enable")] == ["a"]
    bucket.put_object(Key="in/b", Body=b"b")
    assert [row[0] for row in read(spark, bucket, "job-bookmark-pause")] == ["b"]
    assert [row[0] for row in read(spark, bucket, "job-bookmark-enable")] == ["b"]
    assert read(spark, bucket, "job-bookmark-enable") == []
    assert [row[0] for row in read(spark, bucket)] == ["a", "b"]


@pytest.mark.parametrize(
    ("kind", "form", "options"), [("jdbc", "csv", {}), ("s3", "json", {}), ("s3", "csv", {"quoteChar": '"'})]
)
def test_what_it_does_not_offer_is_refused(spark: SparkSession, kind: str, form: str, options: dict[str, Any]) -> None:
    reader = GlueContext(spark.sparkContext).create_dynamic_frame
    with pytest.raises(NotImplementedError):
        reader.from_options(kind, {"paths": [], "recurse": True}, form, {"quoteChar": -1, **options})
