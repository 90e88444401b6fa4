"""The rules by which a NIC is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.azure.client import Plain, code
from tests.azure.place import Place
from vipswitch.testing.azure import ids


def _put(place: Place, ask: Plain, nic: dict[str, Any], node: int = 0) -> str | None:
    """The refusal's code, None for none."""
    answer = ask("PUT", place.nodes[node].nic_id, nic)
    place.cloud.finish()
    return code(answer) if answer.status >= 400 else None


def test_a_put_replaces_the_whole_nic(place: Place, ask: Plain) -> None:
    """What it leaves out is gone, but for what the machine has of it."""
    before = place.nic(0)
    bare = {"location": before["location"], "properties": {"ipConfigurations": [_first(before)]}}
    assert _put(place, ask, bare) is None
    after = place.nic(0)
    assert ("tags" in after, after["properties"]["enableIPForwarding"]) == (False, False)
    for kept in ("macAddress", "virtualMachine", "primary", "resourceGuid"):
        assert after["properties"][kept] == before["properties"][kept]


def _first(nic: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = nic["properties"]["ipConfigurations"][0]
    return entry


def test_what_a_machine_has_of_a_nic_cannot_be_written(place: Place, ask: Plain) -> None:
    """Read-only properties in a request are not refused and not kept."""
    nic = place.nic(0)
    nic["properties"] |= {"macAddress": "00-00-00-00-00-00", "virtualMachine": {"id": "/x"}}
    assert _put(place, ask, nic) is None
    assert place.nic(0)["properties"]["macAddress"] == "00-0D-3A-00-00-00"
    assert place.nic(0)["properties"]["virtualMachine"]["id"] == place.nodes[0].machine_id


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("10.0.1.0", "PrivateIPAddressInReservedRange"),
        ("10.0.1.3", "PrivateIPAddressInReservedRange"),
        ("10.0.1.255", "PrivateIPAddressInReservedRange"),
        ("10.0.2.4", "PrivateIPAddressNotInSubnet"),
        ("10.0.1.5", "PrivateIPAddressIsAllocated"),
        ("10.0.1.6", None),
        ("10.0.1.254", None),
        ("nowhere", "InvalidIPAddressFormat"),
    ],
)
def test_an_address_must_be_free_and_of_the_subnet(
    address: str, refusal: str | None, place: Place, ask: Plain
) -> None:
    """Azure keeps the first four and the last one."""
    assert _put(place, ask, place.with_vip(0, privateIPAddress=address)) == refusal


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("fd00:0:0:1::50", None),
        ("fd00:0:0:1::3", "PrivateIPAddressInReservedRange"),
        ("fd00:0:0:2::50", "PrivateIPAddressNotInSubnet"),
    ],
)
def test_the_same_holds_for_ipv6(address: str, refusal: str | None, place: Place, ask: Plain) -> None:
    """Compared as addresses, however they are written."""
    nic = place.with_vip(0, privateIPAddress=address, privateIPAddressVersion="IPv6")
    assert _put(place, ask, nic) == refusal
    if refusal is None:
        spelled = place.with_vip(
            1, privateIPAddress=address.replace("::50", ":0:0::50"), privateIPAddressVersion="IPv6"
        )
        assert _put(place, ask, spelled, 1) == "PrivateIPAddressIsAllocated"


def test_dynamic_allocation_takes_the_lowest_free_address_and_keeps_it(place: Place, ask: Plain) -> None:
    """In between the two writes of a move it may take the address that is on its way."""
    nic = place.with_vip(0, privateIPAllocationMethod="Dynamic", privateIPAddress=None)
    assert _put(place, ask, nic) is None
    assert place.nic(0)["properties"]["ipConfigurations"][1]["properties"]["privateIPAddress"] == "10.0.1.6"
    nic["properties"]["ipConfigurations"][1]["properties"]["privateIPAddress"] = None
    assert _put(place, ask, nic) is None
    assert place.nic(0)["properties"]["ipConfigurations"][1]["properties"]["privateIPAddress"] == "10.0.1.6"


