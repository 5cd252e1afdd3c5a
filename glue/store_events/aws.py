"""Clients of AWS. A process makes one for a service and region: to make it takes longer than most of its calls."""

from functools import cache
from typing import Any

import boto3


@cache
def client(service: str, region: str | None = None) -> Any:
    """A client that threads may share; without a region, of the one that the environment names."""
    return boto3.client(service, region_name=region)
