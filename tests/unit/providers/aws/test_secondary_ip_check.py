"""`vipswitch check` for `aws-secondary-ip`, as far as it asks AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.providers.aws.lan import Lan, place
from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.model import NodeId, Vip
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.secondary_ip.preflight import Preflight
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp, SecondaryIpSettings
from vipswitch.providers.aws.secondary_ip.subnets import Subnets
from vipswitch.testing.aws import MetadataServer

UNTRIED = "permissions"


@pytest.fixture
def service(lan: Lan, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    """The metadata service of the first node."""
    with MetadataServer(lan.topology.instance(lan.nodes[0])) as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        yield server


def check(provider: AwsSecondaryIp) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def about(findings: list[Finding], subject: str) -> Finding:
    """The one finding about something."""
    [found] = [found for found in findings if found.subject == subject]
    return found


def not_fine(findings: list[Finding]) -> list[str]:
    """What is not, apart from the permissions, which nobody can try."""
    return [f.subject for f in findings if f.level is not Level.OK and f.subject != UNTRIED]


def test_all_is_well(lan: Lan, service: MetadataServer) -> None:
    """Who asks, where, the interface, each address, the room for it; nothing written."""
    lan.give(lan.ipv6(), 1)
    lan.cloud.journal.clear()
    findings = check(lan.provider(vip=(lan.ipv4(), lan.ipv6()), given=False))
    assert not_fine(findings) == []
    subnet = f"{lan.subnet} (10.0.1.0/24, {lan.nodes[0].subnet.ipv6_cidr})"
    assert about(findings, "AWS credentials").message.endswith("in eu-west-1")
    assert about(findings, f"network interface {lan.id(0)}").message == f"in {lan.subnet}"
    assert about(findings, "private-ip 10.0.1.50").message == f"in {subnet}, held by nobody"
    assert about(findings, str(place(lan.ipv6()))).message == f"in {subnet}, held by {lan.id(1)}"
    rooms = [found.message for found in findings if found.subject == f"room on {lan.id(0)}"]
    assert rooms == [f"has 1 of the 6 IPv{family} addresses that a t3.medium allows" for family in (4, 6)]
    assert lan.cloud.journal.writes() == ()


def test_permissions_that_cannot_be_tried_are_not_said_to_be_there(lan: Lan, service: MetadataServer) -> None:
    """EC2 has no dry run of these actions; the finding says so, and where to compare."""
    found = about(check(lan.provider()), UNTRIED)
    assert found.level is Level.WARNING
    actions = "ec2:AssignPrivateIpAddresses and ec2:UnassignPrivateIpAddresses"
    assert found.message == f"{actions} not tried: EC2 has no dry run of them"
    assert "vipswitch iam" in found.fix


def test_what_this_node_holds_needs_no_room(lan: Lan, service: MetadataServer) -> None:
    """It has it already, also when it is full."""
    for number in range(50, 55):
        lan.give(lan.ipv4(number), 0)
    findings = check(lan.provider())
    assert about(findings, "private-ip 10.0.1.50").message.endswith("held by this node")
    assert [found for found in findings if found.subject.startswith("room")] == []


def test_an_interface_that_is_full_is_an_error(lan: Lan, service: MetadataServer) -> None:
    """Found before the failover that would be refused."""
    for number in range(60, 65):
        lan.give(lan.ipv4(number), 0)
    found = about(check(lan.provider()), f"room on {lan.id(0)}")
    assert found.level is Level.ERROR
    assert found.message == "has 6 of the 6 IPv4 addresses that a t3.medium allows: no room for 1 more"


@pytest.mark.parametrize("why", ["denied", "no metadata service", "another machine's"])
def test_room_that_cannot_be_compared_is_a_warning(
    lan: Lan, service: MetadataServer, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is known: how many there are."""
    if why == "denied":
        lan.cloud.faults.deny("DescribeInstanceTypes")
    elif why == "no metadata service":
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    number = 1 if why == "another machine's" else 0
    found = about(check(lan.provider(number)), f"room on {lan.id(number)}")
    assert found.level is Level.WARNING
    assert found.message.startswith("has 1 IPv4 addresses, not compared with its limit: ")


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_an_address_outside_the_subnet_is_an_error(lan: Lan, family: str) -> None:
    """With the subnet, its ranges, and the rule."""
    far = lan.topology.vpc_cidr[2000] if family == "IPv4" else lan.topology.vpc_ipv6_cidr[500]
    found = about(check(lan.provider(vip=(far,))), f"private-ip {far}")
    assert found.level is Level.ERROR
    assert found.message == f"is outside {lan.subnet} (10.0.1.0/24, {lan.nodes[0].subnet.ipv6_cidr})"
    assert "only within its subnet, hence its zone" in found.fix
    assert "aws-route-table" in found.fix


