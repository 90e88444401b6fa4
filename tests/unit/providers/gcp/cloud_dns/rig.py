"""What the tests of `gcp-cloud-dns` share: a cloud with a name in two zones, machines, what was read."""

from __future__ import annotations

from typing import Any

from tests.contract.gcp_cloud_dns_cloud import CloudDnsCloud
from tests.unit.providers.gcp.rig import StubMachine, soon
from vipswitch.errors import VipswitchError
from vipswitch.model import Holding
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns


def provider_on(
    cloud: CloudDnsCloud, node: str | None = "a", *, mac: str = "", **settings: Any
) -> GcpCloudDns:
    """The provider on the first node, whose config has some node's addresses, or none."""
    given = cloud.node_id(node) if node else None
    machine = StubMachine(cloud.folder, mac or cloud.nodes[0].mac, given)
    return GcpCloudDns(cloud.settings(**settings), cloud.vip, machine)


def seen(provider: GcpCloudDns, number: int = 0) -> Holding:
    """What is read of a place."""
    answer = answer_of(provider, number)
    assert isinstance(answer, Holding), answer
    return answer


def refusal(provider: GcpCloudDns, number: int = 0) -> VipswitchError:
    """Why a place could not be read."""
    answer = answer_of(provider, number)
    assert isinstance(answer, VipswitchError), answer
    return answer


def answer_of(provider: GcpCloudDns, number: int = 0) -> Holding | VipswitchError:
    """What the provider answers for a place."""
    place = provider.places[number]
    return provider.read([place], soon())[place]


def take(provider: GcpCloudDns, before: Holding | None, number: int = 0) -> None:
    """A claim of a place by this node."""
    provider.claim(provider.places[number], provider.node(soon()), before, soon())


def check(provider: GcpCloudDns) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def wrong(provider: GcpCloudDns) -> list[Finding]:
    """The findings that are not fine."""
    return [found for found in check(provider) if found.level is not Level.OK]
