"""Azure's DNS zones, public and private: what is asked of them, and what they answer, in our types.

Rules: both kinds are asked in the same way; their SDKs differ in the client and in the names of a few fields.
An etag goes back in a header exactly as it was given: the private zones' SDK would put it in quotes.
Source: Azure DNS REST API 2018-05-01 and Private DNS REST API 2024-06-01: Record Sets, Zones, Virtual
Network Links.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vipswitch.deadline import Deadline
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.dns.kinds import Kind
from vipswitch.providers.azure.dns.records import RecordId, RecordSet
from vipswitch.providers.azure.ids import ResourceId, part

if TYPE_CHECKING:
    from azure.mgmt.privatedns.models import VirtualNetworkLink

_ABSENT = "NotFound"
"""What is said of a record set that a zone does not have; of a missing zone other words are used."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What the SDKs call the records of one type: their list, one of them, and its address."""

    listed: str
    model: str
    address: str


_FIELDS = {
    "A": Fields("a_records", "ARecord", "ipv4_address"),
    "AAAA": Fields("aaaa_records", "AaaaRecord", "ipv6_address"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A virtual network that sees a private zone; whether its virtual machines are registered there."""

    network: str
    registers: bool


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: the name servers of a public one, the virtual networks of a private one."""

    name_servers: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Zones:
    """The zones of one kind. Every method raises our errors only; NotFound where there is no such zone."""

    def __init__(self, kind: Kind, clients: Clients) -> None:
        self._kind = kind
        self._clients = clients

    def record_set(self, at: RecordId, deadline: Deadline) -> RecordSet | None:
        """The record set; None where the zone has none."""
        found = self._get(at, deadline)
        return _record_set(found, _FIELDS[at.type]) if found is not None else None

    def cname(self, at: RecordId, deadline: Deadline) -> str | None:
        """The name to which the name is only another one; None where it is not."""
        found = self._get(replace(at, type="CNAME"), deadline)
        return (found.cname_record and found.cname_record.cname) or "" if found is not None else None

    def put(self, at: RecordId, record: RecordSet, deadline: Deadline) -> None:
        """Replace the record set that has the etag of this one, or create the first; else Conflict."""
        condition = {"If-Match": record.etag} if record.etag else {"If-None-Match": "*"}
        with self._record_sets(at, deadline, writes=True) as sets:
            sets.create_or_update(
                **self._named(at), parameters=self._model(_FIELDS[at.type], record), headers=condition
            )

    def describe(self, zone: ResourceId, deadline: Deadline) -> Zone:
        """One zone, and who sees it."""
        with self._client(self._about(zone, "read", deadline), zone) as dns:
            if not self._kind.private:
                return Zone(name_servers=tuple(dns.zones.get(zone.group, zone.name).name_servers or ()))
            dns.private_zones.get(zone.group, zone.name)
        with self._client(self._about(zone, "virtualNetworkLinks/read", deadline), zone) as dns:
            links = dns.virtual_network_links.list(zone.group, zone.name)
            return Zone(links=tuple(_link(each) for each in links))

    def _get(self, at: RecordId, deadline: Deadline) -> Any | None:
        try:
            with self._record_sets(at, deadline, writes=False) as sets:
                return sets.get(**self._named(at))
        except NotFound as wrong:
            if wrong.code != _ABSENT:
                raise
            return None

    @contextmanager
    def _record_sets(self, at: RecordId, deadline: Deadline, *, writes: bool) -> Iterator[Any]:
        action = self._kind.action(f"{at.type}/{'write' if writes else 'read'}")
        with self._client(Asked(action, at.subject, deadline, str(at), writes=writes), at.zone) as dns:
            yield dns.record_sets

    def _about(self, zone: ResourceId, what: str, deadline: Deadline) -> Asked:
        return Asked(self._kind.action(what), f"{self._kind.noun} {zone.name}", deadline, str(zone))

    def _client(self, asked: Asked, zone: ResourceId) -> AbstractContextManager[Any]:
        clients = self._clients
        return (clients.private_dns if self._kind.private else clients.dns)(asked, zone.subscription)

    def _named(self, at: RecordId) -> dict[str, str]:
        return {
            "resource_group_name": at.zone.group,
            self._kind.zone: at.zone.name,
            "record_type": at.type,
            "relative_record_set_name": at.name,
        }

    def _model(self, fields: Fields, record: RecordSet) -> Any:
        """What is left out of a PUT is kept or lost as the service likes, so the metadata never is."""
        from azure.mgmt.dns import models as public
        from azure.mgmt.privatedns import models as private

        models: Any = private if self._kind.private else public
        one = getattr(models, fields.model)
        listed = {fields.listed: [one(**{fields.address: address}) for address in record.addresses]}
        return models.RecordSet(ttl=record.ttl, metadata=dict(record.metadata), **listed)


def _record_set(raw: Any, fields: Fields) -> RecordSet:
    listed = getattr(raw, fields.listed) or ()
    addresses = tuple(getattr(each, fields.address) for each in listed)
    return RecordSet(raw.ttl or 0, addresses, dict(raw.metadata or {}), raw.etag or "", _nature(raw))


def _nature(raw: Any) -> str:
    """Only public record sets can be aliases, and only private ones are registered."""
    target = getattr(raw, "target_resource", None)
    if target is not None and target.id:
        return f"is an alias of {part(target.id)}"
    if getattr(raw, "is_auto_registered", None):
        return "is kept by Azure for a virtual machine of that name (auto-registration)"
    return ""


def _link(raw: VirtualNetworkLink) -> Link:
    about = raw.properties
    network = about.virtual_network if about is not None else None
    return Link((network and network.id) or "", bool(about and about.registration_enabled))
