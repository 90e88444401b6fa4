"""Reserved addresses of a region.

Rules: they are seeded and only read; who uses one, and so its status, follows from the instances, or was
seeded (a forwarding rule). Source: Address in the discovery document; "Reserve a static external IP address".
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from .answers import Json
from .store import Store


def document(store: Store, path: str, address: str, *, subnetwork: str | None = None) -> Json:
    """A reserved address: external, or internal in a subnetwork."""
    internal = {"subnetwork": subnetwork, "purpose": "GCE_ENDPOINT"} if subnetwork else {}
    return {
        "kind": "compute#address",
        "id": store.id(path),
        "creationTimestamp": store.stamp(),
        "name": path.rpartition("/")[2],
        "description": "",
        "address": address,
        "addressType": "INTERNAL" if subnetwork else "EXTERNAL",
        "networkTier": "PREMIUM",
        "region": path.rpartition("/addresses/")[0],
        "selfLink": path,
        "labelFingerprint": "42WmSpB8rSM=",
        **internal,
    }


def show(store: Store, address: Json) -> Json:
    """With its users, and the status that follows."""
    text = address["address"]
    users = hidden_users(store, text) or list(_users(store, address))
    told = {"status": "IN_USE", "users": users} if users else {"status": "RESERVED"}
    return {**address, **told}


def region_of(path: str) -> str:
    """The region of what is in a zone, as a path."""
    _, project, _, zone, *_ = path.split("/")
    return f"projects/{project}/regions/{zone.rpartition('-')[0]}"


def external(store: Store) -> Iterator[tuple[str, str]]:
    """All external addresses that instances have, with whose they are."""
    for path, instance in store.of_kind("instances"):
        for nic in instance["networkInterfaces"]:
            for one in nic.get("accessConfigs", ()):
                yield one["natIP"], path


def hidden_users(store: Store, address: str) -> list[str]:
    """Who else uses it, as it was seeded."""
    return [
        user
        for path, one in store.of_kind("addresses")
        if one["address"] == address
        for user in store.hidden.get(path, {}).get("users", ())
    ]


def _users(store: Store, address: Json) -> Iterator[str]:
    if address["addressType"] == "EXTERNAL":
        yield from (path for text, path in external(store) if text == address["address"])
        return
    wanted = ip_address(address["address"])
    for path, instance in store.of_kind("instances"):
        for nic in instance["networkInterfaces"]:
            mine = [nic["networkIP"], *(one["ipCidrRange"] for one in nic.get("aliasIpRanges", ()))]
            if nic["subnetwork"] == address["subnetwork"] and any(wanted in ip_network(one) for one in mine):
                yield path
