"""The config keys of `azure-dns` and `azure-private-dns`, which differ in the zones that they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from vipswitch.providers import dns_keys
from vipswitch.providers.azure.ids import NETWORK, Name, name_of
from vipswitch.providers.azure.settings import Account
from vipswitch.providers.dns_names import dns_name
from vipswitch.settings import key

PUBLIC_ZONES = f"{NETWORK}/dnsZones"
PRIVATE_ZONES = f"{NETWORK}/privateDnsZones"


def _zone(type: str, wanted: str) -> Callable[[object], Name]:
    named = name_of(type, wanted)

    def parse(raw: object) -> Name:
        zone = named(raw)
        return replace(zone, name=dns_name(zone.name))

    return parse


def _zones(type: str, kind: str, example: str) -> Any:
    about = f"the {kind}s that have the name: zone, group/zone, or whole ids"
    return key(_zone(type, f"a {kind} such as {example}"), many=True, help=about, metavar="ZONE")


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsSettings(Account):
    """Which DNS name, in which public zones, and what it says."""

    name: str = key(dns_name, help="the DNS name that clients look up, such as db.example.com")
    zones: tuple[Name, ...] = _zones(PUBLIC_ZONES, "DNS zone", "example.com")
    types: tuple[str, ...] = dns_keys.types()
    ttl: int = dns_keys.ttl()
    publish: str = dns_keys.publish(default="public")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDnsSettings(Account):
    """Which DNS name, in which private zones, and what it says."""

    name: str = key(dns_name, help="the DNS name that clients look up, such as db.example.internal")
    zones: tuple[Name, ...] = _zones(PRIVATE_ZONES, "private DNS zone", "example.internal")
    types: tuple[str, ...] = dns_keys.types()
    ttl: int = dns_keys.ttl()
    publish: str = dns_keys.publish(default="private")
