"""boto3 clients for the local AWS.

Rules: nothing of the user's environment or files has a say in them (no profile, proxy or endpoint); they
never retry, so that one call is one request. They share one session, which reads the service models once.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_sts import STSClient

_ACCESS_KEY = "AKIAVIPSWITCHTESTING"
_SECRET_KEY = "vipswitch"

# A session makes one client at a time: boto3 guide, "Multithreading with clients".
_making = threading.Lock()


def ec2(url: str, *, region: str) -> EC2Client:
    with _making:
        return _session().client("ec2", region_name=region, endpoint_url=url, config=_config())


def route53(url: str) -> Route53Client:
    """Route 53 is one for all regions and signs as us-east-1."""
    with _making:
        return _session().client("route53", region_name="us-east-1", endpoint_url=url, config=_config())


def sts(url: str, *, region: str) -> STSClient:
    with _making:
        return _session().client("sts", region_name=region, endpoint_url=url, config=_config())


@functools.cache
def _session() -> boto3.Session:
    import boto3

    return boto3.Session(_ACCESS_KEY, _SECRET_KEY)


def _config() -> Config:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1}, proxies={}, connect_timeout=5, read_timeout=20)
