"""`vipswitch check` of Elastic IPs, as far as it asks AWS."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from tests.unit.providers.aws.elastic_rig import ElasticRig
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.elastic_ip.provider import AwsElasticIp

from .rig import soon
from .test_check import worst


def check(provider: AwsElasticIp) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def wrong(findings: list[Finding]) -> list[Finding]:
    """Those that are not fine, but for the addresses that this test's host cannot have."""
    return [f for f in findings if f.level is not Level.OK and "is not on this host" not in f.message]


def test_all_is_well(elastic: ElasticRig) -> None:
    """Who asks, the Elastic IPs, the interface, what they map to, the way out, the permissions."""
    provider = elastic.provider(address=elastic.public)
    elastic.give(provider.places[0], 0)
    elastic.forget()
    findings = check(provider)
    assert wrong(findings) == []
    told = {(found.subject, found.message) for found in findings}
    for number, id in enumerate(elastic.allocations):
        assert (f"Elastic IP {id}", f"is {elastic.public[number]}") in told
        assert (f"Elastic IP {id}", "ec2:AssociateAddress is permitted") in told
        assert ("private address", f"{id} maps to {elastic.private(0, 60 + number)}") in told
    assert (f"Elastic IP {elastic.allocations[0]}", "ec2:DisassociateAddress is permitted") in told
    assert any(subject == "internet gateway" and "0.0.0.0/0" in message for subject, message in told)
    assert elastic.rig.cloud.journal.writes() == ()


def test_the_primary_address_is_a_warning(elastic: ElasticRig) -> None:
    """Losing it costs the node its way to the API; the fix is a secondary one."""
    [found] = wrong(check(elastic.provider(private=(), allocations=elastic.allocations[:1])))
    assert (found.level, found.subject) == (Level.WARNING, "private address")
    assert "nor to the EC2 API" in found.message
    assert "lost for good" in found.message
    assert "secondary" in found.fix


def test_a_second_elastic_ip_without_an_address_is_an_error(elastic: ElasticRig) -> None:
    """Without a list, and with one that is too short."""
    one = (elastic.private(0), elastic.private(1), elastic.private(2))
    for private in ((), one):
        found = wrong(check(elastic.provider(private=private)))[-1]
        assert found.level is Level.ERROR
        assert elastic.allocations[1] in found.message


def test_a_list_without_this_node_is_an_error(elastic: ElasticRig) -> None:
    """It names what the interface has, and how to give it one."""
    found = wrong(check(elastic.provider(private=(elastic.private(1),))))[0]
    assert found.level is Level.ERROR
    assert str(elastic.rig.nodes[0].private_ip) in found.message
    assert found.fix.startswith("aws ec2 assign-private-ip-addresses")


def test_a_missing_elastic_ip_is_named(elastic: ElasticRig) -> None:
    """The other one is looked at all the same."""
    gone = "eipalloc-0123456789abcdef0"
    [found] = wrong(check(elastic.provider(allocations=(elastic.allocations[0], gone))))
    assert (found.level, found.subject, found.message) == (Level.ERROR, f"Elastic IP {gone}", "not found")


def test_an_address_of_other_allocations_is_an_error(elastic: ElasticRig) -> None:
    """A slip of copying: the VIP would be known by one address and move another."""
    provider = elastic.provider(
        allocations=elastic.allocations[:1], address=(elastic.public[0], IPv4Address("198.51.100.7"))
    )
    [found] = wrong(check(provider))
    assert (found.level, found.subject) == (Level.ERROR, "address 198.51.100.7")
    assert str(elastic.public[0]) in found.message


def test_an_elastic_ip_that_would_be_pushed_off_is_a_warning(elastic: ElasticRig) -> None:
    """EC2 takes it off the private address without a word."""
    provider = elastic.provider(allocations=elastic.allocations[:1])
    elastic.give(elastic.provider().places[1], 0)
    [found] = wrong(check(provider))
    assert (found.level, found.subject) == (Level.WARNING, f"private address {elastic.private(0)}")
    assert elastic.allocations[1] in found.message