@pytest.mark.parametrize("number", [0, 3, 255])
def test_a_reserved_address_is_an_error(lan: Lan, number: int) -> None:
    """The first four and the last."""
    found = about(check(lan.provider(vip=(lan.ipv4(number),))), f"private-ip {lan.ipv4(number)}")
    assert found.level is Level.ERROR
    assert found.message.startswith("is reserved: AWS keeps the first four addresses of subnet-")


@pytest.mark.parametrize("number", [0, 2])
def test_a_primary_address_is_an_error(lan: Lan, number: int) -> None:
    """This node's own, as well as another's."""
    own = lan.nodes[number].private_ip
    found = about(check(lan.provider(vip=(own,))), f"private-ip {own}")
    assert found.level is Level.ERROR
    assert found.message == f"is the primary address of {lan.id(number)}, which never moves"


def test_a_node_outside_the_vips_subnet_is_an_error(lan: Lan) -> None:
    """The config names the subnet, and this node's interface is in another."""
    made = lan.ec2.create_subnet(VpcId=lan.topology.vpc_id, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    findings = check(lan.provider(vip=(lan.nodes[0].subnet.cidr[50],), subnet=made))
    found = about(findings, f"network interface {lan.id(0)}")
    assert found.level is Level.ERROR
    assert found.message == f"is in {lan.subnet}, the VIP in {made}: it cannot come here"
    lan.ec2.delete_subnet(SubnetId=made)


@pytest.mark.parametrize(
    ("action", "subject"),
    [("DescribeNetworkInterfaces", "network interface"), ("DescribeSubnets", "subnet")],
)
def test_reads_are_permissions_too(lan: Lan, action: str, subject: str) -> None:
    """What may not be read cannot be verified after a takeover."""
    lan.cloud.faults.deny(action)
    findings = check(lan.provider(subnet=lan.subnet))
    denied = [found for found in findings if "permission denied" in found.message]
    assert {found.level for found in denied} == {Level.ERROR}
    assert denied[0].subject.startswith(subject)
    assert f"allow ec2:{action} on *" in denied[0].fix


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeNetworkInterfaces", "DescribeSubnets"])
def test_could_not_look_is_a_warning(lan: Lan, action: str) -> None:
    """Never fine, and no proof of anything."""
    lan.cloud.faults.throttle(None, action)
    levels = {found.level for found in check(lan.provider(subnet=lan.subnet)) if found.subject != UNTRIED}
    assert Level.WARNING in levels
    assert Level.ERROR not in levels


def test_a_subnet_that_does_not_exist_is_an_error(lan: Lan) -> None:
    """It is in the config, and nowhere else."""
    gone = "subnet-0123456789abcdef0"
    found = about(check(lan.provider(subnet=gone)), gone)
    assert found.level is Level.ERROR
    assert "does not exist" in found.message


def test_a_node_without_identity_is_an_error(lan: Lan) -> None:
    """Neither config nor cache nor metadata service says which interface this is: `up` would fail too."""
    found = about(check(lan.provider(given=False)), "network interface")
    assert found.level is Level.ERROR
    assert "node = " in found.fix


def test_without_credentials_that_is_all_there_is_to_say(lan: Lan, monkeypatch: pytest.MonkeyPatch) -> None:
    """One error, not one for everything that needs them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    [found] = check(lan.provider())
    assert found == Finding(Level.ERROR, "AWS credentials", "none found", found.fix)


def test_what_else_sets_addresses_is_warned_of(lan: Lan, tmp_path: Path) -> None:
    """Amazon Linux puts on an interface what the metadata service shows, when it looks there."""
    provider = lan.provider(subnet=lan.subnet)
    installed = tmp_path / "amazon-ec2-net-utils"
    installed.mkdir()
    look = Preflight(
        provider._aws.api,
        Subnets(provider._aws.clients),
        wanted=(lan.ipv4(),),
        subnet=lan.subnet,
        node=provider.node,
        net_utils={installed: "stop it", tmp_path / "not there": ""},
    )
    [found] = [found for found in look.findings(soon()) if found.subject == "host"]
    assert found.level is Level.WARNING
    assert str(installed) in found.message
    assert found.fix.endswith("stop it")


def test_a_tag_of_this_nodes_interface_is_looked_up(lan: Lan, service: MetadataServer) -> None:
    """A node that is named by a tag is found once, and kept."""
    lan.ec2.create_tags(Resources=[lan.id(0)], Tags=[{"Key": "vipswitch", "Value": "node"}])
    machine = StubMachine(lan.nodes[0].mac, lan.folder, NodeId("tag:vipswitch=node"))
    provider = AwsSecondaryIp(SecondaryIpSettings(), Vip("primary", (lan.ipv4(),)), machine)
    provider.discover(soon(), anew=True)
    assert provider.tags == {"tag:vipswitch=node": (lan.id(0),)}
    assert about(check(provider), f"network interface {lan.id(0)}").level is Level.OK
    lan.ec2.delete_tags(Resources=[lan.id(0)], Tags=[{"Key": "vipswitch"}])
