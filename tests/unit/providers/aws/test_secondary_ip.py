"""`aws-secondary-ip`: reading, claiming and releasing IPv4 addresses, as the cloud sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.providers.aws.lan import Lan, place, seen
from tests.unit.providers.aws.rig import StubMachine, soon
from vipswitch.errors import ConfigError, Conflict, Unavailable
from vipswitch.model import Holding, NodeId, Vip
from vipswitch.providers.aws.secondary_ip.provider import AwsSecondaryIp, SecondaryIpSettings
from vipswitch.settings import parse

ROOT = Path(__file__).parents[4]


def test_a_takeover_is_one_request(lan: Lan) -> None:
    """No read before it, no second call after it; the old holder has the address no more."""
    lan.give(lan.ipv4(), 0)
    lan.cloud.journal.clear()
    lan.provider(1).claim(place(lan.ipv4()), lan.id(1), None, soon())
    assert lan.asked() == ["AssignPrivateIpAddresses"]
    assert lan.holder(lan.ipv4()) == lan.id(1)


def test_an_order_writes_each_address_once_and_reads_once(lan: Lan) -> None:
    """The whole of a takeover of two addresses: two writes, one after the other, and one read of both."""
    bed = lan.bed(lan.ipv4(50), lan.ipv4(51))
    for address in bed.vip.addresses:
        lan.give(address, 2)
    bed.switches["a"].provider.read([], bed.deadline())  # which asks for the subnet
    lan.cloud.journal.clear()
    assert bed.up("a").errors == ()
    assert lan.asked() == ["AssignPrivateIpAddresses"] * 2 + ["DescribeNetworkInterfaces"]
    assert len(lan.cloud.journal.writes()) == 2
    assert bed.holders() == {lan.id(0)}


def test_a_place_seen_empty_is_not_taken_from_anybody(lan: Lan) -> None:
    """What was seen without a holder is a compare-and-set: whoever came since is not replaced."""
    provider = lan.provider()
    nobody = seen(provider, lan.ipv4())
    lan.give(lan.ipv4(), 1)
    with pytest.raises(Conflict):
        provider.claim(place(lan.ipv4()), lan.id(0), nobody, soon())
    assert lan.holder(lan.ipv4()) == lan.id(1)


@pytest.mark.parametrize("family", [4, 6])
def test_a_restore_is_one_request_that_moves_nothing(lan: Lan, family: int) -> None:
    """What is free is assigned; whoever has come since keeps it."""
    address = lan.ipv4() if family == 4 else lan.ipv6()
    provider = lan.provider()
    nobody = seen(provider, address)
    lan.cloud.journal.clear()
    provider.restore(place(address), lan.id(0), nobody, soon())
    assert lan.asked() == ["AssignPrivateIpAddresses" if family == 4 else "AssignIpv6Addresses"]
    assert lan.holder(address) == lan.id(0)
    with pytest.raises(Conflict):
        lan.provider(1).restore(place(address), lan.id(1), nobody, soon())
    assert lan.holder(address) == lan.id(0)


def test_a_restore_of_what_another_was_seen_to_hold_asks_nothing(lan: Lan) -> None:
    """A repair takes nothing from anybody."""
    lan.give(lan.ipv4(), 1)
    provider = lan.provider()
    theirs = seen(provider, lan.ipv4())
    lan.cloud.journal.clear()
    with pytest.raises(Conflict, match=f"held by {lan.id(1)}"):
        provider.restore(place(lan.ipv4()), lan.id(0), theirs, soon())
    assert lan.asked() == []


def test_a_release_takes_it_off_this_node(lan: Lan) -> None:
    """And leaves nobody as its holder."""
    lan.give(lan.ipv4(), 0)
    provider = lan.provider()
    provider.release(place(lan.ipv4()), lan.id(0), seen(provider, lan.ipv4()), soon())
    assert seen(provider, lan.ipv4()) == Holding(None)
    assert lan.asked()[-2:] == ["UnassignPrivateIpAddresses", "DescribeNetworkInterfaces"]


def test_a_release_of_what_another_was_seen_to_hold_asks_nothing(lan: Lan) -> None:
    """A compare-and-set that cannot succeed is not sent."""
    lan.give(lan.ipv4(), 1)
    provider = lan.provider()
    theirs = seen(provider, lan.ipv4())
    lan.cloud.journal.clear()
    with pytest.raises(Conflict, match=f"held by {lan.id(1)}"):
        provider.release(place(lan.ipv4()), lan.id(0), theirs, soon())
    assert lan.asked() == []


def test_a_late_release_finds_nothing_to_take(lan: Lan) -> None:
    """It names this node's interface, which has lost the address meanwhile."""
    lan.give(lan.ipv4(), 0)
    provider = lan.provider()
    ours = seen(provider, lan.ipv4())
    lan.give(lan.ipv4(), 1)
    with pytest.raises(Conflict):
        provider.release(place(lan.ipv4()), lan.id(0), ours, soon())
    assert lan.holder(lan.ipv4()) == lan.id(1)


