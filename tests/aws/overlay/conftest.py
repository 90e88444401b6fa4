"""A cloud of moto as it is for each module, and for each test a subnet, with moto corrected or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from vipswitch.testing.aws import AwsCloud, build, corrected_moto

from ..lan import Lan

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


@pytest.fixture(scope="module")
def cloud() -> Iterator[AwsCloud]:
    """A cloud of moto as it is."""
    with AwsCloud(corrected=False) as cloud:
        yield cloud


@pytest.fixture
def bare(cloud: AwsCloud, ec2: EC2Client) -> Lan:
    """A new subnet, seen through moto as it is."""
    return Lan(cloud, ec2, build(cloud, clients=0, together=True))


@pytest.fixture
def corrected(cloud: AwsCloud, ec2: EC2Client) -> Iterator[Lan]:
    """A new subnet, seen through the corrected moto."""
    with corrected_moto():
        yield Lan(cloud, ec2, build(cloud, clients=0, together=True))
