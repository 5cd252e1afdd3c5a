"""Load new store events from S3 into MySQL and Parquet, once each: a Glue 5.1 job.

The same file runs on AWS Glue and, with the awsglue package of local/, on one machine.
"""

import json
import logging
import sys

from pyspark.context import SparkContext

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from store_events import aws, contract, settings
from store_events.contract import Contract
from store_events.database import Target
from store_events.run import run

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
    given = _options(argv, declared)
    chosen = settings.Settings(
        run_id=args["JOB_RUN_ID"],
        catalog_database=args[names["sourceDatabase"]],
        bucket=args[names["sourceBucket"]],
        table_prefix=args[names["tablePrefix"]],
        target=Target(args[names["secretArn"]], args[names["targetTable"]], _authorities(given, declared)),
        job=args["JOB_NAME"],
        **settings.optional(declared, given),
    )
    summary = run(glue_context, declared, chosen)
    job.commit()
    sys.stdout.write(SUMMARY + json.dumps(summary) + "\n")


def _options(argv: list[str], declared: Contract) -> dict[str, str]:
    """Those of the contract's options that are given; Glue's function knows required arguments only."""
    names = [n for n in declared.options.values() if any(a == f"--{n}" or a.startswith(f"--{n}=") for a in argv)]
    resolved: dict[str, str] = getResolvedOptions(argv, names) if names else {}
    return {name: resolved[name] for name in names}


def _authorities(given: dict[str, str], declared: Contract) -> str | None:
    """The PEM text that is at the s3://bucket/key of the option, if it is given."""
    url = given.get(declared.options["authorities"])
    if url is None:
        return None
    bucket, _, key = url.removeprefix("s3://").partition("/")
    body: bytes = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()


if __name__ == "__main__":
    main(sys.argv)
