"""A network interface's document: what is read in it, and what an edit leaves alone."""

from __future__ import annotations

import copy
from ipaddress import ip_address
from typing import Any

import pytest

from tests.unit.providers.azure.interfaces.documents import (
    NETWORK,
    SUBNET,
    VIP,
    configuration,
    nic,
    plain,
    rich,
)
from vipswitch.errors import ConfigError, Refused
from vipswitch.providers.azure.configurations import (
    Nic,
    Provisioning,
    name_for,
    put_on,
    taken_off,
    with_address,
    without_address,
)

PUBLIC = f"{NETWORK}/publicIPAddresses/vip"


def _configurations(read: Nic) -> list[dict[str, Any]]:
    return read.document["properties"]["ipConfigurations"]


def _but_for_configurations(read: Nic) -> dict[str, Any]:
    said = {k: v for k, v in read.document["properties"].items() if k != "ipConfigurations"}
    return {**read.document, "properties": said}


def test_adding_an_address_leaves_everything_else_as_it_was() -> None:
    """Security groups, pools, DNS, tags, other configurations and what is not known yet all survive."""
    before = nic(rich())
    after = with_address(before, VIP, "vipswitch-primary")
    assert _but_for_configurations(after) == _but_for_configurations(before)
    assert _configurations(after)[:-1] == _configurations(before)


def test_the_new_configuration_is_as_the_primary_one_where_it_has_to_be() -> None:
    """What is allowed to reach the node is allowed to reach the VIP; of load balancers it is no part."""
    added = _configurations(with_address(nic(rich()), VIP, "vipswitch-primary"))[-1]
    assert added == {
        "name": "vipswitch-primary",
        "properties": {
            "privateIPAddress": "10.0.1.50",
            "privateIPAddressVersion": "IPv4",
            "privateIPAllocationMethod": "Static",
            "primary": False,
            "subnet": {"id": SUBNET},
            "applicationSecurityGroups": [{"id": f"{NETWORK}/applicationSecurityGroups/db"}],
        },
    }


def test_an_edit_does_not_touch_the_document_that_was_read() -> None:
    """Another claim may be about to write from the same reading."""
    document = rich()
    read = nic(document)
    without_address(with_address(read, VIP, "v", PUBLIC), ip_address("10.0.1.9"))
    put_on(read, "second", PUBLIC)
    taken_off(read, f"{NETWORK}/publicIPAddresses/own")
    assert document == rich()


def test_taking_an_address_off_leaves_everything_else_as_it_was() -> None:
    """It is found by its address, whatever its configuration is called."""
    before = nic(rich())
    there = with_address(before, VIP, "by-hand")
    assert without_address(there, VIP).document == before.document


def test_an_address_that_is_not_there_is_not_missed() -> None:
    """A write once more, of the interface as it is."""
    assert without_address(nic(rich()), VIP).document == rich()


def test_an_address_that_is_there_is_not_added_again() -> None:
    """After a failed operation the same is written once more."""
    there = with_address(nic(rich()), VIP, "vipswitch-primary")
    assert with_address(there, VIP, "vipswitch-primary").document == there.document


def test_addresses_are_compared_as_addresses() -> None:
    """IPv6 has many ways to write one, and 10.0.1.5 stands inside 10.0.1.50."""
    read = nic(plain("nic-a", "10.0.1.4", configuration("six", "FD00:0:0:0::0050")))
    assert read.at(ip_address("fd00::50")) == read.configurations[1]
    assert read.at(ip_address("10.0.1.5")) is None


def test_a_configuration_that_has_the_name_already_is_not_replaced() -> None:
    """It may be another VIP's."""
    before = nic(plain("nic-a", "10.0.1.4", configuration("Vipswitch-Primary", "10.0.1.51")))
    after = with_address(before, VIP, "vipswitch-primary")
    assert [each.name for each in after.configurations] == [
        "primary",
        "Vipswitch-Primary",
        "vipswitch-primary_2",
    ]


def test_a_primary_address_is_never_taken_off() -> None:
    """A network interface cannot be without one."""
    with pytest.raises(ConfigError, match=r"10\.0\.1\.4: is the primary address of database/nic-a"):
        without_address(nic(rich()), ip_address("10.0.1.4"))


