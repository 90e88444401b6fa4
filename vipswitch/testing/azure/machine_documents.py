"""What the metadata service of a virtual machine tells of it.

Rules: a public address of the Standard SKU stands in the load balancer document only. Source: "Azure Instance
Metadata Service", the instance document of api-version 2021-02-01; "Retrieve load balancer information".
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from .answers import Json

if TYPE_CHECKING:
    from .server import AzureCloud


def instance(cloud: AzureCloud, machine_id: str) -> Json:
    """The instance document, as the cloud now is."""
    machine = cloud.get(machine_id)
    references = machine["properties"]["networkProfile"]["networkInterfaces"]
    nics = [cloud.get(one["id"]) for one in references]
    return {"compute": _compute(machine), "network": {"interface": [_interface(cloud, nic) for nic in nics]}}


def balancer(cloud: AzureCloud, machine_id: str) -> Json | None:
    """The load balancer document; None for a machine that needs none."""
    references = cloud.get(machine_id)["properties"]["networkProfile"]["networkInterfaces"]
    entries = [
        one["properties"]
        for reference in references
        for one in cloud.get(reference["id"])["properties"]["ipConfigurations"]
    ]
    told = [
        {"frontendIpAddress": address, "privateIpAddress": one["privateIPAddress"]}
        for one in entries
        if (address := _public(cloud, one, standard=True))
    ]
    empty: Json = {"inboundRules": [], "outboundRules": []}
    return {"loadbalancer": {"publicIpAddresses": told, **empty}} if told else None


def _compute(machine: Json) -> Json:
    _, _, subscription, _, group, *_ = machine["id"].split("/")
    return {
        "azEnvironment": "AzurePublicCloud",
        "location": machine["location"],
        "name": machine["name"],
        "osType": "Linux",
        "resourceGroupName": group,
        "resourceId": machine["id"],
        "subscriptionId": subscription,
        "tags": "",
        "vmId": machine["properties"]["vmId"],
        "vmScaleSetName": "",
        "zone": machine["zones"][0],
    }


def _interface(cloud: AzureCloud, nic: Json) -> Json:
    entries = [one["properties"] for one in nic["properties"]["ipConfigurations"]]
    subnet = cloud.get(entries[0]["subnet"]["id"])["properties"]
    prefixes = [subnet["addressPrefix"]] if subnet.get("addressPrefix") else subnet.get("addressPrefixes", [])
    networks = [ip_network(prefix) for prefix in prefixes]
    subnets = [
        {"address": str(n.network_address), "prefix": str(n.prefixlen)} for n in networks if n.version == 4
    ]
    ipv4 = [_address(cloud, one) for one in entries if one["privateIPAddressVersion"] == "IPv4"]
    ipv6 = [
        {"privateIpAddress": one["privateIPAddress"]}
        for one in entries
        if one["privateIPAddressVersion"] == "IPv6"
    ]
    mac = nic["properties"].get("macAddress", "").replace("-", "")
    return {
        "ipv4": {"ipAddress": ipv4, "subnet": subnets},
        "ipv6": {"ipAddress": ipv6},
        "macAddress": mac,
    }


def _address(cloud: AzureCloud, properties: Json) -> Json:
    address = _public(cloud, properties, standard=False)
    return {"privateIpAddress": properties["privateIPAddress"], "publicIpAddress": address}


def _public(cloud: AzureCloud, properties: Json, *, standard: bool) -> str:
    """The public address of a configuration, if it has one of that kind."""
    reference = properties.get("publicIPAddress")
    found = cloud.get(reference["id"]) if reference else None
    fits = found is not None and (found["sku"]["name"] == "Standard") is standard
    return str(found["properties"]["ipAddress"]) if found is not None and fits else ""