def test_an_address_that_the_host_does_not_have_is_a_warning(elastic: ElasticRig) -> None:
    """EC2 assigned it, and nobody told the operating system."""
    findings = check(elastic.provider())
    missing = [found for found in findings if "is not on this host" in found.message]
    subjects = [f"private address {elastic.private(0, host)}" for host in (60, 61)]
    assert [(found.level, found.subject) for found in missing] == [(Level.WARNING, s) for s in subjects]


def test_a_subnet_without_a_way_out_is_a_warning(elastic: ElasticRig) -> None:
    """Its own route table counts."""
    ec2, table = elastic.rig.ec2, elastic.rig.topology.node_table_id
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    [gateway] = [r["GatewayId"] for r in routes if r.get("GatewayId", "").startswith("igw-")]
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    try:
        [found] = wrong(check(elastic.provider()))
    finally:
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    assert (found.level, found.subject) == (Level.WARNING, "internet gateway")
    assert f"{table} of {elastic.rig.nodes[0].subnet_id} has no route to one" in found.message


def test_a_subnet_without_a_table_of_its_own_has_the_main_one(elastic: ElasticRig) -> None:
    """Whose routes count then."""
    ec2, vpc = elastic.rig.ec2, elastic.rig.topology.vpc_id
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.200.0/24")["Subnet"]["SubnetId"]
    made = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    [main] = [t["RouteTableId"] for t in tables for a in t["Associations"] if a.get("Main")]
    findings = check(elastic.provider(given=made, private=(), allocations=elastic.allocations[:1]))
    ec2.delete_network_interface(NetworkInterfaceId=made)
    ec2.delete_subnet(SubnetId=subnet)
    assert [f"{main} of {subnet} has no route" in f.message for f in wrong(findings)] == [False, True]


def test_each_permission_is_tried(elastic: ElasticRig) -> None:
    """Found before the failover, not during it."""
    provider = elastic.provider(allocations=elastic.allocations[:1])
    elastic.give(provider.places[0], 0)
    for action in ("AssociateAddress", "DisassociateAddress", "DescribeAddresses", "DescribeRouteTables"):
        rule = elastic.rig.cloud.faults.deny(action)
        found = wrong(check(provider))[0]
        rule.disarm()
        assert found.level is Level.ERROR
        assert found.message.endswith(f"permission denied for ec2:{action}")
        assert found.fix.startswith(f"allow ec2:{action} on ")


def test_ending_anothers_association_may_be_denied(elastic: ElasticRig) -> None:
    """A policy for this node's own interface denies it, rightly: a warning."""
    provider = elastic.provider(allocations=elastic.allocations[:1])
    elastic.give(provider.places[0], 1)
    elastic.rig.cloud.faults.deny("DisassociateAddress")
    [found] = wrong(check(provider))
    assert found.level is Level.WARNING
    assert elastic.id(1) in found.message


@pytest.mark.parametrize(
    "action",
    ["GetCallerIdentity", "DescribeAddresses", "DescribeNetworkInterfaces", "DescribeRouteTables"],
)
def test_could_not_look_is_a_warning(elastic: ElasticRig, action: str) -> None:
    """Never fine, and no proof of anything."""
    provider = elastic.provider()
    elastic.rig.cloud.faults.throttle(None, action)
    assert worst(check(provider)) is Level.WARNING


def test_a_node_without_identity_is_an_error(elastic: ElasticRig) -> None:
    """Neither config nor cache nor metadata service says which interface this is: `up` would fail too."""
    [found] = wrong(check(elastic.provider(given=None)))
    assert (found.level, found.subject) == (Level.ERROR, "network interface")
    assert "node = " in found.fix


def test_without_credentials_that_is_all_there_is_to_say(
    elastic: ElasticRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error, not one for everything that needs them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    [found] = check(elastic.provider())
    assert found == Finding(Level.ERROR, "AWS credentials", "none found", found.fix)
