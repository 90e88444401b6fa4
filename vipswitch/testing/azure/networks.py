"""Virtual networks and their subnets.

Rules: a subnet names the route table that decides its traffic; it is part of its network and carries its
etag. Source: azure-cli's recording test_multiple_ipconfigs_remove_by_shorthand.
"""

from __future__ import annotations

from .store import Resource, Store

_SUBNET = {
    "delegations": [],
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
}


def complete(store: Store, vnet: Resource, old: Resource | None) -> None:
    """Adds what was left open."""
    vnet.fixed.setdefault("resourceGuid", store.guids.next())
    vnet.body["properties"].setdefault("virtualNetworkPeerings", [])
    vnet.body["properties"].setdefault("enableDdosProtection", False)
    for subnet in vnet.children():
        for name, value in _SUBNET.items():
            subnet["properties"].setdefault(name, value)
