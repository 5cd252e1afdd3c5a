"""The database's credentials, read when they are needed and kept nowhere."""

import json
from dataclasses import dataclass, field

from store_events import aws


@dataclass(frozen=True)
class Credentials:
    """A secret as RDS writes it. The password is in no representation of it."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


def region(arn: str) -> str:
    """A secret's region, which is also that of the database and of the bucket."""
    return arn.split(":")[3]


def read(arn: str) -> Credentials:
    """The secret's current value. The ARN names its region, so that a worker needs no configuration."""
    client = aws.client("secretsmanager", region(arn))
    value = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    missing = [name for name in ("host", "port", "dbname", "username", "password") if not value.get(name)]
    if missing:
        raise ValueError(f"secret {arn} lacks {', '.join(missing)}")
    return Credentials(value["host"], int(value["port"]), value["dbname"], value["username"], value["password"])
