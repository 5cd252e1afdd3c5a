"""Load new store events from S3 into MySQL and Parquet, once each: a Glue job (5.1 or 6.0).

The same file runs on AWS Glue and, with the awsglue package of localaws/, on one machine.
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

# Arguments of earlier releases, by the contract's names of the options that they are now.
_RENAMED = {"--max_bad_share": "maxInvalidShare", "--crawler": "crawler"}


def main(argv: list[str]) -> None:
    """Run the job with Glue's arguments, and commit its bookmark last."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for library in ("py4j", "boto3", "botocore"):
        logging.getLogger(library).setLevel(logging.WARNING)
    declared = contract.load()
    _refuse_renamed(argv, declared)
    names = declared.arguments
    args = getResolvedOptions(argv, ["JOB_NAME", *names.values()])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)
    secret_arn = args[names["secretArn"]]
    region = aws.region(secret_arn)
    authorities = _authorities(args[names["authorities"]], region)
    asked, problem = of_workflow(argv, declared, region)
    chosen = settings.Settings(
        run_id=args["JOB_RUN_ID"],
        catalog_database=args[names["sourceDatabase"]],
        bucket=args[names["sourceBucket"]],
        table_prefix=args[names["tablePrefix"]],
        target=Target(secret_arn, args[names["targetTable"]], authorities),
        job=args["JOB_NAME"],
        listing_problem=problem,
        **settings.optional(declared, {**asked, **_options(argv, declared)}),
    )
    summary = run(glue_context, declared, chosen)
    job.commit()
    sys.stdout.write(SUMMARY + json.dumps(summary) + "\n")


def _refuse_renamed(argv: list[str], declared: Contract) -> None:
    """Raise for an option's former name. Other unknown arguments may be Glue's own, so they are passed over."""
    for argument in argv:
        name = argument.partition("=")[0]
        if name in _RENAMED:
            raise ValueError(f"{name}: the option is --{declared.options[_RENAMED[name]]} now")


def _options(argv: list[str], declared: Contract) -> dict[str, str]:
    """Return those of the contract's options that are given; Glue's function knows required arguments only."""
    names = [n for n in declared.options.values() if any(a == f"--{n}" or a.startswith(f"--{n}=") for a in argv)]
    resolved: dict[str, str] = getResolvedOptions(argv, names) if names else {}
    return {name: resolved[name] for name in names}


def of_workflow(argv: list[str], declared: Contract, region: str) -> tuple[dict[str, str], str]:
    """Return the kind of listing that the starter asks for, by a property of the workflow's run; nothing without one.

    Without an answer the run lists everything, as one that a clock or a user starts, and the second value says why.
    https://docs.aws.amazon.com/glue/latest/dg/workflow-run-properties-code.html
    """
    if not any(a.partition("=")[0] == "--WORKFLOW_RUN_ID" for a in argv):
        return {}, ""
    found = getResolvedOptions(argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
    name = declared.options["listing"]
    try:
        answer = aws.client("glue", region).get_workflow_run_properties(
            Name=found["WORKFLOW_NAME"], RunId=found["WORKFLOW_RUN_ID"]
        )
    except (BotoCoreError, ClientError) as error:
        logging.warning("the properties of the workflow's run are not known, so all objects are listed: %s", error)
        return {}, f"{type(error).__name__}: {error}"
    properties = answer["RunProperties"]
    return ({name: properties[name]} if name in properties else {}), ""


def _authorities(url: str, region: str) -> str:
    """Return the PEM text at s3://bucket/key. Without it the database could not be told from an impostor."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not key:
        raise ValueError(f"--{contract.load().arguments['authorities']} {url!r}: must be s3://bucket/key of a PEM file")
    return object_body.whole(aws.client("s3", region), bucket, key).decode()


if __name__ == "__main__":
    main(sys.argv)
