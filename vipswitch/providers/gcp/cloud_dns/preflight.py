"""`vipswitch check` for Cloud DNS: all that a failover needs of it, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Cloud DNS has no dry run; it tells which permissions one has on a zone, and, as Google
says, may tell of more than there are. Source: Cloud DNS API v1, managedZones.get,
managedZones.testIamPermissions, resourceRecordSets.list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers import dns_findings
from vipswitch.providers.dns_names import relative
from vipswitch.providers.gcp.cloud_dns.permissions import ALL
from vipswitch.providers.gcp.cloud_dns.published import belonging
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings, ZoneId
from vipswitch.providers.gcp.cloud_dns.zones import ManagedZone, ManagedZones
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import Resource, resource
from vipswitch.providers.gcp.looked_at import caller
from vipswitch.providers.gcp.node.identity import Identity
from vipswitch.providers.looked_at import trouble
from vipswitch.providers.published import TYPES
from vipswitch.providers.record_sets import Found, holding, subject


class Preflight:
    """One look at the addresses, the zones and the records of a VIP on this node."""

    def __init__(
        self,
        zones: ManagedZones,
        *,
        settings: CloudDnsSettings,
        types: Sequence[str],
        node: Callable[[Deadline], NodeId],
        footing: Footing[ManagedZones],
    ) -> None:
        self._zones = zones
        self._settings = settings
        self._types = types
        self._node = node
        self._footing = footing

    def findings(self, ids: Sequence[ZoneId], deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._footing.clients, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        identity = self._identity(deadline)
        yield self._addresses(identity, deadline)
        yield from dns_findings.own_ttl(self._settings.ttl)
        for id in ids:
            yield from self._of_zone(id, identity, deadline)
            yield from self._of_records(id, deadline)
            yield self._of_permissions(id, deadline)

    def _identity(self, deadline: Deadline) -> Identity | VipswitchError:
        """As of now: addresses come and go."""
        try:
            return self._footing.home.refreshed(deadline)
        except VipswitchError as wrong:
            return wrong

    def _addresses(self, identity: Identity | VipswitchError, deadline: Deadline) -> Finding:
        if isinstance(identity, VipswitchError):
            return dns_findings.published(self._node, identity, deadline, of="")
        own = tuple(belonging(identity))
        return dns_findings.published(self._node, own, deadline, of=f"{identity.nic} of {identity.instance}")

    def _of_zone(
        self, id: ZoneId, identity: Identity | VipswitchError, deadline: Deadline
    ) -> Iterator[Finding]:
        about = f"managed zone {id.name}"
        try:
            zone = self._zones.describe(id, deadline)
        except VipswitchError as wrong:
            yield trouble(about, wrong)
            return
        if relative(self._settings.name, zone.domain) is None:
            message = f"is for {zone.domain}, to which {self._settings.name} does not belong"
            yield Finding(Level.ERROR, about, message, "see to `name` and `zones`")
            return
        if zone.purpose:
            message = f"{zone.purpose}: it can have no records of its own"
            yield Finding(Level.ERROR, about, message, "choose a zone that answers by itself")
            return
        yield from _of_networks(about, zone, identity) if zone.private else _of_delegation(about, zone)
        if "A" in self._types:
            public = self._settings.publish == "public"
            yield from dns_findings.audience(about, private=zone.private, public=public, network="network")

    def _of_records(self, id: ZoneId, deadline: Deadline) -> Iterator[Finding]:
        about = subject(self._settings.name, id.name)
        try:
            found = self._zones.record_sets(id, self._settings.name, deadline)
            seen = holding(found, self._types, about)
        except VipswitchError as wrong:
            yield trouble(about, wrong)
            return
        if seen.holder is None:
            yield Finding(Level.OK, about, "no address yet; the first `up` publishes one")
        else:
            yield Finding(Level.OK, about, f"says {seen.holder}" + (f"; {seen.note}" if seen.note else ""))
        yield from self._of_each(found, about)

    def _of_each(self, found: Found, about: str) -> Iterator[Finding]:
        for record in found.records:
            if record.type in self._types:
                yield from dns_findings.ttl_there(f"{about} {record.type}", record.ttl)
            elif record.type in TYPES:
                says = " ".join(record.values) or record.nature
                yield dns_findings.stays(f"{about} {record.type}", record.type, says)

    def _of_permissions(self, id: ZoneId, deadline: Deadline) -> Finding:
        about = f"permissions on {id.name}"
        try:
            lacking = set(ALL) - self._zones.permitted(id, ALL, deadline)
        except VipswitchError as wrong:
            return trouble(about, wrong)
        if lacking:
            return Finding(
                Level.ERROR,
                about,
                f"lacks {', '.join(sorted(lacking))}",
                "grant the role that `vipswitch iam` prints",
            )
        return Finding(Level.OK, about, "all that `up` and `down` need")


def _of_delegation(about: str, zone: ManagedZone) -> Iterator[Finding]:
    servers = ", ".join(zone.name_servers) or "no name servers"
    yield Finding(Level.OK, about, f"{zone.domain}, public: answers once it is delegated to {servers}")


def _of_networks(about: str, zone: ManagedZone, identity: Identity | VipswitchError) -> Iterator[Finding]:
    """Who sees a private zone; where this node's own network is not among them, nobody here does."""
    seen_in = [found for found in map(resource, zone.networks) if found is not None]
    if not seen_in:
        message = "is private, and visible in no VPC network"
        yield Finding(Level.WARNING, about, message, "make it visible in those of the clients")
        return
    names = ", ".join(found.name for found in seen_in)
    yield Finding(Level.OK, about, f"{zone.domain}, private to {names}")
    if not isinstance(identity, VipswitchError) and not _among(identity.of_network, seen_in):
        own = identity.network
        message = f"is not visible in this node's own network {own}"
        yield Finding(Level.WARNING, about, message, f"make it visible in {own}, if clients are there")


def _among(own: Resource, networks: Sequence[Resource]) -> bool:
    """A project has an id and a number: nobody here can tell whether the one is the other's."""
    projects = {each.project for each in networks if each.name == own.name}
    return own.project in projects or any(p.isdecimal() != own.project.isdecimal() for p in projects)
