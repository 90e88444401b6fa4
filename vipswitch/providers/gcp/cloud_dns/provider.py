"""`gcp-cloud-dns`: a DNS name whose address records, in each of several managed zones, are the holder's.

Rules: the A and AAAA records of the name in one zone change in one change, or not at all; it deletes exactly
what was read, so that it fails when somebody else has changed that; nothing that vipswitch would not have
written is replaced. `down` leaves the records: without them resolvers would keep "there is no such name" for
as long as the zone's SOA says, also when the next holder has published itself. That its holder has let go is
noted by a text beside the name; a restore deletes that text in the change of the address, so that it fails
when the holder has taken the name up again. Clients follow when the change has been sent to the name servers
and the old answer has left their caches.
Source: Cloud DNS API v1, changes.create, changes.get; RFC 2308, "Negative caching".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers import record_sets
from vipswitch.providers.dns_names import text_of
from vipswitch.providers.gcp.cloud_dns.permissions import on_zones
from vipswitch.providers.gcp.cloud_dns.published import published
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings, ZoneId
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.role import ROLE
from vipswitch.providers.propagation import Propagation
from vipswitch.providers.published import TYPES, given
from vipswitch.providers.record_sets import Batch, Found, RecordSet
from vipswitch.providers.side_by_side import side_by_side

if TYPE_CHECKING:
    from vipswitch.providers.gcp.api.client import Clients
    from vipswitch.providers.gcp.cloud_dns.zones import ManagedZones


class GcpCloudDns:
    """Moves a VIP that is a name, by publishing the holder's own address."""

    Settings = CloudDnsSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=False,
        needs_address=False,
        announces=False,
        life_s=90.0,
        addressed=Addressed.NEVER,
    )

    def __init__(self, settings: CloudDnsSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._types = tuple(type_ for type_ in TYPES if type_ in settings.types)
        self._where = {Place(f"{zone}/{settings.name}"): zone for zone in dict.fromkeys(settings.zones)}
        self._propagation = Propagation()
        self._gcp = Footing(settings, machine, connect=_managed_zones)

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each zone: the record sets of the name in it."""
        return tuple(self._where)

    def node(self, deadline: Deadline) -> NodeId:
        """The addresses to publish: those in the config for this machine, else its own."""
        if (configured := self._machine.node()) is not None:
            return given(configured, self._types, on="an instance of Compute Engine")
        return published(self._gcp.home, self._types, deadline, public=self._settings.publish == "public")

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in two requests for each; ConfigError for what must not be replaced.

        After a claim by this process, also whether it has been sent to the name servers.
        """
        answers = side_by_side([partial(self._answer, place, deadline) for place in places])
        return dict(zip(places, answers, strict=True))

    def _answer(self, place: Place, deadline: Deadline) -> Holding | VipswitchError:
        try:
            zone = self._zone(place, deadline)
            return self._propagation.look(
                place,
                partial(self._look, zone, deadline),
                lambda change: self._gcp.api.in_effect(zone, change, deadline),
            )
        except VipswitchError as wrong:
            return wrong

    def _look(self, zone: ZoneId, deadline: Deadline) -> Holding:
        return self._holding(zone, self._found(zone, deadline))

    def _found(self, zone: ZoneId, deadline: Deadline) -> Found:
        return self._gcp.api.record_sets(zone, self._settings.name, deadline)

    def _holding(self, zone: ZoneId, found: Found) -> Holding:
        return record_sets.holding(found, self._types, self._subject(zone))

    def _subject(self, zone: ZoneId) -> str:
        return record_sets.subject(self._settings.name, zone.name)

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the records that were seen, or are there now, in one change; Conflict if they changed."""
        seen = seen or self._look(self._zone(place, deadline), deadline)
        self._take(place, node, self._taking(node, seen), deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """As `claim`, of a name that nobody holds or that is still released as it was seen; else Conflict."""
        if seen.holder is not None and not seen.released:
            raise Conflict(f"{place}: held by {seen.holder}")
        self._take(place, node, self._taking(node, seen, restoring=True), deadline)

    def _taking(self, node: NodeId, seen: Holding, *, restoring: bool = False) -> Batch:
        about = self._settings
        return record_sets.taking(node, about.name, ttl=about.ttl, seen=seen, restoring=restoring)

    def _take(self, place: Place, node: NodeId, batch: Batch, deadline: Deadline) -> None:
        if not batch:
            return
        change = self._gcp.api.change(self._zone(place, deadline), self._settings.name, batch, deadline)
        if change.done:
            self._propagation.ended(place)
        else:
            self._propagation.begins(place, change.id, node)

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Put the mark in the place of the text that was there; Conflict if another holds the name by now."""
        zone, about = self._zone(place, deadline), self._settings
        found = self._found(zone, deadline)
        holder = self._holding(zone, found).holder
        if holder != node:
            raise Conflict(f"{self._subject(zone)}: held by {holder or 'nobody'}")
        batch = record_sets.marking(found, node, about.name, ttl=about.ttl, generation=generation)
        self._change_text(place, batch, deadline)

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Delete the mark, as it was read, if it names `node`; Conflict if it has changed since."""
        found = self._found(self._zone(place, deadline), deadline)
        self._change_text(place, record_sets.unmarking(found, node), deadline)

    def _change_text(self, place: Place, batch: Batch, deadline: Deadline) -> None:
        if batch:
            self._gcp.api.change(self._zone(place, deadline), self._settings.name, batch, deadline)
            self._propagation.looks_anew(place)

    def contention_key(self, place: Place) -> str:
        """The zone: Cloud DNS makes one change after the other there."""
        zone = self._named(place)
        return f"gcp-zone:{zone.project or self._settings.project or ''}/{zone.name}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of Cloud DNS's API that `call` makes, by the ids of its methods."""
        match call:
            case "read":
                return [line for place in places for line in self._reading(place)]
            case "claim":
                return [self._line(place, self._taking(node, Holding(None))) for place in places]
            case "mark":
                return [line for place in places for line in self._marking(place, node)]
        return []

    def _reading(self, place: Place) -> Iterator[str]:
        name = self._settings.name
        for more in (f"name={name}.", f"name={text_of(name)}. type=TXT"):
            yield f"dns.resourceRecordSets.list {self._named(place)} {more}"

    def _marking(self, place: Place, node: NodeId) -> Iterator[str]:
        yield from self._reading(place)
        about = self._settings
        yield self._line(
            place,
            record_sets.marking(Found(), node, about.name, ttl=about.ttl, generation="GENERATION"),
        )

    def _line(self, place: Place, batch: Batch) -> str:
        additions = " ".join(f"additions={_told(record)}" for record in batch.new)
        return f"dns.changes.create {self._named(place)} deletions=as read {additions}"

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading these zones, changing their records, and following these changes."""
        return list(on_zones([self._zone(place, deadline) for place in self.places]))

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Cloud DNS, changing nothing."""
        try:
            zones = self._gcp.api
            ids = [self._zone(place, deadline) for place in self.places]
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Google Cloud", wrong.message, wrong.hint)]
        from vipswitch.providers.gcp.cloud_dns.preflight import Preflight

        return Preflight(
            zones, settings=self._settings, types=self._types, node=self.node, footing=self._gcp
        ).findings(ids, deadline)

    def _zone(self, place: Place, deadline: Deadline) -> ZoneId:
        named = self._named(place)
        return ZoneId(named.project or self._gcp.project(deadline), named.name)

    def _named(self, place: Place) -> Name:
        found = self._where.get(place)
        if found is None:
            raise ConfigError(f"{place}: no record of this VIP")
        return found


def _managed_zones(clients: Clients) -> ManagedZones:
    from vipswitch.providers.gcp.cloud_dns.zones import ManagedZones

    return ManagedZones(clients)


def _told(record: RecordSet) -> str:
    return f"{record.type} {record.name}. {record.ttl} {' '.join(record.values)}"
