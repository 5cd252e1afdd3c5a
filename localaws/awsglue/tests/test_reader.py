"""Reading from S3, with and without the catalog, and with bookmarks."""

import gzip
import io
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue_testing import bookmarks

JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"


@dataclass
class World:
    """A bucket and a catalog database of the same name."""

    spark: SparkSession
    name: str = field(default_factory=lambda: f"w-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        boto3.client("s3").create_bucket(Bucket=self.name)
        boto3.client("glue").create_database(DatabaseInput={"Name": self.name})

    def put(self, key: str, *records: dict[str, Any]) -> None:
        self.put_bytes(key, b"".join(json.dumps(record).encode() + b"\n" for record in records))

    def put_bytes(self, key: str, body: bytes) -> None:
        boto3.client("s3").put_object(Bucket=self.name, Key=key, Body=body)

    def path(self, folder: str) -> str:
        return f"s3://{self.name}/{folder}"

    def table(self, name: str, folder: str, kind: str = "json", keys: str = "", **more: Any) -> None:
        storage = {"Location": self.path(folder), "Columns": more.pop("columns", []), **more.pop("storage", {})}
        boto3.client("glue").create_table(
            DatabaseName=self.name,
            TableInput={
                "Name": name,
                "StorageDescriptor": storage,
                "PartitionKeys": [{"Name": key, "Type": t} for key, t in (k.split(":") for k in keys.split())],
                "Parameters": {"classification": kind, **more},
            },
        )

    def partition(self, table: str, folder: str, *values: str) -> None:
        boto3.client("glue").create_partition(
            DatabaseName=self.name,
            TableName=table,
            PartitionInput={"Values": values, "StorageDescriptor": {"Location": self.path(folder)}},
        )

    def run(self, option: str = "job-bookmark-disable") -> tuple[GlueContext, Job]:
        context = GlueContext(self.spark.sparkContext)
        job = Job(context)
        job.init("job", {"job_bookmark_option": option})
        return context, job

    def catalog(self, table: str, **options: Any) -> DynamicFrame:
        return self.run()[0].create_dynamic_frame.from_catalog(database=self.name, table_name=table, **options)


def rows(frame: DynamicFrame) -> list[dict[str, Any]]:
    return sorted((row.asDict(recursive=True) for row in frame.toDF().collect()), key=str)


@pytest.fixture
def world(spark: SparkSession) -> Iterator[World]:
    yield World(spark)


def test_json_of_a_folder(world: World) -> None:
    world.put("in/a b+%41*[1]{2}.json", {"n": 1, "at": {"x": "y"}})
    world.put_bytes("in/deep/er/b.json.gz", gzip.compress(b'{"n": 2}\n{"n": 3}'))
    world.put_bytes("in/empty.json", b"")
    for hidden in ("in/_SUCCESS", "in/.tmp/c.json", "inside/c.json"):
        world.put(hidden, {"n": 9})
    read = world.run()[0].create_dynamic_frame.from_options
    frame = read("s3", {"paths": [world.path("in")], "recurse": True}, "json", {"attachFilename": "name"})
    assert sorted(((row["n"], row["at"], row["name"]) for row in rows(frame)), key=str) == [
        (1, {"x": "y"}, world.path("in/a b+%41*[1]{2}.json")),
        (2, None, world.path("in/deep/er/b.json.gz")),
        (3, None, world.path("in/deep/er/b.json.gz")),
    ]
    flat = read("s3", {"paths": [world.path("in/")]}, "json")
    assert [row["n"] for row in rows(flat)] == [1]
    kept = read("s3", {"paths": [world.path("in/")], "recurse": True, "exclusions": '["**/deep/**"]'}, "json")
    assert [row["n"] for row in rows(kept)] == [1]


@pytest.mark.parametrize(
    ("options", "body", "expected"),
    [
        ({"withHeader": True}, b'a,b\n1,"x,y"\n', [{"a": "1", "b": "x,y"}]),
        ({}, b"1,2\n3,4\n", [{"col0": "1", "col1": "2"}, {"col0": "3", "col1": "4"}]),
        ({"separator": ";", "quoteChar": -1}, b'"q;2\n', [{"col0": '"q', "col1": "2"}]),
    ],
)
def test_csv(world: World, options: dict[str, Any], body: bytes, expected: list[dict[str, Any]]) -> None:
    world.put_bytes("in/a.csv", body)
    frame = world.run()[0].create_dynamic_frame.from_options("s3", {"paths": [world.path("in/")]}, "csv", options)
    assert rows(frame) == expected


def test_parquet(world: World) -> None:
    for i, table in enumerate([pa.table({"n": [1]}), pa.table({"n": [2], "more": ["x"]})]):
        body = io.BytesIO()
        pq.write_table(table, body)
        world.put_bytes(f"in/{i}.parquet", body.getvalue())
    frame = world.run()[0].create_dynamic_frame.from_options("s3", {"paths": [world.path("in/")]}, "parquet")
    assert rows(frame) == [{"n": 1, "more": None}, {"n": 2, "more": "x"}]


def test_partitions_of_a_table(world: World) -> None:
    world.table("t", "t/", keys="day:string hour:int")
    for day, hour, folder in (("2024-05-01", "1", "t/day=2024-05-01/hour=1/"), ("2024-05-02", "2", "elsewhere/")):
        world.partition("t", folder, day, hour)
        world.put(f"{folder}a.json", {"n": int(hour), "day": "not of the record"})
    world.put("t/day=2024-05-03/hour=3/a.json", {"n": 3})  # This folder is not in the catalog.
    first = {"n": 1, "day": "2024-05-01", "hour": 1}
    assert rows(world.catalog("t")) == [first, {"n": 2, "day": "2024-05-02", "hour": 2}]
    assert rows(world.catalog("t", push_down_predicate="day < '2024-05-02' and hour >= 1")) == [first]
    assert world.catalog("t", push_down_predicate="hour = 7").count() == 0
    world.partition("t", "t/odd/", "2024-05-04", "__HIVE_DEFAULT_PARTITION__")
    world.put("t/odd/a.json", {"n": 4})
    odd = {"n": 4, "day": "2024-05-04", "hour": None}
    assert rows(world.catalog("t", push_down_predicate="hour is null")) == [odd]


def test_table_of_csv_has_the_names_and_types_of_the_catalog(world: World) -> None:
    columns = [{"Name": "id", "Type": "bigint"}, {"Name": "price", "Type": "decimal(5,2)"}]
    storage = {"SerdeInfo": {"Parameters": {"field.delim": "|"}}}
    world.table("t", "t/", "csv", columns=columns, storage=storage, **{"skip.header.line.count": "1"})
    world.put_bytes("t/a.csv", b"ID|PRICE\n7|1.50\nx|12345.6\n")
    frame = world.catalog("t")
    assert [(f.name, f.dataType.simpleString()) for f in frame.schema()] == [
        ("id", "bigint"),
        ("price", "decimal(5,2)"),
    ]
    assert [(row["id"], str(row["price"])) for row in rows(frame)] == [(7, "1.50"), (None, "None")]


def test_format_from_the_serializer_and_exclusions_of_the_crawler(world: World) -> None:
    serde = {"SerdeInfo": {"SerializationLibrary": JSON_SERDE}}
    world.table("t", "t/", "", storage=serde, exclusions=json.dumps([world.path("t/old/**")]))
    world.put("t/a.json", {"n": 1})
    world.put("t/old/b.json", {"n": 2})
    assert rows(world.catalog("t")) == [{"n": 1}]


def test_second_run_reads_only_new_objects(world: World, bookmark: bookmarks.Server) -> None:
    world.table("t", "t/", keys="day:string")
    world.partition("t", "t/day=1/", "1")

    def run(option: str) -> list[int]:
        context, job = world.run(option)
        frame = context.create_dynamic_frame.from_catalog(
            database=world.name, table_name="t", transformation_ctx="source"
        )
        numbers = [row["n"] for row in rows(frame)]
        job.commit()
        return numbers

    world.put("t/day=1/a.json", {"n": 1})
    assert run("job-bookmark-enable") == [1]
    world.put("t/day=1/b.json", {"n": 2})
    world.partition("t", "t/day=2/", "2")
    world.put("t/day=2/a.json", {"n": 3})
    assert run("job-bookmark-pause") == [2, 3]
    assert run("job-bookmark-enable") == [2, 3]
    assert run("job-bookmark-enable") == []
    assert run("job-bookmark-disable") == [1, 2, 3]


def test_no_objects(world: World) -> None:
    world.table("t", "t/")
    frame = world.catalog("t")
    assert frame.count() == 0
    assert frame.toDF().columns == []


def test_unsupported_options_are_errors(world: World) -> None:
    read = world.run()[0].create_dynamic_frame
    paths = {"paths": [world.path("in/")]}
    with pytest.raises(NotImplementedError, match="only s3"):
        read.from_options("mysql", {"dbtable": "t"})
    with pytest.raises(NotImplementedError, match="only json, csv, parquet"):
        read.from_options("s3", paths, "xml")
    with pytest.raises(NotImplementedError, match="jsonPath"):
        read.from_options("s3", paths, "json", {"jsonPath": "$.a"})
    with pytest.raises(ValueError, match="required"):
        read.from_catalog(database=world.name)
    boto3.client("glue").create_table(
        DatabaseName=world.name,
        TableInput={"Name": "jdbc", "StorageDescriptor": {"Location": "sales.t"}},
    )
    with pytest.raises(ValueError, match="must be on S3"):
        world.catalog("jdbc")
