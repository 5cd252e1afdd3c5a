"""Writing to S3, read back with a different engine than the one that wrote it."""

import io
import json
import uuid
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame


@pytest.fixture
def bucket(spark: SparkSession) -> Any:
    return boto3.resource("s3").create_bucket(Bucket=f"out-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def context(spark: SparkSession) -> GlueContext:
    return GlueContext(spark)


def frame(context: GlueContext) -> DynamicFrame:
    data = context.spark_session.createDataFrame([(1, "a"), (2, "b")], "n int, kind string")
    return DynamicFrame.fromDF(data, context, "data")


def objects(bucket: Any) -> dict[str, bytes]:
    return {o.key: o.get()["Body"].read() for o in bucket.objects.all()}


def test_json_is_appended(context: GlueContext, bucket: Any) -> None:
    for _ in range(2):
        context.write_dynamic_frame.from_options(
            frame=frame(context).coalesce(1),
            connection_type="s3",
            connection_options={"path": f"s3://{bucket.name}/out/", "partitionKeys": ["kind"]},
            format="json",
        )
    found = objects(bucket)
    assert len(found) == 4
    assert all(key.startswith(("out/kind=a/", "out/kind=b/")) for key in found), "no marker object"
    assert sorted(json.loads(body)["n"] for body in found.values()) == [1, 1, 2, 2]


@pytest.mark.parametrize("connection", [("s3", "parquet"), ("s3", "glueparquet"), ("parquet", None)])
def test_parquet(context: GlueContext, bucket: Any, connection: tuple[str, str | None]) -> None:
    kind, name = connection
    path = {"path": f"s3://{bucket.name}/out"}
    context.write_dynamic_frame_from_options(frame(context).repartition(1), kind, path, name, {"compression": "gzip"})
    [body] = objects(bucket).values()
    assert pq.read_table(io.BytesIO(body)).to_pylist() == [{"n": 1, "kind": "a"}, {"n": 2, "kind": "b"}]


def test_csv(context: GlueContext, bucket: Any) -> None:
    path = {"path": f"s3://{bucket.name}/out"}
    context.write_dynamic_frame.from_options(frame(context).coalesce(1), "s3", path, "csv", {"separator": "|"})
    assert list(objects(bucket).values()) == [b"n|kind\n1|a\n2|b\n"]


def test_frame_is_written_to_the_location_of_a_table(context: GlueContext, bucket: Any) -> None:
    glue = boto3.client("glue")
    glue.create_database(DatabaseInput={"Name": bucket.name})
    glue.create_table(
        DatabaseName=bucket.name,
        TableInput={
            "Name": "t",
            "StorageDescriptor": {"Location": f"s3://{bucket.name}/t/"},
            "PartitionKeys": [{"Name": "kind", "Type": "string"}],
            "Parameters": {"classification": "json"},
        },
    )
    context.write_dynamic_frame.from_catalog(frame(context), database=bucket.name, table_name="t")
    assert sorted(key.rsplit("/", 1)[0] for key in objects(bucket)) == ["t/kind=a", "t/kind=b"]


def test_frame_without_rows_writes_nothing(context: GlueContext, bucket: Any) -> None:
    path = {"path": f"s3://{bucket.name}/out"}
    for empty in (DynamicFrame(None, context), frame(context).filter(lambda record: record["n"] > 2)):
        context.write_dynamic_frame.from_options(empty, "s3", path, "parquet")
    assert objects(bucket) == {}