def test_all_addresses_of_a_family_are_read_in_one_request(lan: Lan) -> None:
    """Three addresses are three places and, of two families, two calls."""
    vip = (lan.ipv4(50), lan.ipv4(51), lan.ipv6())
    lan.give(vip[0], 1)
    lan.give(vip[2], 2)
    provider = lan.provider(vip=vip, subnet=lan.subnet)
    lan.cloud.journal.clear()
    answers = provider.read(provider.places, soon())
    assert [answers[each] for each in provider.places] == [
        Holding(lan.id(1)),
        Holding(None),
        Holding(lan.id(2)),
    ]
    assert lan.asked() == ["DescribeNetworkInterfaces"] * 2
    assert [str(each) for each in provider.places[:2]] == ["private-ip 10.0.1.50", "private-ip 10.0.1.51"]


def test_a_family_that_cannot_be_read_does_not_hide_the_other(lan: Lan) -> None:
    """Each has a request of its own, and an answer of its own."""
    vip = (lan.ipv4(), lan.ipv6())
    lan.give(lan.ipv6(), 1)
    provider = lan.provider(vip=vip, subnet=lan.subnet)
    lan.cloud.faults.throttle(1, "DescribeNetworkInterfaces")
    answers = provider.read(provider.places, soon())
    assert isinstance(answers[place(lan.ipv4())], Unavailable)
    assert answers[place(lan.ipv6())] == Holding(lan.id(1))


def test_the_same_address_in_another_vpc_is_another_address(lan: Lan) -> None:
    """Private ranges are in use more than once; only this subnet's counts."""
    other = lan.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = lan.ec2.create_subnet(VpcId=other, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    twin = lan.ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=str(lan.ipv4()))
    assert seen(lan.provider(), lan.ipv4()) == Holding(None)
    lan.ec2.delete_network_interface(NetworkInterfaceId=twin["NetworkInterface"]["NetworkInterfaceId"])


def test_a_primary_address_is_no_place_to_move(lan: Lan) -> None:
    """It is told with its interface; the other addresses are read all the same."""
    own = lan.nodes[2].private_ip
    provider = lan.provider(vip=(lan.ipv4(), own))
    answers = provider.read(provider.places, soon())
    assert answers[place(lan.ipv4())] == Holding(None)
    wrong = answers[place(own)]
    assert isinstance(wrong, ConfigError)
    assert wrong.message == f"private-ip {own}: is the primary address of {lan.id(2)}, which never moves"
    assert wrong.hint == "choose a free address of the subnet"


def test_the_subnet_is_asked_for_once(lan: Lan) -> None:
    """Where neither the config nor the metadata service has told it."""
    provider = lan.provider()
    for _ in range(2):
        provider.read(provider.places, soon())
    assert len(lan.asked()) == 3
    lan.cloud.journal.clear()
    told = lan.provider(subnet=lan.subnet)
    told.read(told.places, soon())
    assert len(lan.asked()) == 1


