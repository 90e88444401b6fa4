"""`vipswitch check`, as far as it asks AWS."""

from __future__ import annotations

import pytest

from tests.unit.providers.aws.rig import VIP4, VIP6, Rig, StubMachine, soon
from vipswitch.model import Address, Vip
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.route_table.provider import AwsRouteTable

PERMITTED = "ec2:ReplaceRoute and ec2:CreateRoute are permitted"

MARKS_PERMITTED = "ec2:CreateTags and ec2:DeleteTags are permitted"


def check(provider: AwsRouteTable) -> list[Finding]:
    """All findings; each one that is not fine has a fix."""
    findings = list(provider.check(soon()))
    assert all(found.fix for found in findings if found.level is not Level.OK)
    return findings


def about(findings: list[Finding], subject: str) -> Finding:
    """The one finding about something."""
    [found] = [found for found in findings if found.subject == subject]
    return found


def worst(findings: list[Finding]) -> Level:
    levels = {found.level for found in findings}
    return next(level for level in (Level.ERROR, Level.WARNING, Level.OK) if level in levels)


def test_all_is_well(rig: Rig) -> None:
    """Who asks, where, the check, the tables, the routes, the permissions: all fine, nothing written."""
    provider = rig.provider(vip=(VIP4, VIP6))
    list(provider.prepare(rig.id(0), soon()))
    for place in provider.places:
        provider.claim(place, rig.id(0), None, soon())
    rig.cloud.journal.clear()
    findings = check(provider)
    assert worst(findings) is Level.OK
    assert about(findings, "AWS credentials").message.endswith("in eu-west-1")
    assert about(findings, "source/destination check").message == "is off"
    for table in rig.tables:
        assert about(findings, f"route table {table} 10.99.0.50/32").message == "held by this node"
        assert about(findings, f"route table {table} fd99::50/128").message == "held by this node"
    assert [found.message for found in findings].count(PERMITTED) == 2
    assert [found.message for found in findings].count(MARKS_PERMITTED) == 2
    assert rig.cloud.journal.writes() == ()


def test_before_the_first_up_there_is_no_route(rig: Rig) -> None:
    """That is fine; the check that is on is not, but `up` will mend it."""
    findings = check(rig.provider(1))
    assert about(findings, f"route table {rig.tables[0]} 10.99.0.50/32").level is Level.OK
    found = about(findings, "source/destination check")
    assert found.level is Level.WARNING
    assert "--no-source-dest-check" in found.fix


def test_a_check_that_stays_on_is_an_error(rig: Rig) -> None:
    """Nobody will switch it off, and it drops every packet."""
    findings = check(rig.provider(1, source_dest_check="leave"))
    assert about(findings, "source/destination check").level is Level.ERROR


@pytest.mark.parametrize(("number", "level"), [(1, Level.ERROR), (0, Level.WARNING)], ids=["on", "off"])
def test_a_check_that_may_not_be_switched_off(rig: Rig, number: int, level: Level) -> None:
    """An error while it is on; while it is off only a warning."""
    list(rig.provider(0).prepare(rig.id(0), soon()))
    rig.cloud.faults.deny("ModifyNetworkInterfaceAttribute")
    found = about(check(rig.provider(number)), "source/destination check")
    assert found.level is level
    assert "allow ec2:ModifyNetworkInterfaceAttribute" in found.fix


@pytest.mark.parametrize("action", ["ReplaceRoute", "CreateRoute"])
def test_each_permission_is_tried(rig: Rig, action: str) -> None:
    """Found before the failover, not during it."""
    rig.cloud.faults.deny(action)
    findings = [f for f in check(rig.provider()) if "permission denied" in f.message]
    assert {found.level for found in findings} == {Level.ERROR}
    assert {found.message for found in findings} == {f"permission denied for ec2:{action}"}
    assert all(found.fix.startswith(f"allow ec2:{action} on arn:aws:ec2:") for found in findings)


