"""Network interfaces: the rules by which a PUT is accepted, and what the service adds.

Rules: a PUT replaces the whole NIC; all of it is kept verbatim, also what this fake knows nothing of. All
configurations are in one subnet; exactly one is primary, and an IPv6 one never is; addresses and public IPs
have one holder each; dynamic allocation takes the lowest free address and keeps it. What a VM has of a NIC
(`macAddress`, `virtualMachine`, `primary`) no write can change. Source: azure-cli's recording
test_multiple_ipconfigs_remove_by_shorthand; "Add IP addresses to an Azure network interface".
"""

from __future__ import annotations

from . import addresses, ids
from .answers import Json, copied
from .errors import bad_request, retryable
from .store import Resource, Store

_MOST_CONFIGURATIONS = 256

_DNS: Json = {
    "dnsServers": [],
    "appliedDnsServers": [],
    "internalDomainNameSuffix": "vipswitchtesting.ax.internal.cloudapp.net",
}
_DEFAULTS: Json = {
    "dnsSettings": {},
    "enableAcceleratedNetworking": False,
    "vnetEncryptionSupported": False,
    "enableIPForwarding": False,
    "disableTcpStateTracking": False,
    "hostedWorkloads": [],
    "tapConfigurations": [],
    "nicType": "Standard",
    "allowPort25Out": True,
    "auxiliaryMode": "None",
    "auxiliarySku": "None",
    "nicAuxiliarySkuBillingNotificationType": "NoOp",
}


def complete(store: Store, nic: Resource, old: Resource | None) -> None:
    """Adds what was left open. Raises ArmError for a NIC that cannot be."""
    nic.body.setdefault("kind", "Regular")
    nic.fixed.setdefault("resourceGuid", store.guids.next())
    properties = nic.body["properties"]
    for name, value in copied(_DEFAULTS).items():
        properties.setdefault(name, value)
    for name, value in copied(_DNS).items():
        properties["dnsSettings"].setdefault(name, value)
    entries = nic.children()
    _check_count(nic, entries)
    _check_primary(nic, entries)
    _check_subnet(nic, entries)
    for entry in entries:
        _allocate(store, nic, entry, _before(old, entry["name"]))
    _check_provisioned(store, nic, entries)
    addresses.check_free(store, nic)
    _check_public_ips(store, nic)


def _check_count(nic: Resource, entries: list[Json]) -> None:
    if not entries:
        raise bad_request(
            "NetworkInterfaceMustHaveAtLeastOneIpConfiguration", f"{nic.id} has no IP configuration."
        )
    if len(entries) > _MOST_CONFIGURATIONS:
        text = f"Network interface {nic.id} has more than {_MOST_CONFIGURATIONS} IP configurations."
        raise bad_request("IpConfigurationsLimitExceeded", text)
    names = [entry["name"].lower() for entry in entries]
    if len(set(names)) < len(names):
        raise bad_request(
            "InvalidRequestFormat", "Cannot parse the request: additional properties have one name."
        )


def _check_primary(nic: Resource, entries: list[Json]) -> None:
    """One that is alone is primary, whatever it says."""
    for entry in entries:
        properties = entry["properties"]
        properties.setdefault("privateIPAddressVersion", "IPv4")
        properties.setdefault("privateIPAllocationMethod", "Dynamic")
        properties["primary"] = len(entries) == 1 or bool(properties.get("primary"))
    primaries = [entry for entry in entries if entry["properties"]["primary"]]
    if not primaries:
        text = (
            f"Network Interface {nic.target.name} specifies multiple IPConfigurations but none of the"
            " IPConfigurations is specified as Primary."
        )
        raise bad_request("NetworkInterfaceMustHaveOneOneIPConfigAsPrimary", text)
    if len(primaries) > 1 or primaries[0]["properties"]["privateIPAddressVersion"] != "IPv4":
        text = f"Network Interface {nic.target.name} must have one IPv4 IPConfiguration specified as Primary."
        raise bad_request("NetworkInterfaceMustHaveOneOneIPConfigAsPrimary", text)


def _check_subnet(nic: Resource, entries: list[Json]) -> None:
    for entry in entries:
        if not (entry["properties"].get("subnet") or {}).get("id"):
            id_ = f"{nic.id}/ipConfigurations/{entry['name']}"
            raise bad_request("SubnetIsRequired", f"Subnet reference is required for ipconfiguration {id_}.")
    subnets = {entry["properties"]["subnet"]["id"].lower() for entry in entries}
    if len(subnets) > 1:
        text = "IPConfigurations on a Nic cannot belong to different subnets."
        raise bad_request("IpConfigurationsOnSameNicCannotUseDifferentSubnets", text)


def _check_provisioned(store: Store, nic: Resource, entries: list[Json]) -> None:
    """Raises ArmError while the subnet's network is being changed."""
    subnet_id = entries[0]["properties"]["subnet"]["id"]
    target = ids.parse(subnet_id)
    vnet = store.find(target.parent.id) if target else None
    if vnet and (running := vnet.busy):
        text = (
            f"Cannot proceed with operation because resource {subnet_id} used by resource {nic.id} is not in"
            f" Succeeded state. Resource is in {vnet.state} state and the last operation that updated/is"
            f" updating the resource is {running.name}."
        )
        raise retryable("ReferencedResourceNotProvisioned", text, store.rules.retry_after)


def _before(old: Resource | None, name: str) -> Json:
    """The properties of the configuration of that name, as it was."""
    entries = old.children() if old else []
    return next((one["properties"] for one in entries if ids.same(one["name"], name)), {})


def _allocate(store: Store, nic: Resource, entry: Json, before: Json) -> None:
    properties = entry["properties"]
    subnet_id = properties["subnet"]["id"]
    if properties["privateIPAllocationMethod"] == "Dynamic" and not properties.get("privateIPAddress"):
        kept = before.get("privateIPAddress") if before.get("subnet") == properties["subnet"] else None
        version = 6 if properties["privateIPAddressVersion"] == "IPv6" else 4
        asked = [one["properties"].get("privateIPAddress") for one in nic.children()]
        free = kept or addresses.first_free(store, subnet_id, version, filter(None, asked))
        properties["privateIPAddress"] = str(free)
    if not properties.get("privateIPAddress"):
        text = f"IP configuration {entry['name']} of {nic.id} is static and has no address."
        raise bad_request("PrivateIPAddressMissing", text)
    addresses.check_in_subnet(store, properties)


def _check_public_ips(store: Store, nic: Resource) -> None:
    found = [one["properties"].get("publicIPAddress") for one in nic.children()]
    public_ips = [_public_ip(store, nic, one["id"]) for one in found if one]
    if len({_sku(one) for one in public_ips}) > 1:
        skus = ", ".join(f"{one.id} ({_sku(one)})" for one in public_ips)
        text = f"All public IP addresses of network interface {nic.id} must have the same SKU: {skus}."
        raise bad_request("DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed", text)


def _public_ip(store: Store, nic: Resource, id_: str) -> Resource:
    found = store.find(id_)
    if found is None or not ids.same(found.body["location"], nic.body["location"]):
        text = (
            f"Resource {id_} referenced by resource {nic.id} was not found. Please make sure that the"
            " referenced resource exists, and that both resources are in the same region."
        )
        raise bad_request("InvalidResourceReference", text)
    return found


def _sku(public_ip: Resource) -> str:
    name: str = public_ip.body.get("sku", {}).get("name", "Basic")
    return name
