"""Who has which private address and which public IP, in all NICs together.

Rules: an address belongs to one IP configuration of a subnet, a public IP to one IP configuration; what a NIC
has given up counts until the operation that gives it up has ended. Azure keeps the first four addresses of a
subnet and the last one for itself. Source: "Private IP addresses", Azure Virtual Network; texts: azure-cli's
recordings and "Troubleshoot private endpoint connectivity".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from . import ids
from .answers import Json
from .errors import bad_request
from .store import Hold, Resource, Store

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_RESERVED_FIRST = 4


def holds(nic: Resource) -> set[Hold]:
    """What a NIC has by what was last asked of it."""
    return {hold for entry in nic.children() for hold in _holds(nic, entry)}


def holders(store: Store) -> Iterator[Hold]:
    """Everything that is held by any NIC."""
    for nic in store.all(ids.NIC):
        yield from sorted(holds(nic))
        yield from sorted(nic.held)


def keep(store: Store, present: Resource, draft: Resource) -> None:
    """Notes on a NIC that is to become the draft what it gives up, and keeps until that is carried out."""
    if present.target.type == ids.NIC and store.rules.released_when_completed:
        wanted = {hold.what for hold in holds(draft)}
        present.held = {hold for hold in holds(present) | present.held if hold.what not in wanted}


def holder(store: Store, what: str) -> str | None:
    """The IP configuration that has an address or a public IP."""
    return next((hold.by for hold in holders(store) if hold.what == what), None)


def check_free(store: Store, nic: Resource) -> None:
    """Raises ArmError if another NIC, or two configurations of this one, have what this NIC asks for."""
    mine = f"{nic.id.lower()}/"
    theirs = {hold.what: hold.by for hold in holders(store) if not hold.by.lower().startswith(mine)}
    asked: dict[str, str] = {}
    for entry in nic.children():
        for hold in _holds(nic, entry):
            owner = theirs.get(hold.what) or asked.get(hold.what)
            if owner is not None:
                raise _taken(store, hold, owner)
            asked[hold.what] = hold.by


def networks(store: Store, subnet_id: str) -> list[Network]:
    """The prefixes of a subnet. Raises ArmError if there is none of that id."""
    target = ids.parse(subnet_id)
    vnet = store.find(target.parent.id) if target else None
    subnet = vnet.child(target.name) if vnet and target else None
    if subnet is None:
        text = f"Resource {subnet_id} referenced by the request was not found."
        raise bad_request("InvalidResourceReference", text)
    return [ip_network(prefix) for prefix in _prefixes(subnet["properties"])]


def check_in_subnet(store: Store, properties: Json) -> None:
    """Raises ArmError for an address outside the subnet, or one that Azure keeps for itself."""
    address, subnet_id = _parsed(properties["privateIPAddress"]), properties["subnet"]["id"]
    network = next((one for one in networks(store, subnet_id) if address in one), None)
    if network is None:
        ranges = ", ".join(str(one) for one in networks(store, subnet_id))
        text = f"Private static IP address {address} does not belong to the range of subnet prefix {ranges}."
        raise bad_request("PrivateIPAddressNotInSubnet", text)
    if address in _reserved(network):
        text = (
            f"Private static IP address {address} falls within reserved IP range of subnet prefix {network}."
        )
        raise bad_request("PrivateIPAddressInReservedRange", text)


def _parsed(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise bad_request("InvalidIPAddressFormat", f"IP address {text} is not valid.") from None


def is_free(store: Store, subnet_id: str, address: str) -> bool:
    """Whether nobody has an address that Azure does not keep for itself."""
    network = next(one for one in networks(store, subnet_id) if ip_address(address) in one)
    return (
        ip_address(address) not in _reserved(network)
        and holder(store, address_key(subnet_id, address)) is None
    )


def first_free(store: Store, subnet_id: str, version: int, taken: Iterable[str]) -> Address:
    """The lowest free address, as dynamic allocation takes it. Raises ArmError without one."""
    used = {hold.what for hold in holders(store)} | {address_key(subnet_id, one) for one in taken}
    for network in (one for one in networks(store, subnet_id) if one.version == version):
        for address in network:
            if address not in _reserved(network) and address_key(subnet_id, str(address)) not in used:
                return address
    raise bad_request("SubnetIsFull", f"Subnet {subnet_id} does not have enough capacity for 1 IP addresses.")


def address_key(subnet_id: str, address: str) -> str:
    return f"{subnet_id.lower()}={ip_address(address)}"


def _holds(nic: Resource, entry: Json) -> Iterator[Hold]:
    properties, by = entry["properties"], f"{nic.id}/ipConfigurations/{entry['name']}"
    if properties.get("privateIPAddress"):
        yield Hold(address_key(properties["subnet"]["id"], properties["privateIPAddress"]), by)
    if properties.get("publicIPAddress"):
        yield Hold(properties["publicIPAddress"]["id"].lower(), by)


def _taken(store: Store, hold: Hold, owner: str) -> Exception:
    if public_ip := store.find(hold.what):
        text = (
            f"Resource {hold.by} is referencing public IP address {public_ip.id} that is already allocated to"
            f" resource {owner}."
        )
        return bad_request("PublicIPAddressInUse", text)
    address = hold.what.rpartition("=")[2]
    text = (
        f"IP configuration {hold.by} is using the private IP address {address} which is already allocated to"
        f" resource {owner}."
    )
    return bad_request("PrivateIPAddressIsAllocated", text)


def _prefixes(properties: Json) -> list[str]:
    single = properties.get("addressPrefix")
    return [single] if single else list(properties.get("addressPrefixes", ()))


def _reserved(network: Network) -> set[Address]:
    first = {network[number] for number in range(min(_RESERVED_FIRST, network.num_addresses))}
    return first | ({network[-1]} if network.version == 4 else set())
