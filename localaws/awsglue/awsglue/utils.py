"""Job arguments.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

import argparse
from typing import NoReturn

import pyspark

# Glue 5.1 accepts unambiguous prefixes of option names, as argparse does. Glue 6.0 only does if the script enables it:
# https://github.com/awslabs/aws-glue-libs/blob/master/awsglue/utils.py
_ABBREVIATES = pyspark.__version__ < "4"
_GLUE_ARGUMENTS = ["JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "TempDir"]
_BOOKMARK_OPTIONS = ["job-bookmark-enable", "job-bookmark-disable", "job-bookmark-pause"]


class GlueArgumentError(Exception):
    """An argument is missing or has a value that is not allowed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str], allow_abbrev: bool = _ABBREVIATES) -> dict[str, str]:
    """Return the values of `--<option>` for all options, which are required, and of Glue's arguments that are set.

    `args` is sys.argv. `allow_abbrev` accepts unambiguous prefixes of names. Raise GlueArgumentError.
    """
    parser = _Parser(allow_abbrev=allow_abbrev, add_help=False)
    parser.add_argument("--job-bookmark-option", choices=_BOOKMARK_OPTIONS, default="job-bookmark-disable")
    for name in dict.fromkeys([*options, *_GLUE_ARGUMENTS]):
        parser.add_argument(f"--{name}", dest=name, required=name in options)
    parsed, _ = parser.parse_known_args(args[1:])
    return {name: value for name, value in vars(parsed).items() if value is not None}
