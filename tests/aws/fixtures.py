"""Fixtures for tests against the local AWS, to be imported by a conftest.

`node_count` may be overridden there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from vipswitch.testing.aws import AwsCloud, Topology, build

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


@pytest.fixture(scope="module")
def cloud() -> Iterator[AwsCloud]:
    """A corrected cloud, used by all tests of a module."""
    with AwsCloud() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def node_count() -> int:
    """How many nodes the topology has."""
    return 2


@pytest.fixture(scope="module")
def topology(cloud: AwsCloud, node_count: int) -> Topology:
    """A VPC with nodes in the module's cloud."""
    return build(cloud, nodes=node_count)


@pytest.fixture(scope="module")
def ec2(cloud: AwsCloud) -> Iterator[EC2Client]:
    """A client that looks at the module's cloud, with warm connections."""
    client = cloud.ec2()
    yield client
    client.close()
