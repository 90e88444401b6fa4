"""Reading, claiming and preparing, as the cloud sees it."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.unit.providers.aws.rig import VIP4, VIP6, Rig, seen, soon
from vipswitch.errors import ConfigError, Conflict
from vipswitch.model import Holding

ROOT = Path(__file__).parents[4]


def test_a_takeover_is_one_write_for_each_table(rig: Rig) -> None:
    """No read before it, no second call after it."""
    for place in rig.provider().places:
        rig.give(place, 0)
    rig.cloud.journal.clear()
    provider = rig.provider(1)
    for place in provider.places:
        provider.claim(place, rig.id(1), None, soon())
    assert rig.asked() == ["ReplaceRoute"] * 2
    assert {rig.holder(place) for place in provider.places} == {rig.id(1)}


def test_the_route_is_created_where_there_is_none(rig: Rig) -> None:
    """The first `up` of a new VIP needs no preparation of the tables."""
    provider = rig.provider()
    place = provider.places[0]
    provider.claim(place, rig.id(0), None, soon())
    assert rig.asked() == ["ReplaceRoute", "CreateRoute"]
    assert rig.holder(place) == rig.id(0)


def test_a_place_seen_empty_is_only_created(rig: Rig) -> None:
    """What was seen without a holder is a compare-and-set: whoever came since is not replaced."""
    provider = rig.provider()
    place = provider.places[0]
    nobody = seen(provider, place)
    rig.give(place, 1)
    with pytest.raises(Conflict):
        provider.claim(place, rig.id(0), nobody, soon())
    assert rig.holder(place) == rig.id(1)


def test_losing_the_race_to_create_is_a_conflict(rig: Rig) -> None:
    """A route that appears between "there is none" and CreateRoute is looked at before it is replaced."""
    provider = rig.provider()
    place = provider.places[0]
    gate = rig.cloud.faults.hold("CreateRoute")
    with ThreadPoolExecutor(1) as pool:
        claim = pool.submit(provider.claim, place, rig.id(0), None, soon())
        assert gate.arrived.wait(5)
        rig.give(place, 1)
        gate.release()
        with pytest.raises(Conflict):
            claim.result()
    assert rig.holder(place) == rig.id(1)


def test_all_places_are_read_in_one_request(rig: Rig) -> None:
    """Two tables and two addresses are four places and one call."""
    provider = rig.provider(vip=(VIP4, VIP6))
    rig.give(provider.places[0], 2)
    rig.cloud.journal.clear()
    answers = provider.read(provider.places, soon())
    assert answers == {
        place: Holding(rig.id(2) if place == provider.places[0] else None) for place in answers
    }
    assert len(answers) == 4
    assert rig.asked() == ["DescribeRouteTables"]


def test_ipv6_has_routes_of_its_own(rig: Rig) -> None:
    """A dual-stack VIP is a /32 and a /128 in each table."""
    provider = rig.provider(vip=(VIP4, VIP6))
    for place in provider.places:
        provider.claim(place, rig.id(0), None, soon())
    assert {rig.holder(place) for place in provider.places} == {rig.id(0)}
    written = [call.params for call in rig.cloud.journal.writes()]
    assert {p.get("DestinationIpv6CidrBlock") for p in written} == {None, "fd99::50/128"}


def test_a_missing_table_does_not_hide_the_others(rig: Rig) -> None:
    """The table that is there is read; the other one is named."""
    provider = rig.provider(tables=(rig.tables[0], "rtb-0123456789abcdef0"))
    there, gone = provider.places
    answers = provider.read(provider.places, soon())
    assert answers[there] == Holding(None)
    wrong = answers[gone]
    assert isinstance(wrong, ConfigError)
    assert wrong.message == "route table rtb-0123456789abcdef0: not found"
    assert wrong.hint


def test_a_blackhole_is_held_by_a_stopped_node(rig: Rig) -> None:
    """A node that was stopped is still the holder, and people are told why nothing gets through."""
    provider = rig.provider()
    place = provider.places[0]
    rig.give(place, 2)
    rig.ec2.stop_instances(InstanceIds=[rig.nodes[2].instance_id])
    holding = seen(provider, place)
    rig.ec2.start_instances(InstanceIds=[rig.nodes[2].instance_id])
    assert holding.holder == rig.id(2)
    assert holding.note.startswith("blackhole")


def test_a_route_to_a_gateway_is_held_by_that_gateway(rig: Rig) -> None:
    """A route that somebody pointed elsewhere is not "nobody's"."""
    provider = rig.provider()
    place = provider.places[0]
    gateway = rig.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    rig.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=rig.topology.vpc_id)
    rig.ec2.create_route(RouteTableId=place.id, DestinationCidrBlock=f"{VIP4}/32", GatewayId=gateway)
    holding = seen(provider, place)
    rig.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=rig.topology.vpc_id)
    assert holding.holder == gateway
    assert "not a network interface" in holding.note


def test_prepare_switches_the_check_off_once(rig: Rig) -> None:
    """It is on when an interface is new; when it is off nothing is written."""
    provider = rig.provider()
    assert list(provider.prepare(rig.id(0), soon())) == []
    assert list(provider.prepare(rig.id(0), soon())) == []
    asked = rig.asked()
    assert asked.count("DescribeNetworkInterfaces") == 2
    assert asked.count("ModifyNetworkInterfaceAttribute") == 1
    found = rig.ec2.describe_network_interfaces(NetworkInterfaceIds=[rig.id(0)])["NetworkInterfaces"][0]
    assert found["SourceDestCheck"] is False


def test_prepare_leaves_the_check_when_told_to(rig: Rig) -> None:
    """Who looks after it elsewhere is not asked for the permission."""
    assert list(rig.provider(source_dest_check="leave").prepare(rig.id(1), soon())) == []
    assert rig.asked() == []


def test_prepare_that_is_not_permitted_is_one_warning(rig: Rig) -> None:
    """The takeover goes on; the warning says what to allow, on what, and how to do it by hand."""
    rig.cloud.faults.deny("ModifyNetworkInterfaceAttribute")
    [warning] = rig.provider(1).prepare(rig.id(1), soon())
    assert "permission denied for ec2:ModifyNetworkInterfaceAttribute" in warning
    assert f"network-interface/{rig.id(1)}" in warning
    assert "--no-source-dest-check" in warning


def test_dry_run_lines_are_the_requests_that_are_made(rig: Rig) -> None:
    """In the words of IAM and of the API, so that they can be looked up."""
    provider = rig.provider(vip=(VIP4, VIP6))
    first, second = rig.tables
    node = rig.id(0)
    replaces, leads = f"ec2:ReplaceRoute RouteTableId={first}", f"NetworkInterfaceId={node}"
    assert provider.calls("claim", provider.places[:2], node) == [
        f"{replaces} DestinationCidrBlock=10.99.0.50/32 {leads}",
        f"{replaces} DestinationIpv6CidrBlock=fd99::50/128 {leads}",
    ]
    assert provider.calls("read", provider.places, node) == [
        f"ec2:DescribeRouteTables Filter.route-table-id={first},{second}"
    ]
    assert len(provider.calls("prepare", [], node)) == 2
    assert provider.calls("release", provider.places, node) == []


def test_a_table_named_twice_is_one_place(rig: Rig) -> None:
    """A slip in the config does not become two writes that conflict."""
    provider = rig.provider(tables=(rig.tables[0], rig.tables[0]))
    assert len(provider.places) == 1


def test_only_writes_to_the_same_route_wait_for_each_other(rig: Rig) -> None:
    """Two tables, or two addresses in one table, are written side by side."""
    provider = rig.provider(vip=(VIP4, VIP6))
    assert len({provider.contention_key(place) for place in provider.places}) == 4
    assert provider.contention_key(provider.places[0]) == rig.provider(2).contention_key(provider.places[0])


def test_importing_the_provider_imports_no_sdk() -> None:
    """`--help` and a hook that finds the agent pay nothing for boto3."""
    code = (
        "import sys, vipswitch.providers.aws.route_table;"
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_without_the_sdk_the_remedy_is_named() -> None:
    """vipswitch was installed without its extra for AWS."""
    code = (
        "import sys; sys.modules['botocore'] = None\n"
        "from tests.unit.providers.aws.rig import *\n"
        "settings = AwsRouteTable.Settings(route_tables=(TableId('rtb-0a1b2c3d'),))\n"
        "machine = StubMachine('02:00:00:00:00:01', Path('.'), NodeId('eni-0a1b2c3d'))\n"
        "provider = AwsRouteTable(settings, Vip('primary', (VIP4,)), machine)\n"
        "[found] = provider.check(soon())\n"
        "print(found.message, found.fix)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "boto3: not installed pip install 'vipswitch[aws]'\n"
