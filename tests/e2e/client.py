"""Runs the pipeline twice as an AWS client: invokes the producer, crawls, runs the job, queries database and Athena.

Usage: client.py OUTPUTS.json, with the environment that `storeevents local env` prints.

It uses only this environment and the stack's outputs, nothing else of this project. It prints a JSON report, and
raises an exception if a check fails.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import pymysql


class Pipeline:
    """The stack's services."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        self.out = outputs

    def client(self, service: str) -> Any:
        return boto3.client(service)

    def invoke(self, events: int) -> int:
        answer = self.client("lambda").invoke(
            FunctionName=self.out["StoreOrdersEventsProducer"],
            Payload=json.dumps({"events": events}).encode(),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        response = json.load(answer["Payload"])
        assert response["statusCode"] == 200, response
        message = json.loads(response["body"])["message"]
        assert message["status"] is True, message
        assert message["sale_evnts"] + message["inventory_evnts"] == message["tot_msgs"], message
        return int(message["tot_msgs"])

    def crawl(self) -> list[str]:
        glue, name = self.client("glue"), self.out["SaleTransactionsCrawler"]
        glue.start_crawler(Name=name)
        seen = set()
        while (crawler := glue.get_crawler(Name=name)["Crawler"])["State"] != "READY":
            seen.add(crawler["State"])
            time.sleep(0.2)
        assert seen <= {"RUNNING", "STOPPING"}, seen
        assert crawler["LastCrawl"]["Status"] == "SUCCEEDED", crawler["LastCrawl"]
        tables = glue.get_tables(DatabaseName=self.out["GlueCatalogDBForStoreEvents"])["TableList"]
        crawled = [t for t in tables if t["Name"].startswith("txns_")]
        for table in crawled:
            columns = {c["Name"] for c in table["StorageDescriptor"]["Columns"]}
            assert "request_id" in columns, (table["Name"], columns)
            assert [k["Name"] for k in table["PartitionKeys"]] == ["dt"], table["PartitionKeys"]
            partitions = glue.get_partitions(DatabaseName=table["DatabaseName"], TableName=table["Name"])["Partitions"]
            assert partitions, table["Name"]
        return sorted(t["Name"] for t in crawled)

    def job_run(self) -> int:
        glue, name = self.client("glue"), self.out["RDSIngestorETLGlueJob"]
        run_id = glue.start_job_run(JobName=name)["JobRunId"]
        while True:
            run = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
            if run["JobRunState"] not in {"STARTING", "RUNNING", "WAITING"}:
                break
            time.sleep(0.5)
        assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
        assert run["Attempt"] == 0
        return int(run["ExecutionTime"])

    def rows(self) -> int:
        secret = json.loads(
            self.client("secretsmanager").get_secret_value(SecretId=self.out["ReaderSecretArn"])["SecretString"]
        )
        connection = pymysql.connect(
            host=secret["host"],
            port=int(secret["port"]),
            user=secret["username"],
            password=secret["password"],
            database=secret["dbname"],
            ssl={"check_hostname": False, "verify_mode": "none"},
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*), count(DISTINCT request_id) FROM {self.out['TargetTable']}")
            count, distinct = cursor.fetchone()
        assert count == distinct
        return int(count)

    def parquet_rows(self) -> int:
        athena = self.client("athena")
        query = f"SELECT count(*) FROM {self.out['CuratedTable']}"
        execution = athena.start_query_execution(
            QueryString=query,
            QueryExecutionContext={"Database": self.out["GlueCatalogDBForStoreEvents"]},
            WorkGroup=self.out["AthenaWorkgroup"],
        )["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                break
            time.sleep(0.2)
        assert status["State"] == "SUCCEEDED", status
        rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
        return int(rows[1]["Data"][0]["VarCharValue"])


def main() -> None:
    [file] = sys.argv[1:]
    pipeline = Pipeline(json.loads(Path(file).read_text(encoding="utf-8")))
    before, parquet_before = pipeline.rows(), pipeline.parquet_rows()
    report: dict[str, Any] = {"rounds": []}
    for events in (50, 7):
        produced = pipeline.invoke(events)
        tables = pipeline.crawl()
        seconds = pipeline.job_run()
        rows, parquet = pipeline.rows(), pipeline.parquet_rows()
        assert produced == events, (produced, events)
        assert rows == before + produced, (before, produced, rows)
        assert parquet == parquet_before + produced, (parquet_before, produced, parquet)
        before, parquet_before = rows, parquet
        report["rounds"].append({"produced": produced, "rows": rows, "parquet": parquet, "job_seconds": seconds})
        report["tables"] = tables
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
