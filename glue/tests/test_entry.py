"""The entry script in a separate process, with the packed archive and Glue's arguments. It prints no secrets."""

import json
import os
import subprocess
import sys
import zipfile
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import s3_to_rds_ingestor
from store_events import aws, contract
from testsupport import dbserver
from testsupport.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = "STORE_EVENTS_SUMMARY "


def packed(folder: Path) -> Path:
    """Build the archive that is deployed with the job: the package with the contract."""
    archive = folder / "store_events.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for module in (ROOT / "glue" / "store_events").rglob("*.py"):
            file.write(module, module.relative_to(ROOT / "glue"))
        file.write(ROOT / "schema" / "contract.json", "store_events/contract.json")
    return archive


def start(stack: Stack, folder: Path, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    [wheel] = (ROOT / "glue" / "vendor").glob("*.whl")
    path = [packed(folder), wheel, ROOT / "localaws" / "awsglue"]
    script = folder / "s3_to_rds_ingestor.py"
    script.write_bytes((ROOT / "glue" / script.name).read_bytes())
    stack.s3.put_object(Bucket=stack.bucket, Key="scripts/ca.pem", Body=stack.database.ca.encode())
    settings = stack.settings
    arguments = {
        "JOB_NAME": "s3-to-rds-ingestor",
        "JOB_RUN_ID": "jr_entry",
        "TempDir": f"s3://{stack.bucket}/bookmarks/",
        "job-bookmark-option": "job-bookmark-enable",
        "src_db_name": settings.catalog_database,
        "src_etl_bkt": settings.bucket,
        "crawler_tbl_prefix": settings.table_prefix,
        "tgt_db_secret_arn": settings.target.secret_arn,
        "tgt_tbl_name": settings.target.table,
        "conn_name": "store-events",
        "tgt_db_ca": f"s3://{stack.bucket}/scripts/ca.pem",
        **changes,
    }
    given = [(f"--{name}", value) for name, value in arguments.items() if value is not None]
    command = [sys.executable, str(script), *chain.from_iterable(given)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    # The job takes the region from the secret's ARN. AWS_REGION is kept for the local Glue's bookmarks; boto3 does not
    # read it.
    del environment["AWS_DEFAULT_REGION"]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=300)


def test_whole_job(stack: Stack, tmp_path: Path) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [b'{"request_id":"a"}', b"bad"])
    # The job cannot get this workflow's properties, so it lists everything and reports a finding.
    done = start(stack, tmp_path, WORKFLOW_NAME="missing", WORKFLOW_RUN_ID="wr_1")
    assert done.returncode == 0, done.stderr
    [line] = [text for text in done.stdout.splitlines() if text.startswith(SUMMARY)]
    summary = json.loads(line.removeprefix(SUMMARY))
    assert (summary["run_id"], summary["rows_new"], summary["rows_quarantined"]) == ("jr_entry", 1, 1)
    assert summary["listing"] == "full"
    [finding] = [one for one in summary["findings"] if one["kind"] == "listing_unknown"]
    assert finding["about"] == "the workflow's run"
    assert "GetWorkflowRunProperties" in finding["detail"]
    assert "catalog_unreadable" not in {one["kind"] for one in summary["findings"]}
    assert stack.table() == stack.parquet() == [("a",)]
    assert stack.bookmark.version == 1
    assert dbserver.PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("response", "listing"),
    [({"RunProperties": {"listing": "feed"}}, {"listing": "feed"}), ({"RunProperties": {}}, {}), ({}, {})],
)
def test_properties_of_the_workflow_run(
    monkeypatch: pytest.MonkeyPatch, response: dict[str, Any], listing: dict[str, str]
) -> None:
    glue = mock.Mock(get_workflow_run_properties=mock.Mock(return_value=response))
    monkeypatch.setattr(aws, "client", lambda *_: glue)
    argv = ["job", "--WORKFLOW_NAME", "w", "--WORKFLOW_RUN_ID", "wr_1"]
    assert s3_to_rds_ingestor._workflow_listing(argv, contract.load(), "us-east-1") == (listing, "")
    glue.get_workflow_run_properties.assert_called_once_with(Name="w", RunId="wr_1")


def test_failure_shows_its_cause_and_saves_no_bookmark(stack: Stack, tmp_path: Path) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [b'{"request_id":"a"}'])
    stack.database.rows("create table sales_txns_tbl (request_id varchar(3) primary key)")
    done = start(stack, tmp_path)
    assert done.returncode != 0
    assert "ColumnError" in done.stderr
    assert "request_id is varchar(3)" in done.stderr
    assert dbserver.PASSWORD not in done.stdout + done.stderr
    assert stack.bookmark.version == 0


@pytest.mark.parametrize(("former", "now"), [("max_bad_share=0.1", "max_invalid_share"), ("crawler", "start_crawler")])
def test_former_name_of_an_option_is_rejected(stack: Stack, tmp_path: Path, former: str, now: str) -> None:
    done = start(stack, tmp_path, **{former: "0.1"})
    assert done.returncode != 0
    assert f"--{former.partition('=')[0]}: the option is --{now} now" in done.stderr
    assert stack.database.rows("show tables") == []


@pytest.mark.parametrize(
    ("authorities", "message"), [(None, "tgt_db_ca"), ("scripts/ca.pem", "--tgt_db_ca 'scripts/ca.pem': must be s3://")]
)
def test_database_is_not_trusted_without_authorities(
    stack: Stack, tmp_path: Path, authorities: str | None, message: str
) -> None:
    stack.put("sale_events/dt=2024-05-01/a.json", [b'{"request_id":"a"}'])
    done = start(stack, tmp_path, tgt_db_ca=authorities)
    assert done.returncode != 0
    assert message in done.stderr
    assert stack.database.rows("show tables") == []
