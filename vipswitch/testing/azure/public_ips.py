"""Public IP addresses: what the service adds, and whose they are.

Rules: the address is static from the start (`rules` of the Standard SKU); `ipConfiguration` is read only and
follows what the NICs hold. Source: "Public IP addresses", Azure Virtual Network.
"""

from __future__ import annotations

from . import addresses
from .answers import Json
from .store import Resource, Store


def complete(store: Store, public_ip: Resource, old: Resource | None) -> None:
    """Adds what was left open."""
    properties = public_ip.body["properties"]
    public_ip.body.setdefault("sku", {"name": "Standard", "tier": "Regional"})
    public_ip.fixed.setdefault("resourceGuid", store.guids.next())
    properties.setdefault("publicIPAddressVersion", "IPv4")
    properties.setdefault("publicIPAllocationMethod", "Static")
    properties.setdefault("idleTimeoutInMinutes", 4)
    properties.setdefault("ipTags", [])
    properties.setdefault("ipAddress", old.body["properties"]["ipAddress"] if old else _new_address(store))


def holder(store: Store, public_ip: Resource) -> Json:
    """The property that names who has it, if anyone."""
    by = addresses.holder(store, public_ip.id.lower())
    return {"ipConfiguration": {"id": by}} if by else {}


def _new_address(store: Store) -> str:
    """One of the range for documentation, in the order in which they are asked for."""
    number = sum(1 for _ in store.all("Microsoft.Network/publicIPAddresses"))
    return f"203.0.113.{10 + number}"
