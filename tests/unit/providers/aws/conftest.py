"""One cloud for each module, fresh route tables for each test, and an environment without the user's AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.aws.fixtures import cloud, ec2, topology
from tests.unit.providers.aws.dns_rig import DOMAIN, DnsRig
from tests.unit.providers.aws.elastic_rig import elastic
from tests.unit.providers.aws.lan import Lan
from tests.unit.providers.aws.rig import Rig
from vipswitch.providers.aws.route53.settings import ZoneId
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.testing.aws import REGION, AwsCloud, Topology, build, zones

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

__all__ = ["cloud", "ec2", "elastic", "topology"]


@pytest.fixture(scope="module")
def node_count() -> int:
    """One node more than take part in a move."""
    return 3


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the user's AWS, and no metadata service."""
    for name in (name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def together(cloud: AwsCloud, node_count: int) -> Topology:
    """A VPC whose nodes share a subnet."""
    return build(cloud, nodes=node_count, together=True)


@pytest.fixture
def lan(
    cloud: AwsCloud, ec2: EC2Client, together: Topology, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Lan]:
    """Its subnet, with no other addresses than the nodes' own before and after."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    cloud.journal.clear()
    lan = Lan(cloud, ec2, together, tmp_path)
    yield lan
    cloud.faults.clear()
    lan.restore()
    cloud.journal.clear()


@pytest.fixture
def rig(
    cloud: AwsCloud, ec2: EC2Client, topology: Topology, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Rig]:
    """Two new route tables; faults and journal are empty before and after."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    vpc = topology.vpc_id
    tables = [TableId(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]) for _ in range(2)]
    cloud.journal.clear()
    yield Rig(cloud, ec2, topology, tuple(tables), tmp_path)
    cloud.faults.clear()
    cloud.journal.clear()


@pytest.fixture
def dns(
    cloud: AwsCloud, topology: Topology, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[DnsRig]:
    """Two new zones of example.com; faults and journal are empty before and after."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    made = tuple(ZoneId(zones.hosted_zone(cloud, DOMAIN)) for _ in range(2))
    cloud.journal.clear()
    route53 = cloud.route53()
    yield DnsRig(cloud, route53, topology, made, tmp_path)
    route53.close()
    zones.propagate_after(cloud, 0.2)
    cloud.faults.clear()
    cloud.journal.clear()