def test_a_public_ip_goes_with_its_address() -> None:
    """In one configuration, so in the same two writes."""
    there = with_address(nic(rich()), VIP, "vipswitch-primary", PUBLIC)
    has = there.with_public_ip(PUBLIC)
    assert has is not None
    assert has == there.at(VIP)
    assert without_address(there, VIP).document == rich()


def test_an_address_without_its_public_ip_is_given_it() -> None:
    """By hand, or by an older config."""
    there = with_address(nic(rich()), VIP, "by-hand")
    complete = with_address(there, VIP, "vipswitch-primary", PUBLIC)
    has = complete.with_public_ip(PUBLIC.upper())
    assert has is not None
    assert (has.name, has.address) == ("by-hand", VIP)


def test_a_public_ip_of_another_address_is_not_pulled_off_it() -> None:
    """It is somebody's decision that it is there."""
    with pytest.raises(Refused, match="primary, not the VIP, has public IP own"):
        with_address(nic(rich()), VIP, "vipswitch-primary", f"{NETWORK}/publicIPAddresses/own")


def test_an_interface_without_room_is_refused_before_anything_is_written() -> None:
    """Azure would say so when the old interface has lost the address."""
    many = [configuration(f"c{number}", f"10.0.2.{number}") for number in range(255)]
    with pytest.raises(Refused, match="has 256 ip configurations"):
        with_address(nic(plain("nic-a", "10.0.1.4", *many)), VIP, "vip")


def test_putting_a_public_ip_on_changes_one_configuration() -> None:
    """And takes it off again without a trace."""
    there = put_on(nic(rich()), "SECOND", PUBLIC)
    assert [each.public_ip for each in there.configurations][1:] == [PUBLIC.lower(), ""]
    assert taken_off(there, PUBLIC.upper()).document == rich()


def test_another_public_ip_is_not_overwritten() -> None:
    """It may be the node's only way out."""
    with pytest.raises(Refused, match="ip configuration primary has public IP own") as caught:
        put_on(nic(rich()), "primary", PUBLIC)
    assert caught.value.hint


def test_a_configuration_that_is_not_there_is_said() -> None:
    """With the key that names it."""
    with pytest.raises(ConfigError, match="has no ip configuration third") as caught:
        put_on(nic(rich()), "third", PUBLIC)
    assert "ip_configuration" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Succeeded", Provisioning.SUCCEEDED),
        ("Failed", Provisioning.FAILED),
        ("Updating", Provisioning.UPDATING),
        ("Deleting", Provisioning.UPDATING),
        ("InventedIn2030", Provisioning.UPDATING),
    ],
)
def test_what_has_neither_succeeded_nor_failed_is_at_work(said: str, state: Provisioning) -> None:
    """Also a state that is not known yet."""
    assert nic(plain("nic-a", "10.0.1.4", state=said)).state is state


@pytest.mark.parametrize(
    ("vip", "number", "name"),
    [
        ("primary", 0, "vipswitch-primary"),
        ("primary", 1, "vipswitch-primary-2"),
        ("fd00::", 0, "vipswitch-fd00"),
        ("10.0.1.50", 0, "vipswitch-10.0.1.50"),
    ],
)
def test_names_are_ones_that_azure_takes(vip: str, number: int, name: str) -> None:
    """Letters, digits and . _ -, with none of the last two at the end."""
    assert name_for(vip, number) == name


def test_the_sdk_keeps_what_it_does_not_know() -> None:
    """What is written back is the document, less what ARM writes by itself."""
    from azure.mgmt.network.models import NetworkInterface

    read = nic(rich())
    assert NetworkInterface(copy.deepcopy(dict(read.document))).as_dict() == rich()
    sent = NetworkInterface(dict(read.document)).as_dict(exclude_readonly=True)
    assert sent["properties"]["inventedIn2033"] == "kept"
    assert sent["properties"]["ipConfigurations"][0]["properties"]["inventedIn2031"] == {
        "deep": [1, {"etag": "kept"}]
    }
    assert "etag" not in sent
    assert "virtualMachine" not in sent["properties"]
