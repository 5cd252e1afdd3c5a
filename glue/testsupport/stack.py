"""The parts of a deployed stack that the job uses."""

import gzip
import json
import tempfile
import uuid
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import duckdb
from pyspark.sql import SparkSession

from awsglue.context import GlueContext
from awsglue.job import Job
from store_events.contract import Contract
from store_events.contract import load as load_contract
from store_events.job import run
from store_events.settings import Settings, Target
from testsupport import bookmarks, dbserver
from testsupport.emulator import REGION

TABLES = ("sales_txns_tbl", "etl_batches", "etl_objects", "etl_runs", "etl_collisions")


@cache
def client(service: str) -> Any:
    """Return a client that all tests share, apart from those of the job. Creating one takes longer than its calls."""
    return boto3.client(service, region_name=REGION)


@dataclass
class Stack:
    spark: SparkSession
    database: dbserver.Server
    bookmark: bookmarks.Server
    settings: Settings
    runs: int = 0
    s3: Any = field(default_factory=lambda: client("s3"))

    @classmethod
    def create(cls, spark: SparkSession, database: dbserver.Server, bookmark: bookmarks.Server) -> "Stack":
        name = f"events-{uuid.uuid4().hex[:12]}"
        client("s3").create_bucket(Bucket=name)
        glue = client("glue")
        glue.create_database(DatabaseInput={"Name": name})
        for stream in load_contract().streams:
            location = {"Location": f"s3://{name}/{stream}/"}
            glue.create_table(DatabaseName=name, TableInput={"Name": f"txns_{stream}", "StorageDescriptor": location})
        value = {"username": dbserver.USER, "password": dbserver.PASSWORD, "engine": "mysql", "host": "127.0.0.1",
                 "port": database.port, "dbname": dbserver.DATABASE}  # fmt: skip
        secret = client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))
        database.rows(f"drop table if exists {', '.join(TABLES)}")
        target = Target(secret["ARN"], "sales_txns_tbl", database.ca)
        return cls(spark, database, bookmark, Settings("jr_0", name, name, "txns_", target, lock_wait_s=1))

    @property
    def bucket(self) -> str:
        return self.settings.bucket

    def put(self, key: str, lines: list[bytes]) -> str:
        """Store lines as an object, compressed if its name ends with .gz, and return its URI."""
        body = b"".join(line + b"\n" for line in lines)
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress(body) if key.endswith(".gz") else body)
        return f"s3://{self.bucket}/{key}"

    def run(self, commit: bool = True, contract: Contract | None = None, **changes: Any) -> dict[str, Any]:
        """Run the job in this process. Without `commit`, it ends before the bookmark's commit, as if it died there."""
        self.runs += 1
        context = GlueContext(self.spark.sparkContext)
        job = Job(context)
        job.init("job", {"job_bookmark_option": "job-bookmark-enable"})
        settings = replace(self.settings, run_id=f"jr_{self.runs}", **changes)
        summary = run(context, contract or load_contract(), settings)
        if commit:
            job.commit()
        return summary

    def keys(self, prefix: str) -> list[str]:
        page = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in page.get("Contents", [])]

    def quarantine(self) -> list[dict[str, Any]]:
        found = []
        for key in self.keys("quarantine/"):
            body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            found += [{**json.loads(line), "key": key} for line in body.splitlines()]
        return found

    def table(self, columns: str = "request_id") -> list[tuple[Any, ...]]:
        return self.database.rows(f"select {columns} from sales_txns_tbl order by request_id")

    def parquet(self, columns: str = "request_id") -> list[tuple[Any, ...]]:
        """Read all Parquet rows, with a different engine than the one that wrote them."""
        return sorted((row[1:] for row in self.parquet_rows(columns)), key=lambda row: str(row[0]))

    def parquet_rows(self, columns: str) -> list[tuple[Any, ...]]:
        """Read all Parquet rows, each after its object's key."""
        found = []
        with duckdb.connect() as engine, tempfile.TemporaryDirectory() as folder:
            for number, key in enumerate(self.keys("curated/")):
                file = Path(folder, f"{number}.parquet")
                file.write_bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
                rows = engine.execute(f"select {columns} from read_parquet('{file}')").fetchall()
                found += [(key, *row) for row in rows]
        return found

    def balanced(self) -> bool:
        """Report whether the ledger's counts match the table."""
        [(rows,)] = self.database.rows("select count(*) from sales_txns_tbl")
        [(new,)] = self.database.rows("select coalesce(sum(rows_new), 0) from etl_batches")
        return rows == new
