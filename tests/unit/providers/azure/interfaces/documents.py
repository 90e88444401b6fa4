"""Network interfaces as ARM shows them, for tests that need no server."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from vipswitch.model import NodeId
from vipswitch.providers.azure.configurations import Nic, nic_of

NETWORK = "/subscriptions/0000/resourceGroups/Database/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/vnet/subnets/data"
VIP = ip_address("10.0.1.50")


def plain(name: str, address: str, *more: dict[str, Any], state: str = "Succeeded") -> dict[str, Any]:
    """A network interface with a primary configuration, and more of them."""
    return {
        "id": f"{NETWORK}/networkInterfaces/{name}",
        "name": name,
        "etag": f'W/"{name}-1"',
        "location": "westeurope",
        "properties": {
            "provisioningState": state,
            "ipConfigurations": [configuration("primary", address, primary=True), *more],
        },
    }


def configuration(name: str, address: str, *, primary: bool = False, **more: Any) -> dict[str, Any]:
    """One ip configuration."""
    return {
        "name": name,
        "etag": 'W/"0"',
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Static",
            "privateIPAddressVersion": "IPv6" if ":" in address else "IPv4",
            "primary": primary,
            "subnet": {"id": SUBNET},
            **more,
        },
    }


def rich() -> dict[str, Any]:
    """A network interface with everything on it that must survive a move, also what is not known yet."""
    document = plain(
        "nic-a",
        "10.0.1.4",
        configuration("second", "10.0.1.9", loadBalancerInboundNatRules=[{"id": f"{NETWORK}/rule"}]),
        configuration("six", "fd00::4"),
    )
    primary = document["properties"]["ipConfigurations"][0]["properties"]
    primary |= {
        "privateIPAllocationMethod": "Dynamic",
        "applicationSecurityGroups": [{"id": f"{NETWORK}/applicationSecurityGroups/db"}],
        "loadBalancerBackendAddressPools": [{"id": f"{NETWORK}/loadBalancers/lb/backendAddressPools/p"}],
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/own"},
        "gatewayLoadBalancer": {"id": f"{NETWORK}/loadBalancers/gw/frontendIPConfigurations/f"},
        "inventedIn2031": {"deep": [1, {"etag": "kept"}]},
    }
    document["properties"] |= {
        "resourceGuid": "guid",
        "macAddress": "00-0D-3A-00-00-01",
        "virtualMachine": {
            "id": "/subscriptions/0000/resourceGroups/Database/providers/Microsoft.Compute/virtualMachines/a"
        },
        "networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/nsg"},
        "enableAcceleratedNetworking": True,
        "enableIPForwarding": True,
        "disableTcpStateTracking": False,
        "dnsSettings": {"dnsServers": ["10.0.0.2"], "appliedDnsServers": [], "inventedIn2032": True},
        "auxiliaryMode": "None",
        "inventedIn2033": "kept",
    }
    return document | {
        "tags": {"team": "db"},
        "extendedLocation": {"name": "edge", "type": "EdgeZone"},
        "zones": ["1"],
    }


def nic(document: dict[str, Any]) -> Nic:
    """It as a node would read it."""
    return nic_of(NodeId(f"database/{document['name']}"), document)
