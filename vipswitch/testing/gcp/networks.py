"""Networks and their subnetworks.

Rules: they are seeded and only read. A subnetwork has one primary range, named secondary ranges for aliases
alone, and an IPv6 range if its stack is dual; its first two and last two IPv4 addresses are Google's. Source:
"Subnets", VPC documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from .answers import Json
from .store import Store

Network = IPv4Network | IPv6Network


def network(store: Store, path: str) -> Json:
    """A network of custom subnet mode."""
    return {
        "kind": "compute#network",
        "id": store.id(path),
        "creationTimestamp": store.stamp(),
        "name": path.rpartition("/")[2],
        "selfLink": path,
        "autoCreateSubnetworks": False,
        "mtu": 1460,
        "routingConfig": {"routingMode": "REGIONAL"},
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
    }


def subnetwork(
    store: Store,
    path: str,
    network_path: str,
    cidr: IPv4Network,
    ipv6_cidr: IPv6Network | None,
    secondary: dict[str, IPv4Network],
) -> Json:
    """A subnetwork; `secondary` are its ranges for aliases by name."""
    ranges = [{"rangeName": name, "ipCidrRange": str(one)} for name, one in secondary.items()]
    dual = {"ipv6AccessType": "INTERNAL", "internalIpv6Prefix": str(ipv6_cidr)} if ipv6_cidr else {}
    return {
        "kind": "compute#subnetwork",
        "id": store.id(path),
        "creationTimestamp": store.stamp(),
        "name": path.rpartition("/")[2],
        "network": network_path,
        "ipCidrRange": str(cidr),
        "gatewayAddress": str(cidr[1]),
        "region": path.rpartition("/subnetworks/")[0],
        "selfLink": path,
        "privateIpGoogleAccess": True,
        "fingerprint": "AAAAAAAAAAA=",
        "purpose": "PRIVATE",
        "stackType": "IPV4_IPV6" if ipv6_cidr else "IPV4_ONLY",
        **({"secondaryIpRanges": ranges} if ranges else {}),
        **dual,
    }


def show(store: Store, document: Json) -> Json:
    """A network with its subnetworks."""
    path = document["selfLink"]
    inside = [name for name, one in store.of_kind("subnetworks") if one["network"] == path]
    return {**document, **({"subnetworks": inside} if inside else {})}


def ranges(subnet: Json) -> Iterator[tuple[str | None, Network]]:
    """All ranges of a subnetwork: the primary one without a name, then the secondary ones by theirs."""
    yield None, ip_network(subnet["ipCidrRange"])
    for one in subnet.get("secondaryIpRanges", ()):
        yield one["rangeName"], ip_network(one["ipCidrRange"])
    if prefix := subnet.get("internalIpv6Prefix"):
        yield None, ip_network(prefix)


def covering(store: Store, network_path: str, cidr: Network) -> Network | None:
    """A range of one of the network's subnetworks in which a range is, or which is in it to the full."""
    for _, subnet in store.of_kind("subnetworks"):
        if subnet["network"] == network_path:
            for _, found in ranges(subnet):
                if found.version == cidr.version and cidr.subnet_of(found):  # type: ignore[arg-type]  # same version
                    return found
    return None
