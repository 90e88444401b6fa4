"""What the tests look at: what a node reads, and what the local Azure was asked."""

from __future__ import annotations

from typing import Any

from tests.contract.azure_nics_cloud import WRITE, NicsCloud
from vipswitch.model import Holding
from vipswitch.provider import Provider
from vipswitch.providers.azure.configurations import Nic
from vipswitch.providers.azure.ip_configuration.provider import AzureIpConfiguration
from vipswitch.providers.azure.nics import Nics
from vipswitch.providers.azure.public_ip.provider import AzurePublicIp
from vipswitch.testing.azure.operations import Fate
from vipswitch.testing.bed import Bed


def seen_by(provider: Provider, bed: Bed) -> Holding:
    """The first place, as this provider reads it."""
    answer = provider.read([bed.place()], bed.deadline())[bed.place()]
    assert isinstance(answer, Holding), answer
    return answer


def written(cloud: NicsCloud) -> list[str]:
    """The interfaces that were written, in order."""
    return [call.resource.rpartition("/")[2] for call in cloud.azure.journal.writes() if call.action == WRITE]


def let_end(cloud: NicsCloud, fate: Fate | None) -> None:
    """The operations that run end in that way once they are looked at, also those that were stuck."""
    for operation in cloud.azure.arm.operations.running():
        operation.fate = fate


def write_as_it_is(node: str, bed: Bed) -> Nic:
    """Somebody writes a node's interface without changing it; returns it as it is right after."""
    nics, deadline = nics_of(node, bed), bed.deadline()
    nics.write(nics.read(bed.id(node), deadline), "ipconfig1", node, deadline)
    return nics.read(bed.id(node), deadline)


def nics_of(node: str, bed: Bed) -> Nics:
    """The network interfaces, as one node asks for them."""
    provider = bed.cloud.provider(node)
    assert isinstance(provider, AzureIpConfiguration | AzurePublicIp)
    return provider._azure.api


def enrich(nic: dict[str, Any]) -> None:
    """Put everything on an interface that a write must keep."""
    first = nic["properties"]["ipConfigurations"][0]
    base = nic["id"].rpartition("/networkInterfaces/")[0]
    more = [
        {**first, "name": f"more-{number}", "properties": {**first["properties"], "primary": False}}
        for number in (0, 1)
    ]
    more[0]["properties"] |= {"privateIPAddress": "10.0.1.77", "inventedIn2031": {"deep": [1, 2]}}
    more[1]["properties"] |= {"privateIPAddress": "fd00:0:0:1::77", "privateIPAddressVersion": "IPv6"}
    first["properties"] |= {
        "applicationSecurityGroups": [{"id": f"{base}/applicationSecurityGroups/db"}],
        "loadBalancerBackendAddressPools": [{"id": f"{base}/loadBalancers/lb/backendAddressPools/p"}],
        "loadBalancerInboundNatRules": [{"id": f"{base}/loadBalancers/lb/inboundNatRules/ssh"}],
    }
    nic["properties"]["ipConfigurations"] += more
    nic["properties"] |= {
        "enableAcceleratedNetworking": True,
        "dnsSettings": {"dnsServers": ["10.0.0.2"]},
        "networkSecurityGroup": {"id": f"{base}/networkSecurityGroups/nsg"},
        "auxiliaryMode": "AcceleratedConnections",
        "inventedIn2032": [{"kept": True}],
    }
    nic |= {"tags": {"team": "db"}, "extendedLocation": {"name": "edge", "type": "EdgeZone"}}


def but_for_configurations(nic: dict[str, Any]) -> dict[str, Any]:
    """All of an interface that no move has a say in, less what ARM writes by itself."""
    said = {key: value for key, value in nic["properties"].items() if key not in _WRITTEN_BY_ARM}
    said["dnsSettings"] = said.get("dnsSettings", {}).get("dnsServers")
    return {**{k: v for k, v in nic.items() if k not in _WRITTEN_BY_ARM}, "properties": said}


def configurations(nic: dict[str, Any]) -> dict[str, Any]:
    """Its configurations by name, less what ARM writes by itself."""
    return {
        each["name"]: {k: v for k, v in each["properties"].items() if k not in _WRITTEN_BY_ARM}
        for each in nic["properties"]["ipConfigurations"]
    }


_WRITTEN_BY_ARM = ("etag", "provisioningState", "ipConfigurations")