def test_one_nic_may_move_an_address_among_its_configurations(place: Place, ask: Plain) -> None:
    """It is its own all the time; twice on one NIC it cannot be."""
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    renamed = place.nic(0)
    renamed["properties"]["ipConfigurations"][1]["name"] = "renamed"
    assert _put(place, ask, renamed) is None
    holder = place.cloud.get(place.public_ip)["properties"]["ipConfiguration"]["id"]
    assert holder == f"{place.nodes[0].nic_id}/ipConfigurations/renamed"
    renamed["properties"]["ipConfigurations"].append(place.configuration())
    assert _put(place, ask, renamed) == "PrivateIPAddressIsAllocated"


def _two_primaries(nic: dict[str, Any]) -> None:
    nic["properties"]["ipConfigurations"][1]["properties"]["primary"] = True


def _ipv6_primary(nic: dict[str, Any]) -> None:
    nic["properties"]["ipConfigurations"][0]["properties"]["primary"] = False
    nic["properties"]["ipConfigurations"][1]["properties"] |= {
        "primary": True,
        "privateIPAddress": "fd00:0:0:1::50",
        "privateIPAddressVersion": "IPv6",
    }


def _none_at_all(nic: dict[str, Any]) -> None:
    nic["properties"]["ipConfigurations"] = []


def _one_name_twice(nic: dict[str, Any]) -> None:
    nic["properties"]["ipConfigurations"][1]["name"] = "IPCONFIG1"


def _no_name(nic: dict[str, Any]) -> None:
    del nic["properties"]["ipConfigurations"][1]["name"]


def _static_without_address(nic: dict[str, Any]) -> None:
    del nic["properties"]["ipConfigurations"][1]["properties"]["privateIPAddress"]


def _unknown_subnet(nic: dict[str, Any]) -> None:
    for entry in nic["properties"]["ipConfigurations"]:
        entry["properties"]["subnet"]["id"] += "x"


def _unknown_public_ip(nic: dict[str, Any]) -> None:
    nic["properties"]["ipConfigurations"][1]["properties"]["publicIPAddress"] = {"id": "/subscriptions/x"}


def _no_location(nic: dict[str, Any]) -> None:
    del nic["location"]


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_two_primaries, "NetworkInterfaceMustHaveOneOneIPConfigAsPrimary"),
        (_ipv6_primary, "NetworkInterfaceMustHaveOneOneIPConfigAsPrimary"),
        (_none_at_all, "NetworkInterfaceMustHaveAtLeastOneIpConfiguration"),
        (_one_name_twice, "InvalidRequestFormat"),
        (_no_name, "InvalidRequestFormat"),
        (_static_without_address, "PrivateIPAddressMissing"),
        (_unknown_subnet, "InvalidResourceReference"),
        (_unknown_public_ip, "InvalidResourceReference"),
        (_no_location, "LocationRequired"),
    ],
)
def test_a_nic_that_cannot_be_is_refused(spoil: Any, refusal: str, place: Place, ask: Plain) -> None:
    """And the old one stays, to its etag."""
    before = place.nic(0)
    nic = place.with_vip(0)
    spoil(nic)
    assert _put(place, ask, nic) == refusal
    assert place.nic(0) == before


def test_at_most_256_configurations_fit_on_a_nic(place: Place, ask: Plain) -> None:
    """The limit of the platform."""
    vnet = place.cloud.get(place.topology.vnet_id)
    subnet = next(one for one in vnet["properties"]["subnets"] if one["name"] == "subnet1")
    subnet["properties"]["addressPrefixes"] = ["10.0.0.0/22"]
    place.cloud.put(place.topology.vnet_id, vnet)
    nic = place.nic(0)
    nic["properties"]["ipConfigurations"] += [
        place.configuration(privateIPAddress=f"10.0.{2 + n // 250}.{4 + n % 250}") | {"name": f"c{n}"}
        for n in range(256)
    ]
    assert _put(place, ask, nic) == "IpConfigurationsLimitExceeded"
    nic["properties"]["ipConfigurations"].pop()
    assert _put(place, ask, nic) is None


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"sku": {"name": "Basic"}}, "DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed"),
        ({"location": "northeurope"}, "InvalidResourceReference"),
        ({}, None),
    ],
)
def test_public_ips_must_be_of_one_sku_and_region(
    other: dict[str, Any], refusal: str | None, place: Place, ask: Plain
) -> None:
    """As those that the NIC has already."""
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    second = place.cloud.id(ids.PUBLIC_IP, "pip2")
    place.cloud.put(second, {"location": place.cloud.location, "properties": {}} | other)
    nic = place.nic(0)
    _first(nic)["properties"]["publicIPAddress"] = {"id": second}
    assert _put(place, ask, nic) == refusal