@pytest.mark.parametrize("action", ["CreateTags", "DeleteTags"])
def test_marks_are_a_matter_of_healing(rig: Rig, action: str) -> None:
    """Not permitted they are a warning: `up` and `down` go well without."""
    rig.cloud.faults.deny(action)
    found = about(check(rig.provider(vip=(VIP4, VIP6))), f"release marks on {rig.tables[0]}")
    assert found.level is Level.WARNING
    assert found.message.startswith(f"permission denied for ec2:{action}; without marks only an authority")
    assert found.fix.startswith(f"allow ec2:{action} on arn:aws:ec2:")


@pytest.mark.parametrize(
    ("action", "subject"),
    [("DescribeRouteTables", "route tables"), ("DescribeNetworkInterfaces", "network interface")],
)
def test_reads_are_permissions_too(rig: Rig, action: str, subject: str) -> None:
    """What may not be read cannot be verified after a takeover."""
    rig.cloud.faults.deny(action)
    found = about(check(rig.provider()), subject)
    assert found.level is Level.ERROR
    assert f"allow ec2:{action} on *" in found.fix


@pytest.mark.parametrize(
    "action",
    [
        "GetCallerIdentity",
        "DescribeRouteTables",
        "DescribeNetworkInterfaces",
        "ReplaceRoute",
        "CreateTags",
    ],
)
def test_could_not_look_is_a_warning(rig: Rig, action: str) -> None:
    """Never fine, and no proof of anything."""
    rig.cloud.faults.throttle(None, action)
    assert worst(check(rig.provider())) is Level.WARNING


def test_a_missing_table_is_named(rig: Rig) -> None:
    """The others are looked at all the same."""
    gone = "rtb-0123456789abcdef0"
    findings = check(rig.provider(tables=(rig.tables[0], gone)))
    assert about(findings, f"route table {gone}").level is Level.ERROR
    assert PERMITTED in {found.message for found in findings}


def test_a_table_of_another_vpc_is_an_error(rig: Rig) -> None:
    """A route to an interface of another VPC cannot exist."""
    vpc = rig.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    other = rig.ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    findings = [f for f in check(rig.provider(tables=(other,))) if f.level is Level.ERROR]
    assert [f"{vpc}, this node to {rig.topology.vpc_id}" in found.message for found in findings] == [True]


@pytest.mark.parametrize("inside", ["ipv4", "ipv6"])
def test_a_vip_inside_the_vpc_is_an_error(rig: Rig, inside: str) -> None:
    """Read off the table's own local routes; no other permission is needed."""
    network = rig.topology.vpc_cidr if inside == "ipv4" else rig.topology.vpc_ipv6_cidr
    vip: Address = network[500]
    findings = [f for f in check(rig.provider(vip=(vip,))) if "inside the VPC" in f.message]
    assert findings
    assert {found.level for found in findings} == {Level.ERROR}


def test_a_blackhole_is_a_warning(rig: Rig) -> None:
    """The holder is stopped; somebody should take over."""
    provider = rig.provider()
    rig.give(provider.places[0], 2)
    rig.ec2.stop_instances(InstanceIds=[rig.nodes[2].instance_id])
    found = about(check(provider), f"route table {rig.tables[0]} 10.99.0.50/32")
    rig.ec2.start_instances(InstanceIds=[rig.nodes[2].instance_id])
    assert found.level is Level.WARNING
    assert rig.id(2) in found.message


def test_a_node_without_identity_is_an_error(rig: Rig) -> None:
    """Neither config nor cache nor metadata service says which interface this is: `up` would fail too."""
    machine = StubMachine(rig.nodes[0].mac, rig.folder)
    settings = AwsRouteTable.Settings(route_tables=rig.tables)
    findings = check(AwsRouteTable(settings, Vip("primary", (VIP4,)), machine))
    found = about(findings, "network interface")
    assert found.level is Level.ERROR
    assert "node = " in found.fix


def test_without_credentials_that_is_all_there_is_to_say(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """One error, not one for everything that needs them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    [found] = check(rig.provider())
    assert found == Finding(Level.ERROR, "AWS credentials", "none found", found.fix)
