"""Where EC2 is asked, and what policies call its resources, in each part of AWS; no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import VIP4, StubMachine, soon
from vipswitch.model import NodeId, Vip
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.route_table.provider import AwsRouteTable
from vipswitch.providers.aws.route_table.settings import RouteTableSettings, TableId

ROLE = "arn:{partition}:iam::210987654321:role/vipswitch"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Credentials, and nothing else of AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return tmp_path


def provider(folder: Path, region: str, **settings: object) -> AwsRouteTable:
    tables = (TableId("rtb-0a1b2c3d"),)
    wanted = RouteTableSettings(route_tables=tables, region=region, **settings)  # type: ignore[arg-type]
    machine = StubMachine("02:00:00:00:00:01", folder, NodeId("eni-0a1b2c3d"))
    return AwsRouteTable(wanted, Vip("primary", (VIP4,)), machine)


@pytest.mark.parametrize(
    ("region", "fips", "url"),
    [
        ("eu-west-1", False, "https://ec2.eu-west-1.amazonaws.com"),
        ("us-east-1", True, "https://ec2-fips.us-east-1.amazonaws.com"),
        ("us-gov-west-1", False, "https://ec2.us-gov-west-1.amazonaws.com"),
        ("us-gov-west-1", True, "https://ec2.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", False, "https://ec2.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_endpoint_follows_region_and_fips(folder: Path, region: str, url: str, *, fips: bool) -> None:
    """As botocore's own data has it, for each partition."""
    with provider(folder, region, fips=fips)._aws.clients.ec2(Asked("", "", soon())) as ec2:
        assert ec2.meta.endpoint_url == url


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_hints_name_resources_in_their_partition(folder: Path, region: str, partition: str) -> None:
    """So that the line can be pasted into a policy."""
    role = ROLE.format(partition=partition)
    asked = Asked("", "", soon(), "route-table/rtb-0a1b2c3d")
    with provider(folder, region, assume_role=role)._aws.clients.ec2(asked):
        assert asked.resource == f"arn:{partition}:ec2:{region}:210987654321:route-table/rtb-0a1b2c3d"
