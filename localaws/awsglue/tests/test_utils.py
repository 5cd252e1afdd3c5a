"""Job arguments."""

import pyspark
import pytest

from awsglue.utils import GlueArgumentError, getResolvedOptions


def test_named_and_reserved_arguments() -> None:
    argv = [
        "script.py",
        "--JOB_NAME",
        "j",
        "--a_b",
        "x y",
        "--other",
        "1",
        "--JOB_RUN_ID",
        "jr_1",
        "--TempDir",
        "s3://b/t/",
    ]
    assert getResolvedOptions(argv, ["JOB_NAME", "a_b"]) == {
        "JOB_NAME": "j",
        "a_b": "x y",
        "JOB_RUN_ID": "jr_1",
        "TempDir": "s3://b/t/",
        "job_bookmark_option": "job-bookmark-disable",
    }


def test_missing_argument() -> None:
    with pytest.raises(GlueArgumentError, match="--a_b"):
        getResolvedOptions(["script.py", "--c", "1"], ["a_b"])


def test_abbreviations_are_allowed_on_glue_5_1() -> None:
    argv = ["script.py", "--crawler_tbl_prefix", "raw_", "--crawler", "find"]
    prefix = "find" if pyspark.__version__ < "4" else "raw_"
    assert getResolvedOptions(argv, ["crawler_tbl_prefix"])["crawler_tbl_prefix"] == prefix
    assert getResolvedOptions(argv, ["crawler_tbl_prefix", "crawler"])["crawler_tbl_prefix"] == "raw_"


@pytest.mark.parametrize(("allowed", "prefix"), [(True, "find"), (False, "raw_")])
def test_script_may_allow_or_forbid_abbreviations(allowed: bool, prefix: str) -> None:
    argv = ["script.py", "--crawler_tbl_prefix", "raw_", "--crawler", "find"]
    assert getResolvedOptions(argv, ["crawler_tbl_prefix"], allow_abbrev=allowed)["crawler_tbl_prefix"] == prefix


def test_unknown_bookmark_option() -> None:
    with pytest.raises(GlueArgumentError, match="job-bookmark-option"):
        getResolvedOptions(["script.py", "--job-bookmark-option", "on"], [])
