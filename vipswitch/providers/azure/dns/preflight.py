"""`vipswitch check` for Azure's DNS zones: all that a failover needs of them, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Whether records may be written is tried with a write that cannot be made: the record set
as it is, under an etag that it does not have. Azure asks for permissions and locks before it compares etags.
Source: Azure DNS REST API and Private DNS REST API, Zones, Virtual Network Links, Record Sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers import dns_findings
from vipswitch.providers.azure.dns import records
from vipswitch.providers.azure.dns.kinds import Kind
from vipswitch.providers.azure.dns.networks import own_network
from vipswitch.providers.azure.dns.published import belonging
from vipswitch.providers.azure.dns.records import RecordId, RecordSet
from vipswitch.providers.azure.dns.settings import DnsSettings, PrivateDnsSettings
from vipswitch.providers.azure.dns.zones import Zone, Zones
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import ResourceId, part
from vipswitch.providers.azure.looked_at import caller
from vipswitch.providers.azure.node.identity import Identity
from vipswitch.providers.looked_at import trouble
from vipswitch.providers.published import TYPES

_NO_ETAG = "00000000-0000-0000-0000-000000000000"


class Preflight:
    """One look at the addresses, the zones and the records of a VIP on this node."""

    def __init__(
        self,
        kind: Kind,
        zones: Zones,
        *,
        settings: DnsSettings | PrivateDnsSettings,
        node: Callable[[Deadline], NodeId],
        footing: Footing[Zones],
    ) -> None:
        self._kind = kind
        self._zones = zones
        self._settings = settings
        self._node = node
        self._footing = footing

    def findings(self, sets: Sequence[RecordId], deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._footing.clients, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        identity = self._identity(deadline)
        yield self._addresses(identity, deadline)
        yield from dns_findings.own_ttl(self._settings.ttl)
        for zone in dict.fromkeys(at.zone for at in sets):
            yield from self._of_zone(zone, identity, deadline)
            for at in (at for at in sets if at.zone == zone):
                yield from self._of_record(at, deadline)
            yield from self._of_others(next(at for at in sets if at.zone == zone), deadline)

    def _identity(self, deadline: Deadline) -> Identity | VipswitchError:
        """As of now: addresses come and go."""
        try:
            return self._footing.home.refreshed(deadline)
        except VipswitchError as wrong:
            return wrong

    def _addresses(self, identity: Identity | VipswitchError, deadline: Deadline) -> Finding:
        if isinstance(identity, VipswitchError):
            return dns_findings.published(self._node, identity, deadline, of="")
        own = belonging(identity, deadline, public=self._settings.publish == "public")
        return dns_findings.published(self._node, own, deadline, of=f"interface {identity.mac}")

    def _of_zone(
        self, zone: ResourceId, identity: Identity | VipswitchError, deadline: Deadline
    ) -> Iterator[Finding]:
        subject = f"{self._kind.noun} {zone.group}/{zone.name}"
        try:
            found = self._zones.describe(zone, deadline)
        except VipswitchError as wrong:
            yield trouble(subject, wrong)
            return
        if self._kind.private:
            yield from self._of_links(subject, found, identity, deadline)
        else:
            servers = ", ".join(found.name_servers) or "no name servers"
            yield Finding(Level.OK, subject, f"answers once its domain is delegated to {servers}")
        if "A" in self._settings.types:
            public = self._settings.publish == "public"
            yield from dns_findings.audience(
                subject, private=self._kind.private, public=public, network="virtual network"
            )

    def _of_links(
        self, subject: str, zone: Zone, identity: Identity | VipswitchError, deadline: Deadline
    ) -> Iterator[Finding]:
        """Who sees a private zone; where this node's own network is not among them, nobody here does."""
        if not zone.links:
            yield Finding(
                Level.ERROR, subject, "is linked to no virtual network", "link it to those of the clients"
            )
            return
        told = [
            f"{part(link.network)}{' with registration' if link.registers else ''}" for link in zone.links
        ]
        yield Finding(Level.OK, subject, f"linked to {', '.join(told)}")
        try:
            own = own_network(identity, self._footing.clients, deadline)
        except VipswitchError as wrong:
            message = f"not compared with this node's own virtual network: {wrong.message}"
            yield Finding(
                Level.WARNING, subject, message, "see that clients are in one of those it is linked to"
            )
            return
        if own.lower() not in {link.network.lower() for link in zone.links}:
            message = f"is not visible in this node's own {part(own)}"
            yield Finding(Level.WARNING, subject, message, f"link it to {part(own)}, if clients are there")

    def _of_record(self, at: RecordId, deadline: Deadline) -> Iterator[Finding]:
        try:
            found = self._zones.record_set(at, deadline)
            seen = records.holding(found, at.subject)
        except VipswitchError as wrong:
            yield trouble(at.subject, wrong)
            return
        if found is None:
            yield Finding(Level.OK, at.subject, "not there yet; the first `up` makes it")
            yield _not_tried(at)
            return
        says = f"says {seen.holder or 'nothing'}" + (f"; {seen.note}" if seen.note else "")
        yield Finding(Level.OK, at.subject, says)
        yield from dns_findings.ttl_there(at.subject, found.ttl)
        yield from self._of_permission(at, found, deadline)

    def _of_permission(self, at: RecordId, found: RecordSet, deadline: Deadline) -> Iterator[Finding]:
        try:
            self._zones.put(at, replace(found, etag=_NO_ETAG), deadline)
        except Conflict:
            yield Finding(Level.OK, at.subject, "may be written")
        except VipswitchError as wrong:
            yield trouble(at.subject, wrong)

    def _of_others(self, at: RecordId, deadline: Deadline) -> Iterator[Finding]:
        """What else stands at the name in one zone."""
        yield from self._of_cname(at, deadline)
        for type_ in TYPES:
            if type_ not in self._settings.types:
                yield from self._of_staying(replace(at, type=type_), deadline)

    def _of_cname(self, at: RecordId, deadline: Deadline) -> Iterator[Finding]:
        about = replace(at, type="CNAME").subject
        try:
            other = self._zones.cname(at, deadline)
        except VipswitchError as wrong:
            yield trouble(about, wrong)
            return
        if other is not None:
            message = f"is there ({other}), beside which there can be no address"
            yield Finding(Level.ERROR, about, message, records.HINT)

    def _of_staying(self, at: RecordId, deadline: Deadline) -> Iterator[Finding]:
        try:
            found = self._zones.record_set(at, deadline)
        except VipswitchError as wrong:
            yield trouble(at.subject, wrong)
            return
        if found is not None and (says := " ".join(found.addresses) or found.nature):
            yield dns_findings.stays(at.subject, at.type, says)


def _not_tried(at: RecordId) -> Finding:
    message = "whether it may be written was not tried: only a record set that is there can be tried"
    return Finding(
        Level.WARNING, at.subject, message, "run `vipswitch up` once, then `vipswitch check` again"
    )
