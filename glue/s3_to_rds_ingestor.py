"""Glue job (5.1 or 6.0) that loads each new store event from S3 into MySQL and Parquet exactly once.

The same file runs on AWS Glue and, with the awsglue package in localaws/, on one machine.
"""

import json
import logging
import sys

from botocore.exceptions import BotoCoreError, ClientError
from pyspark import SparkContext

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from store_events import aws, contract, object_body, settings
from store_events.contract import Contract
from store_events.job import run
from store_events.settings import Target

SUMMARY = "STORE_EVENTS_SUMMARY "

# Arguments of earlier releases, and the contract's names of the options that replaced them.
_RENAMED = {"--max_bad_share": "maxInvalidShare", "--crawler": "crawler"}


def main(argv: list[str]) -> None:
    """Run the job with Glue's arguments, then commit its bookmark."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for library in ("py4j", "boto3", "botocore"):
        logging.getLogger(library).setLevel(logging.WARNING)
    declared = contract.load()
    _reject_renamed(argv, declared)
    names = declared.arguments
    args = getResolvedOptions(argv, ["JOB_NAME", *names.values()])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)
    secret_arn = args[names["secretArn"]]
    region = aws.region(secret_arn)
    authorities = _authorities(args[names["authorities"]], region)
    listing, problem = _workflow_listing(argv, declared, region)
    chosen = settings.Settings(
        run_id=args["JOB_RUN_ID"],
        catalog_database=args[names["sourceDatabase"]],
        bucket=args[names["sourceBucket"]],
        table_prefix=args[names["tablePrefix"]],
        target=Target(secret_arn, args[names["targetTable"]], authorities),
        job=args["JOB_NAME"],
        listing_problem=problem,
        **settings.optional(declared, {**listing, **_options(argv, declared)}),
    )
    summary = run(glue_context, declared, chosen)
    job.commit()
    sys.stdout.write(SUMMARY + json.dumps(summary) + "\n")


def _reject_renamed(argv: list[str], declared: Contract) -> None:
    """Raise ValueError for an option's former name. Ignore other unknown arguments: Glue may have added them."""
    for argument in argv:
        name = argument.partition("=")[0]
        if name in _RENAMED:
            raise ValueError(f"{name}: the option is --{declared.options[_RENAMED[name]]} now")


def _options(argv: list[str], declared: Contract) -> dict[str, str]:
    """Return the contract's options that are set. getResolvedOptions supports only required arguments."""
    names = [n for n in declared.options.values() if any(a == f"--{n}" or a.startswith(f"--{n}=") for a in argv)]
    resolved: dict[str, str] = getResolvedOptions(argv, names) if names else {}
    return {name: resolved[name] for name in names}


def _workflow_listing(argv: list[str], declared: Contract, region: str) -> tuple[dict[str, str], str]:
    """Return the listing option that the starter set as a property of the workflow run, if any, and an error.

    If the properties cannot be read, the run lists all objects, and the second value is the reason.
    https://docs.aws.amazon.com/glue/latest/dg/workflow-run-properties-code.html
    """
    if not any(a.partition("=")[0] == "--WORKFLOW_RUN_ID" for a in argv):
        return {}, ""
    found = getResolvedOptions(argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
    name = declared.options["listing"]
    try:
        response = aws.client("glue", region).get_workflow_run_properties(
            Name=found["WORKFLOW_NAME"], RunId=found["WORKFLOW_RUN_ID"]
        )
    except (BotoCoreError, ClientError) as error:
        logging.warning("cannot read the workflow run's properties, listing all objects: %s", error)
        return {}, f"{type(error).__name__}: {error}"
    properties = response.get("RunProperties", {})  # All members of Glue's responses are optional.
    return ({name: properties[name]} if name in properties else {}), ""


def _authorities(url: str, region: str) -> str:
    """Return the PEM text at s3://bucket/key, which verifies the database's certificate."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not key:
        raise ValueError(f"--{contract.load().arguments['authorities']} {url!r}: must be s3://bucket/key of a PEM file")
    return object_body.whole(aws.client("s3", region), bucket, key).decode()


if __name__ == "__main__":
    main(sys.argv)
