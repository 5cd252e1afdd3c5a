"""Makes boto3 calls without client-side validation, and prints the errors.

Reads a JSON list of [service, method, parameters] from standard input, and writes a list of [code, message], with empty
strings for calls that succeed.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, REGION = sys.argv[1:]
CONFIG = Config(parameter_validation=False, retries={"max_attempts": 1}, s3={"addressing_style": "path"})


def call(service: str, method: str, parameters: dict[str, object]) -> tuple[str, str]:
    client = boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=REGION,
        config=CONFIG,
    )
    # A handler validates bucket names even with parameter_validation=False.
    client.meta.events.unregister("before-parameter-build.s3", __import__("botocore").handlers.validate_bucket_name)
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    return "", ""


json.dump([call(*each) for each in json.load(sys.stdin)], sys.stdout)