def test_an_elastic_ip_moves_along_and_is_let_go_by_a_release(lan: Lan) -> None:
    """What the documentation warns of, as the local AWS has it."""
    lan.give(lan.ipv4(), 0)
    allocation = lan.ec2.allocate_address(Domain="vpc")["AllocationId"]
    lan.ec2.associate_address(
        AllocationId=allocation, NetworkInterfaceId=lan.id(0), PrivateIpAddress=str(lan.ipv4())
    )
    provider = lan.provider(1)
    provider.claim(place(lan.ipv4()), lan.id(1), None, soon())
    [eip] = lan.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    assert (eip["NetworkInterfaceId"], eip["PrivateIpAddress"]) == (lan.id(1), str(lan.ipv4()))
    provider.release(place(lan.ipv4()), lan.id(1), Holding(lan.id(1)), soon())
    [eip] = lan.ec2.describe_addresses(AllocationIds=[allocation])["Addresses"]
    assert not eip.get("AssociationId")
    lan.ec2.release_address(AllocationId=allocation)


def test_a_named_interface_gets_the_address(lan: Lan) -> None:
    """A node's second interface, which its config names; the first one is left alone."""
    made = lan.ec2.create_network_interface(SubnetId=lan.subnet)["NetworkInterface"]
    second = NodeId(made["NetworkInterfaceId"])
    machine = StubMachine(made["MacAddress"], lan.folder, second)
    provider = AwsSecondaryIp(SecondaryIpSettings(), Vip("primary", (lan.ipv4(),)), machine)
    provider.claim(place(lan.ipv4()), provider.node(soon()), None, soon())
    assert lan.holder(lan.ipv4()) == second
    assert seen(provider, lan.ipv4()) == Holding(second)


def test_an_address_given_twice_is_one_place(lan: Lan) -> None:
    """A slip in the config does not become two writes."""
    assert len(lan.provider(vip=(lan.ipv4(), lan.ipv4())).places) == 1


def test_writes_to_one_interface_wait_for_each_other(lan: Lan) -> None:
    """Those of all VIPs on it; other nodes have interfaces of their own."""
    provider, other_vip, other_node = lan.provider(), lan.provider(vip=(lan.ipv6(),)), lan.provider(1)
    for each in (provider, other_vip, other_node):
        each.node(soon())
    key = provider.contention_key(provider.places[0])
    assert lan.id(0) in key
    assert other_vip.contention_key(other_vip.places[0]) == key
    assert other_node.contention_key(other_node.places[0]) != key


def test_dry_run_lines_are_the_requests_that_are_made(lan: Lan) -> None:
    """In the words of IAM and of the API, so that they can be looked up."""
    vip = (lan.ipv4(50), lan.ipv4(51), lan.ipv6())
    provider, node = lan.provider(vip=vip), lan.id(0)
    on = f"NetworkInterfaceId={node}"
    assert provider.calls("claim", provider.places[1:], node) == [
        f"ec2:AssignPrivateIpAddresses {on} PrivateIpAddress=10.0.1.51 AllowReassignment=true",
        f"ec2:AssignIpv6Addresses {on} Ipv6Addresses={vip[2]}",
    ]
    assert provider.calls("release", provider.places[1:], node) == [
        f"ec2:UnassignPrivateIpAddresses {on} PrivateIpAddress=10.0.1.51",
        f"ec2:UnassignIpv6Addresses {on} Ipv6Addresses={vip[2]}",
    ]
    read = "ec2:DescribeNetworkInterfaces Filter."
    assert provider.calls("read", provider.places, node) == [
        f"{read}addresses.private-ip-address=10.0.1.50,10.0.1.51 Filter.subnet-id",
        f"{read}ipv6-addresses.ipv6-address={vip[2]} Filter.subnet-id",
    ]
    assert provider.calls("prepare", [], node) == []


def test_a_subnet_that_is_none_is_a_mistake_in_the_config() -> None:
    """Found before anything is asked, with what it should look like."""
    settings, [wrong] = parse(SecondaryIpSettings, {"subnet": "10.0.1.0/24"}, str)
    assert settings is None
    assert wrong.message == "10.0.1.0/24 is not a subnet id such as subnet-0a1b2c3d4e5f60718"


def test_importing_the_provider_imports_no_sdk() -> None:
    """`--help` and a hook that finds the agent pay nothing for boto3."""
    code = (
        "import sys, vipswitch.providers.aws.secondary_ip;"
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'urllib3', 'http')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
