"""Credentials are read only where they are used, and are not passed around or logged."""

import pickle
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql
import pytest
from pyspark.serializers import CloudPickleSerializer

from store_events import aws, contract, job
from store_events.load import partition
from store_events.load.batch import Plan
from store_events.mysql import database
from store_events.mysql.lock import Lock
from store_events.settings import Target
from store_events.source.objects import SourceObject
from testsupport import certificates, dbserver
from testsupport.stack import Stack, client


def plan(stack: Stack) -> Plan:
    settings = stack.settings
    return Plan(contract.load(), settings.target, Lock("l", 1, "r"), settings.bucket, settings.region, "jr",
                "2024-05-01", 1, 10)  # fmt: skip


def test_spark_gets_no_credentials(stack: Stack) -> None:
    assert dbserver.PASSWORD.encode() not in CloudPickleSerializer().dumps(partition.loader(plan(stack)))  # type: ignore[no-untyped-call]
    objects = [SourceObject("s3://b/o", 1, "v")]
    mapped = job.distribute(stack.spark, objects, 1 << 20).mapInArrow(partition.loader(plan(stack)), partition.RESULT)
    text = mapped._jdf.queryExecution().toString()
    assert "MapInArrow" in text or "PythonMapInArrow" in text
    assert dbserver.PASSWORD not in text
    assert dbserver.USER not in text


def test_password_has_no_representation(stack: Stack) -> None:
    credentials = aws.read_credentials(stack.settings.target.secret_arn)
    assert credentials.password == dbserver.PASSWORD
    assert dbserver.PASSWORD not in f"{credentials!r} {credentials}"
    assert dbserver.PASSWORD.encode() not in pickle.dumps(stack.settings.target)


def test_error_names_missing_members_of_the_secret(stack: Stack) -> None:
    client("secretsmanager").put_secret_value(SecretId=stack.settings.target.secret_arn, SecretString='{"host":"h"}')
    with pytest.raises(ValueError, match="lacks port, dbname, username, password"):
        aws.read_credentials(stack.settings.target.secret_arn)


def test_server_is_verified_and_the_connection_encrypted(stack: Stack, tmp_path: Path) -> None:
    with database.connect(stack.settings.target) as connection:
        [(_, cipher)] = database.rows(connection, "show status like 'Ssl_cipher'")
        assert cipher
    other = Target(stack.settings.target.secret_arn, "t", certificates.write(tmp_path), connect_timeout_s=0)
    with pytest.raises(pymysql.OperationalError, match="CERTIFICATE_VERIFY_FAILED"), database.connect(other):
        pass


def test_all_versions_of_python_accept_the_certificate(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's has no authority key identifier: https://docs.python.org/3.13/whatsnew/3.13.html#ssl"""
    create = ssl.create_default_context

    def of_python_3_13(**given: Any) -> ssl.SSLContext:
        context = create(**given)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    monkeypatch.setattr(ssl, "create_default_context", of_python_3_13)
    with database.connect(replace(stack.settings.target, connect_timeout_s=0)) as connection:
        assert database.rows(connection, "select 1") == [(1,)]
