"""Job arguments."""

import pytest

from awsglue.utils import GlueArgumentError, getResolvedOptions


def test_named_arguments_and_glues_own() -> None:
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
        getResolvedOptions(["script.py", "--a", "1"], ["a_b"])


def test_unknown_bookmark_option() -> None:
    with pytest.raises(GlueArgumentError, match="job-bookmark-option"):
        getResolvedOptions(["script.py", "--job-bookmark-option", "on"], [])
