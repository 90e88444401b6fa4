"""What a network interface refers to: whoever writes the interface must be allowed to join all of it.

Rules: pure; in the words of Azure RBAC. A reference of a kind that is not in the table is not asked about:
then ARM's refusal names the action (LinkedAuthorizationFailed).
Source: Azure documentation, "Permissions to manage virtual networks and related resources"; "Azure
permissions for Networking".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vipswitch.providers.azure.configurations import Document, Nic

_NETWORK = "Microsoft.Network"

JOIN_SUBNET = f"{_NETWORK}/virtualNetworks/subnets/join/action"
JOIN_PUBLIC_IP = f"{_NETWORK}/publicIPAddresses/join/action"

_ON_INTERFACE = {"networkSecurityGroup": f"{_NETWORK}/networkSecurityGroups/join/action"}

_ON_CONFIGURATION = {
    "subnet": JOIN_SUBNET,
    "publicIPAddress": JOIN_PUBLIC_IP,
    "applicationSecurityGroups": f"{_NETWORK}/applicationSecurityGroups/joinIpConfiguration/action",
    "loadBalancerBackendAddressPools": f"{_NETWORK}/loadBalancers/backendAddressPools/join/action",
    "loadBalancerInboundNatRules": f"{_NETWORK}/loadBalancers/inboundNatRules/join/action",
    "gatewayLoadBalancer": f"{_NETWORK}/loadBalancers/frontendIPConfigurations/join/action",
    "applicationGatewayBackendAddressPools": (
        f"{_NETWORK}/applicationGateways/backendAddressPools/join/action"
    ),
    "virtualNetworkTaps": f"{_NETWORK}/virtualNetworkTaps/join/action",
}


def joined(nic: Nic) -> list[tuple[str, str]]:
    """Each action and the id of what it is for, once, in the order in which they are met."""
    said = nic.document.get("properties") or {}
    pairs = list(_found(said, _ON_INTERFACE))
    for configuration in said.get("ipConfigurations") or ():
        pairs += _found(configuration.get("properties") or {}, _ON_CONFIGURATION)
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for action, id in pairs:
        first.setdefault((action, id.lower()), (action, id))
    return list(first.values())


def _found(said: Document, kinds: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, action in kinds.items():
        yield from ((action, id) for id in _ids(said.get(key)))


def _ids(there: Any) -> Iterator[str]:
    """One reference, a list of them, or none."""
    for each in there if isinstance(there, list) else [there]:
        if isinstance(each, dict) and each.get("id"):
            yield each["id"]
