"""Load new store events from S3 into MySQL and Parquet, once each: a Glue 5.1 job.

The same file runs on AWS Glue and, with the awsglue package of local/, on one machine.
"""

import json
import logging
import sys

import boto3
from pyspark.context import SparkContext

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from store_events import contract
from store_events.database import Target
from store_events.run import Settings, run

SUMMARY = "STORE_EVENTS_SUMMARY "


def main(argv: list[str]) -> None:
    """Run the job with Glue's arguments, and commit its bookmark last."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for library in ("py4j", "boto3", "botocore"):
        logging.getLogger(library).setLevel(logging.WARNING)
    declared = contract.load()
    names = declared.arguments
    args = getResolvedOptions(argv, ["JOB_NAME", *names.values()])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)
    settings = Settings(
        run_id=args["JOB_RUN_ID"],
        catalog_database=args[names["sourceDatabase"]],
        bucket=args[names["sourceBucket"]],
        table_prefix=args[names["tablePrefix"]],
        target=Target(args[names["secretArn"]], args[names["targetTable"]], _authorities(argv)),
    )
    summary = run(glue_context, declared, settings)
    job.commit()
    sys.stdout.write(SUMMARY + json.dumps(summary) + "\n")


def _authorities(argv: list[str]) -> str | None:
    """The PEM text at --tgt_db_ca s3://bucket/key, if that argument is given."""
    name = "tgt_db_ca"
    if f"--{name}" not in argv:
        return None
    bucket, _, key = getResolvedOptions(argv, [name])[name].removeprefix("s3://").partition("/")
    body: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()


if __name__ == "__main__":
    main(sys.argv)
