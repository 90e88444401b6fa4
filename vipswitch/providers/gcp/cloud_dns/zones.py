"""The managed zones of Cloud DNS: what is asked of them, and what they answer, in our types.

Rules: a name's record sets and the text beside it are two listings, side by side, because one listing tells
of one name, or of a whole zone. A change is one request, all of it or nothing; what it deletes is described
to the letter, the values in the order in which they were read. Record sets are never written one by one
(resourceRecordSets.create, patch): that has no condition.
Source: Cloud DNS API v1, changes, resourceRecordSets, managedZones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from vipswitch.deadline import Deadline
from vipswitch.providers.asked import Asked
from vipswitch.providers.dns_names import text_of
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.cloud_dns.settings import ZoneId
from vipswitch.providers.record_sets import Batch, Found, RecordSet, subject
from vipswitch.providers.side_by_side import side_by_side


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was accepted; `done` once it has been sent to the name servers."""

    id: str
    done: bool


@dataclass(frozen=True, slots=True)
class ManagedZone:
    """A zone: its domain; the name servers of a public one; the networks (URLs) that see a private one.

    `purpose` says for what else than records of its own it is there; empty for a plain one.
    """

    domain: str
    private: bool
    name_servers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    purpose: str = ""


class ManagedZones:
    """The managed zones of a project. Every method raises our errors only; NotFound for no such zone."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def record_sets(self, zone: ZoneId, name: str, deadline: Deadline) -> Found:
        """All record sets of a name, and the text beside it."""
        own, texts = side_by_side(
            [
                partial(self._listed, zone, name, deadline, {"name": f"{name}."}),
                partial(self._listed, zone, name, deadline, {"name": f"{text_of(name)}.", "type": "TXT"}),
            ]
        )
        return Found(own, next(iter(texts), None))

    def _listed(
        self, zone: ZoneId, name: str, deadline: Deadline, wanted: Mapping[str, str]
    ) -> tuple[RecordSet, ...]:
        asked = Asked("dns.resourceRecordSets.list", subject(name, zone.name), deadline, str(zone))
        with self._clients.dns(asked) as dns:
            pages = dns.pages(f"{zone}/rrsets", **wanted)
            return tuple(_record_set(raw) for page in pages for raw in page.get("rrsets") or ())

    def change(self, zone: ZoneId, name: str, batch: Batch, deadline: Deadline) -> Change:
        """Make all of it or nothing; Conflict if a record set is not as the batch has it."""
        asked = Asked("dns.changes.create", subject(name, zone.name), deadline, str(zone), writes=True)
        body = {
            "additions": [_asked_for(record) for record in batch.new],
            "deletions": [_asked_for(record) for record in batch.gone],
        }
        with self._clients.dns(asked) as dns:
            return _change(dns.post(f"{zone}/changes", body))

    def in_effect(self, zone: ZoneId, change: str, deadline: Deadline) -> bool:
        """Whether a change has been sent to all name servers."""
        asked = Asked("dns.changes.get", f"change {change} in {zone.name}", deadline, str(zone))
        with self._clients.dns(asked) as dns:
            return _change(dns.get(f"{zone}/changes/{change}")).done

    def describe(self, zone: ZoneId, deadline: Deadline) -> ManagedZone:
        """One zone."""
        asked = Asked("dns.managedZones.get", f"managed zone {zone.name}", deadline, str(zone))
        with self._clients.dns(asked) as dns:
            return _managed_zone(dns.get(str(zone)))

    def permitted(self, zone: ZoneId, permissions: Collection[str], deadline: Deadline) -> frozenset[str]:
        """Which of the permissions the caller has on the zone; none of them where there is no such zone."""
        asked = Asked("dns.managedZones.testIamPermissions", f"managed zone {zone.name}", deadline, str(zone))
        with self._clients.dns(asked) as dns:
            body = {"permissions": sorted(permissions)}
            return frozenset(dns.post(f"{zone}:testIamPermissions", body).get("permissions") or ())


def _record_set(raw: Mapping[str, Any]) -> RecordSet:
    """`ttl` is a number in answers; some clients send a text, and get back what they sent."""
    name, values = raw["name"].removesuffix("."), tuple(raw.get("rrdatas") or ())
    return RecordSet(name, raw["type"], int(raw.get("ttl", 0)), values, _nature(raw))


def _nature(raw: Mapping[str, Any]) -> str:
    policy = raw.get("routingPolicy")
    if not policy:
        return ""
    kind = next((told for key, told in _ROUTING.items() if key in policy), "a")
    return f"has {kind} routing policy"


_ROUTING = {"wrr": "a weighted round robin", "geo": "a geolocation", "primaryBackup": "a failover"}


def _asked_for(record: RecordSet) -> dict[str, object]:
    return {
        "name": f"{record.name}.",
        "type": record.type,
        "ttl": record.ttl,
        "rrdatas": list(record.values),
    }


def _change(raw: Mapping[str, Any]) -> Change:
    return Change(str(raw.get("id", "")), raw.get("status") == "done")


def _managed_zone(raw: Mapping[str, Any]) -> ManagedZone:
    visible = raw.get("privateVisibilityConfig") or {}
    return ManagedZone(
        raw["dnsName"].removesuffix("."),
        raw.get("visibility") == "private",
        tuple(server.removesuffix(".") for server in raw.get("nameServers") or ()),
        tuple(network["networkUrl"] for network in visible.get("networks") or ()),
        next(iter(_purposes(raw)), ""),
    )


def _purposes(raw: Mapping[str, Any]) -> Iterator[str]:
    for key, told in _PURPOSES.items():
        if raw.get(key):
            yield told


_PURPOSES = {
    "peeringConfig": "peers with another network's zones",
    "forwardingConfig": "forwards to other name servers",
    "serviceDirectoryConfig": "is kept by Service Directory",
}
"""What a zone with such a field has no records of its own for."""
