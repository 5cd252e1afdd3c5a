"""Uses AWS services like an ordinary Python program, with credentials and endpoint from the environment."""

import io
import os
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

BIG = os.urandom(12 << 20)
STRANGE = "a//b/../c d+é%2F=~*'().json"

s3 = boto3.client("s3")
s3.put_object(Bucket="events", Key="small", Body=b"small", Metadata={"of": "  two   words "})
s3.upload_fileobj(
    io.BytesIO(BIG), "events", "big", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
)
s3.put_object(Bucket="events", Key=STRANGE, Body=b"strange")
assert s3.get_object(Bucket="events", Key="big")["Body"].read() == BIG
assert s3.get_object(Bucket="events", Key="small", Range="bytes=1-2")["Body"].read() == b"ma"
assert {o["Key"] for o in s3.list_objects_v2(Bucket="events")["Contents"]} == {"small", "big", STRANGE}
assert s3.copy_object(Bucket="events", Key="copy", CopySource={"Bucket": "events", "Key": STRANGE})
s3.delete_objects(Bucket="events", Delete={"Objects": [{"Key": "copy"}]})

# By default, botocore signs URLs with version 2, which newer regions of AWS also reject.
s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
get = s3.generate_presigned_url("get_object", Params={"Bucket": "events", "Key": STRANGE})
assert urllib.request.urlopen(get).read() == b"strange"
put = s3.generate_presigned_url("put_object", Params={"Bucket": "events", "Key": "put"})
urllib.request.urlopen(urllib.request.Request(put, b"by a URL", method="PUT")).close()
assert s3.get_object(Bucket="events", Key="put")["Body"].read() == b"by a URL"
try:
    urllib.request.urlopen(urllib.request.Request(put, method="DELETE"))
    raise AssertionError("the URL is for PUT only")
except urllib.error.HTTPError as error:
    assert error.code == 403, error.code

iam = boto3.client("iam")
iam.create_role(RoleName="a", AssumeRolePolicyDocument="{}", Description="x = y")
assert iam.get_role(RoleName="a")["Role"]["RoleName"] == "a"
assert boto3.client("logs").describe_log_groups()["logGroups"] == []
assert boto3.client("lambda").list_functions()["Functions"] == []
email = boto3.client("sesv2")
email.create_email_identity(EmailIdentity="a@example.com")
assert [one["IdentityName"] for one in email.list_email_identities()["EmailIdentities"]] == ["a@example.com"]