def test_a_public_ip_follows_what_the_nics_hold(place: Place, ask: Plain) -> None:
    """It cannot be moved by writing itself, and not be deleted while it is held."""
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress={"id": place.public_ip}))
    moved = place.cloud.get(place.public_ip)
    moved["properties"]["ipConfiguration"] = {"id": f"{place.nodes[1].nic_id}/ipConfigurations/ipconfig1"}
    assert ask("PUT", place.public_ip, moved).status == 200
    holder = place.cloud.get(place.public_ip)["properties"]["ipConfiguration"]["id"]
    assert holder == f"{place.nodes[0].nic_id}/ipConfigurations/vip"
    place.cloud.finish()
    assert code(ask("DELETE", place.public_ip)) == "PublicIPAddressCannotBeDeleted"


def test_address_and_public_ip_move_in_the_same_two_writes(place: Place, ask: Plain) -> None:
    """They are properties of one configuration."""
    public = {"id": place.public_ip}
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0, publicIPAddress=public))
    assert _put(place, ask, place.without_vip(0)) is None
    assert _put(place, ask, place.with_vip(1, publicIPAddress=public), 1) is None
    holder = place.cloud.get(place.public_ip)["properties"]["ipConfiguration"]["id"]
    assert (place.has_vip(0), place.has_vip(1)) == (False, True)
    assert holder == f"{place.nodes[1].nic_id}/ipConfigurations/vip"


def test_the_nic_of_a_deallocated_machine_can_be_written(place: Place, ask: Plain) -> None:
    """That is how a VIP is taken from a node that is off."""
    place.cloud.put(place.nodes[0].nic_id, place.with_vip(0))
    place.cloud.deallocate(place.nodes[0].machine_id)
    machine = ask("GET", place.nodes[0].machine_id, query="api-version=2024-07-01&$expand=instanceView")
    statuses = json.loads(machine.body)["properties"]["instanceView"]["statuses"]
    assert statuses[0]["code"] == "PowerState/deallocated"
    assert _put(place, ask, place.without_vip(0)) is None
    assert _put(place, ask, place.with_vip(1), 1) is None


def test_a_machine_says_which_nics_it_has(place: Place, ask: Plain) -> None:
    """A node finds its NIC's id so; the power state is told only if it is asked for."""
    machine = ask.json(place.nodes[0].machine_id)
    references = machine["properties"]["networkProfile"]["networkInterfaces"]
    assert references == [{"id": place.nodes[0].nic_id, "properties": {"primary": True}}]
    assert "instanceView" not in machine["properties"]


def test_the_nic_of_a_machine_cannot_be_deleted(place: Place, ask: Plain) -> None:
    """One that is free can, and frees its address when that is carried out."""
    assert code(ask("DELETE", place.nodes[0].nic_id)) == "NicInUse"
    free = place.cloud.id(ids.NIC, "nic-free")
    body = {"location": "westeurope", "properties": {"ipConfigurations": [place.configuration()]}}
    place.cloud.put(free, body)
    assert ask("DELETE", free).status == 202
    assert _busy_put(place, ask) == "PrivateIPAddressIsAllocated"
    place.cloud.finish()
    assert (ask("GET", free).status, _put(place, ask, place.with_vip(0))) == (404, None)
    assert place.has_vip(0)


def _busy_put(place: Place, ask: Plain) -> str:
    return code(ask("PUT", place.nodes[0].nic_id, place.with_vip(0)))


def test_configurations_are_read_one_by_one_and_written_with_the_nic(place: Place, ask: Plain) -> None:
    """They have no writes of their own."""
    path = f"{place.nodes[0].nic_id}/ipConfigurations/ipconfig1"
    assert ask("GET", path).status == 200
    assert ask("PUT", path, place.configuration()).status == 405
    assert ask("DELETE", path).status == 405
