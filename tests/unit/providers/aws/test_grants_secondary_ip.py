"""What `vipswitch iam` prints for `aws-secondary-ip` is enough, and nothing of it can be spared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.contract.aws_secondary_ip_cloud import DualStackCloud
from vipswitch.model import NodeId
from vipswitch.provider import NODE, Grant
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp
from vipswitch.providers.aws.secondary_ip.settings import SecondaryIpSettings
from vipswitch.testing.aws import REGION, MetadataServer
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Named

from .minimal import Operation, changes, checked_well, ended_well, flaws, read_well
from .rig import StubMachine, soon

NODE_KEY = "AKIAIOSFODNN7EXAMPLE"
ROLE = "arn:aws:iam::123456789012:role/vipswitch"


class Subject:
    """A dual-stack VIP of the nodes a and c, its operations, and the key that the nodes sign with."""

    def __init__(self, folder: Path) -> None:
        self.cloud = DualStackCloud(folder)
        self.bed = Bed(self.cloud, folder)
        self.nodes = (self.cloud.interfaces["a"], self.cloud.interfaces["c"])

    def provider(self, *, given: str | None = None, **settings: object) -> AwsSecondaryIp:
        """As on node a."""
        wanted = SecondaryIpSettings(region=REGION, endpoint_url=self.cloud.aws.url, **settings)  # type: ignore[arg-type]
        if given:
            machine = StubMachine(self.cloud.topology.nodes[0].mac, self.cloud.folder, NodeId(given))
            return AwsSecondaryIp(wanted, self.cloud.vip, machine)
        return AwsSecondaryIp(wanted, self.cloud.vip, Named(self.nodes[0], self.cloud.folder))

    def operations(self) -> dict[str, Operation]:
        """Each brings about what it needs."""
        return {
            "up on a held place": lambda: self._up("a", held_by="c"),
            "status": lambda: read_well(self.bed.status("a")),
            "down": self._down,
            "up on a free place": lambda: self._up("c", held_by=None),
            "up on the other node's": lambda: self._up("c", held_by="a"),
            "check": self._check,
        }

    def flaws(self, grants: Sequence[Grant], *only: str) -> dict[str, Sequence[str]]:
        return flaws(self.cloud.aws, grants, self.operations(), access_key=NODE_KEY, only=only)

    def _up(self, node: str, *, held_by: str | None) -> Sequence[str]:
        self._give(held_by)
        self.bed.hosts[node].addresses.clear()
        return ended_well(self.bed.up(node))

    def _down(self) -> Sequence[str]:
        self._give("a")
        return ended_well(self.bed.down("a"))

    def _check(self) -> Sequence[str]:
        self._give(None)
        return checked_well(self.provider())

    def _give(self, node: str | None) -> None:
        """Past the provider, with credentials that no policy restricts."""
        for place in self.cloud.truth():
            self.cloud.empty(place)
            if node is not None and place.address is not None:
                self.cloud.assign(place.address, self.cloud.interfaces[node])


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    """Credentials of the nodes, which are not those of the tests' own clients; a's metadata service."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", NODE_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    made = Subject(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.cloud.aws.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    with MetadataServer(made.cloud.topology.instance(made.cloud.topology.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        yield made
    made.cloud.close()


FAILS = {
    "without ec2:DescribeNetworkInterfaces": ("status",),
    "without ec2:DescribeSubnets": ("check",),
    "without ec2:DescribeInstanceTypes": ("check",),
    "without ec2:AssignPrivateIpAddresses": ("up on a free place",),
    "without ec2:UnassignPrivateIpAddresses": ("down",),
    "without ec2:AssignIpv6Addresses": ("up on a free place",),
    "without ec2:UnassignIpv6Addresses": ("up on a held place",),
    "ReadAddresses: ": ("status",),
    "MovePrivateIpAddresses: ": ("up on a held place", "up on a free place"),
    "MoveIpv6Addresses: ": ("up on a held place", "up on a free place"),
}


@pytest.mark.parametrize("narrowed_by", ["id", pytest.param("subnet", marks=pytest.mark.full)])
def test_the_policy_is_enough_and_nothing_of_it_can_be_spared(subject: Subject, narrowed_by: str) -> None:
    """Each action, resource and condition: without it a user's operation fails, which is named above."""
    nodes = subject.nodes if narrowed_by == "id" else ()
    grants = subject.provider(nodes=nodes).grants(soon())
    assert subject.flaws(grants) == {}
    for change in changes(grants):
        wanted = next(operations for words, operations in FAILS.items() if words in change.what)
        assert subject.flaws(change.grants, *wanted), change.what


def test_what_no_vip_needs_is_not_granted(subject: Subject) -> None:
    """An IPv4 VIP gets no right to move IPv6 addresses, and no VIP a write on everything."""
    vip = type(subject.cloud.vip)("primary", subject.cloud.vip.addresses[1:])
    settings = SecondaryIpSettings(region=REGION, endpoint_url=subject.cloud.aws.url)
    provider = AwsSecondaryIp(settings, vip, Named(subject.nodes[0], subject.cloud.folder))
    reading, moving = provider.grants(soon())
    assert all(action.startswith("ec2:Describe") for action in reading.actions)
    assert moving.actions == ("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")
    assert moving.resources == (f"arn:aws:ec2:{REGION}:123456789012:network-interface/*",)
    assert [condition.key for condition in moving.conditions] == ["ec2:Subnet"]


def test_a_role_moves_the_addresses_and_the_node_finds_itself(subject: Subject) -> None:
    """With a role to assume, a node that is named by a tag needs one right of its own beside that role's."""
    interface = subject.nodes[0]
    tag = {"Key": "vipswitch", "Value": "node"}
    subject.cloud.aws.ec2().create_tags(Resources=[interface], Tags=[tag])
    provider = subject.provider(given="tag:vipswitch=node", assume_role=ROLE, nodes=subject.nodes)
    grants = provider.grants(soon())
    assert {grant.purpose for grant in grants if grant.principal == NODE} == {"FindInterface", "AssumeRole"}
    subject.bed.switches["a"].provider = provider
    found = {"find": lambda: _found(provider), "up": lambda: subject._up("a", held_by="c")}
    assert flaws(subject.cloud.aws, grants, found, access_key=NODE_KEY) == {}
    without = [grant for grant in grants if grant.purpose != "FindInterface"]
    assert list(flaws(subject.cloud.aws, without, found, access_key=NODE_KEY)) == ["find"]


def _found(provider: AwsSecondaryIp) -> Sequence[str]:
    try:
        provider.discover(soon(), anew=True)
    except Exception as wrong:  # told, not raised: an operation says what went wrong
        return [str(wrong)]
    return []
