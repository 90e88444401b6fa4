"""Where Route 53 is asked, and what policies call its resources, in each part of AWS; no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.providers.aws.dns_rig import NAME, VIP, A
from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.route53.provider import AwsRoute53
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Credentials, and nothing else of AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return tmp_path


def provider(folder: Path, region: str, *, fips: bool = False) -> AwsRoute53:
    settings = Route53Settings(name=NAME, zones=(ZoneId("Z1"),), region=region, fips=fips)
    return AwsRoute53(settings, VIP, StubMachine("02:00:00:00:00:01", folder, A))


@pytest.mark.parametrize(
    ("region", "fips", "url", "signed_for"),
    [
        ("eu-west-1", False, "https://route53.amazonaws.com", "us-east-1"),
        ("eu-west-1", True, "https://route53-fips.amazonaws.com", "us-east-1"),
        ("us-gov-west-1", False, "https://route53.us-gov.amazonaws.com", "us-gov-west-1"),
        ("us-gov-west-1", True, "https://route53.us-gov.amazonaws.com", "us-gov-west-1"),
        ("cn-north-1", False, "https://route53.amazonaws.com.cn", "cn-northwest-1"),
    ],
)
def test_each_partition_has_its_own_route53(
    folder: Path, region: str, url: str, signed_for: str, *, fips: bool
) -> None:
    """One endpoint for all regions of a partition, signed for the region in which it is."""
    with provider(folder, region, fips=fips)._aws.clients.route53(Asked("", "", soon())) as route53:
        assert route53.meta.endpoint_url == url
        assert route53._request_signer.region_name == signed_for


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_resources_are_named_in_their_partition(folder: Path, region: str, partition: str) -> None:
    """In the policy, and in the hint of a refusal."""
    tested = provider(folder, region)
    found = {resource for grant in tested.grants(soon()) for resource in grant.resources}
    assert found == {f"arn:{partition}:route53:::hostedzone/Z1", f"arn:{partition}:route53:::change/*"}
    asked = Asked("", "", soon(), "hostedzone/Z1")
    with tested._aws.clients.route53(asked):
        assert asked.resource == f"arn:{partition}:route53:::hostedzone/Z1"
