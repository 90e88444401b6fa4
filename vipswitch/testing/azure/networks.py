"""Virtual networks and their subnets.

Rules: a subnet names the route table that decides its traffic; it is part of its network and carries its
etag. Source: azure-cli's recording
test_multiple_ipconfigs_remove_by_shorthand; "Virtual Networks - Check IP Address Availability".
"""

from __future__ import annotations

from ipaddress import ip_address

from . import addresses
from .answers import Json
from .errors import bad_request
from .store import Resource, Store

_SUGGESTED = 5
_SUBNET = {
    "delegations": [],
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
}


def availability(store: Store, vnet: Resource, asked: str | None) -> Json:
    """Whether a private address is free, and if not, a few that are. Raises ArmError for none."""
    try:
        address = ip_address(asked or "")
    except ValueError:
        raise bad_request("InvalidIPAddress", f"The IP address {asked} is not valid.") from None
    for subnet in vnet.children():
        id_ = f"{vnet.id}/subnets/{subnet['name']}"
        if any(address in network for network in addresses.networks(store, id_)):
            return _availability(store, id_, str(address))
    raise bad_request("PrivateIPAddressNotInAnySubnet", f"{address} belongs to no subnet of {vnet.id}.")


def _availability(store: Store, subnet_id: str, address: str) -> Json:
    taken: list[str] = []
    if addresses.is_free(store, subnet_id, address):
        return {"available": True, "isPlatformReserved": False}
    while len(taken) < _SUGGESTED:
        taken.append(str(addresses.first_free(store, subnet_id, ip_address(address).version, taken)))
    return {"available": False, "availableIPAddresses": taken, "isPlatformReserved": False}


def complete(store: Store, vnet: Resource, old: Resource | None) -> None:
    """Adds what was left open."""
    vnet.fixed.setdefault("resourceGuid", store.guids.next())
    vnet.body["properties"].setdefault("virtualNetworkPeerings", [])
    vnet.body["properties"].setdefault("enableDdosProtection", False)
    for subnet in vnet.children():
        for name, value in _SUBNET.items():
            subnet["properties"].setdefault(name, value)
