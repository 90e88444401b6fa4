"""What can be wrong with a private address: named, with a hint, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.providers.aws.lan import Lan, place, seen
from tests.unit.providers.aws.rig import soon
from vipswitch.errors import ConfigError, PermissionDenied, Refused, Unavailable, VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.result import Result

ZONES = "a private address moves only within its subnet, hence its zone: choose one of the subnet"


def refused(lan: Lan, *vip: Address) -> VipswitchError:
    """The error of an `up` that changed nothing, neither in the cloud nor on the host."""
    bed = lan.bed(*vip)
    before = bed.holders()
    result = bed.up("a", deadline_s=5.0)
    assert bed.holders() == before
    assert not bed.has_addresses("a")
    return only_error(result)


def only_error(result: Result) -> VipswitchError:
    [wrong] = result.errors
    assert wrong.hint
    assert not wrong.message.endswith(".")
    return wrong


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_an_address_outside_the_subnet(lan: Lan, family: str) -> None:
    """The rule of this method, and the method for several zones."""
    far = lan.topology.vpc_cidr[500 * 4] if family == "IPv4" else lan.topology.vpc_ipv6_cidr[500]
    wrong = refused(lan, far)
    assert type(wrong) is ConfigError
    assert wrong.message == f"private-ip {far}: is outside the subnet of {lan.id(0)}"
    assert wrong.hint.startswith(ZONES)
    assert wrong.hint.endswith("aws-route-table for several zones")


@pytest.mark.parametrize("number", [0, 1, 2, 3, 255])
def test_a_reserved_address(lan: Lan, number: int) -> None:
    """The router, the name server, and what AWS keeps for later."""
    wrong = refused(lan, lan.ipv4(number))
    assert type(wrong) is ConfigError
    assert "is reserved: AWS keeps a subnet's first four addresses and its last" in wrong.message


def test_anothers_primary_address(lan: Lan) -> None:
    """It would cost that node its identity, and EC2 refuses."""
    wrong = refused(lan, lan.nodes[2].private_ip)
    assert type(wrong) is ConfigError
    assert "is the primary address of a network interface, which never moves" in wrong.message


def test_an_interface_that_is_full(lan: Lan) -> None:
    """How many addresses it may have is up to the type of the instance."""
    for number in range(60, 65):
        lan.give(lan.ipv4(number), 0)
    wrong = refused(lan, lan.ipv4())
    assert type(wrong) is Refused
    text = f"private-ip 10.0.1.50: {lan.id(0)} has as many private addresses as its instance type allows"
    assert wrong.message == text


def test_an_interface_that_does_not_exist(lan: Lan) -> None:
    """A slip in the config, or a node of another region."""
    with pytest.raises(ConfigError, match="eni-0123456789abcdef0' does not exist") as caught:
        lan.provider().claim(place(lan.ipv4()), NodeId("eni-0123456789abcdef0"), None, soon())
    assert caught.value.hint == "see to the id, the region and the account"


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_want_of_permission_names_what_to_allow(lan: Lan, family: str) -> None:
    """The action and the interface, as a policy names them."""
    address = lan.ipv4() if family == "IPv4" else lan.ipv6()
    action = "AssignPrivateIpAddresses" if family == "IPv4" else "AssignIpv6Addresses"
    lan.give(address, 1)
    lan.cloud.faults.deny(action)
    wrong = refused(lan, address)
    assert type(wrong) is PermissionDenied
    assert wrong.message == f"private-ip {address}: permission denied for ec2:{action}"
    assert wrong.hint.startswith(f"allow ec2:{action} on arn:aws:ec2:eu-west-1:")
    assert wrong.hint.endswith(f":network-interface/{lan.id(0)}")


def test_throttling_is_named_and_changes_nothing(lan: Lan) -> None:
    """It passes, as a rule; if it does not, the deadline ends it."""
    lan.give(lan.ipv4(), 1)
    lan.cloud.faults.throttle(None, "AssignPrivateIpAddresses")
    wrong = refused(lan, lan.ipv4())
    assert isinstance(wrong, Unavailable)
    assert "private-ip 10.0.1.50: throttled by AWS (RequestLimitExceeded)" in wrong.message


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (lambda lan: lan.cloud.faults.deny("UnassignPrivateIpAddresses"), PermissionDenied),
        (lambda lan: lan.cloud.faults.throttle(None, "UnassignPrivateIpAddresses"), Unavailable),
    ],
    ids=["denied", "throttled"],
)
def test_a_release_that_fails_leaves_the_host_without_the_address(
    lan: Lan, arm: Callable[[Lan], object], expected: type[VipswitchError]
) -> None:
    """`down` takes it off the host first, whatever becomes of the cloud."""
    bed = lan.bed(lan.ipv4())
    bed.up("a")
    arm(lan)
    assert isinstance(only_error(bed.down("a", deadline_s=1.5)), expected)
    assert not bed.has_addresses("a")
    assert lan.holder(lan.ipv4()) == lan.id(0)


def test_a_subnet_that_does_not_exist_reads_as_nobody(lan: Lan) -> None:
    """EC2 finds nothing there; the preflight names the subnet."""
    provider = lan.provider(subnet="subnet-0123456789abcdef0")
    assert seen(provider, lan.ipv4()).holder is None
