"""A DNS name whose address records, in each of several Azure zones, are the holder's: what both kinds share.

Rules: a place is one record set, the A or the AAAA records of the name in one zone: each has an etag of its
own, and Azure changes no two together. A claim is one PUT that replaces exactly what was read (If-Match), or
creates what was not there (If-None-Match); what vipswitch would not have written is never replaced. `down`
leaves the record: without it resolvers would keep "there is no such name" for as long as the zone's SOA says,
also when the next holder has published itself. That its holder has let go is noted in the metadata of the
record set, under the same etag, so that a restore fails when the holder has taken the name up again. A PUT is
answered when it is done; clients follow when the old answer has left their caches.
Source: Azure DNS REST API and Private DNS REST API, Record Sets; RFC 2308, "Negative caching".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.azure.dns import records
from vipswitch.providers.azure.dns.kinds import Kind
from vipswitch.providers.azure.dns.permissions import on_record_sets
from vipswitch.providers.azure.dns.published import published
from vipswitch.providers.azure.dns.records import RecordId, RecordSet
from vipswitch.providers.azure.dns.settings import DnsSettings, PrivateDnsSettings
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import Name
from vipswitch.providers.azure.role import ROLE
from vipswitch.providers.dns_names import relative
from vipswitch.providers.published import TYPES, given, parts, whole
from vipswitch.providers.side_by_side import side_by_side

if TYPE_CHECKING:
    from vipswitch.providers.azure.api.client import Clients
    from vipswitch.providers.azure.dns.zones import Zones


class ZoneRecords:
    """Moves a VIP that is a name, by publishing the holder's own address; `kind` says in which zones."""

    kind: ClassVar[Kind]
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=False,
        needs_address=False,
        announces=False,
        life_s=75.0,
        addressed=Addressed.NEVER,
    )

    def __init__(self, settings: DnsSettings | PrivateDnsSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._types = tuple(type_ for type_ in TYPES if type_ in settings.types)
        self._azure = Footing(settings, machine, connect=partial(_connect, self.kind))

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each record set. ConfigError where the name does not belong to a zone."""
        return tuple(self._where())

    def node(self, deadline: Deadline) -> NodeId:
        """The addresses to publish: those in the config for this machine, else its own."""
        if (configured := self._machine.node()) is not None:
            return given(configured, self._types, on="a virtual machine of Azure")
        return published(self._azure.home, self._types, deadline, public=self._settings.publish == "public")

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in a request for each; ConfigError for what must not be replaced."""
        answers = side_by_side([partial(self._answer, place, deadline) for place in places])
        known = self._known(deadline) if len(self._types) > 1 else []
        return {place: _as_node(answer, known) for place, answer in zip(places, answers, strict=True)}

    def _answer(self, place: Place, deadline: Deadline) -> Holding | VipswitchError:
        try:
            return self._look(self._record(place, deadline), deadline)
        except VipswitchError as wrong:
            return wrong

    def _look(self, at: RecordId, deadline: Deadline) -> Holding:
        return records.holding(self._azure.api.record_set(at, deadline), at.subject)

    def _known(self, deadline: Deadline) -> list[NodeId]:
        """The nodes whose addresses are known, this one first if it can be found out."""
        try:
            return [self.node(deadline), *self._machine.nodes()]
        except VipswitchError:
            return list(self._machine.nodes())

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the record set that was seen, or is there now; Conflict if it is not as it was."""
        at = self._record(place, deadline)
        seen = seen or self._look(at, deadline)
        record = records.claimed(parts(node)[at.type], seen, ttl=self._settings.ttl)
        self._azure.api.put(at, record, deadline)

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Note it in the metadata of the record set; Conflict if that has another address by now."""
        at = self._record(place, deadline)
        found, address = self._azure.api.record_set(at, deadline), parts(node)[at.type]
        holder = records.holding(found, at.subject).holder
        if found is None or holder != str(address):
            raise Conflict(f"{at.subject}: held by {holder or 'nobody'}")
        self._azure.api.put(at, records.marked(found, address, generation), deadline)

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Take the mark out of the metadata if it names `node`; Conflict if the set has changed since."""
        at = self._record(place, deadline)
        found = self._azure.api.record_set(at, deadline)
        wanted = records.unmarked(found, parts(node)[at.type])
        if wanted is not None:
            self._azure.api.put(at, wanted, deadline)

    def contention_key(self, place: Place) -> str:
        """The record set."""
        return f"azure-record:{self.kind.type}/{place}".lower()

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests that `call` makes, in the words of RBAC."""
        match call:
            case "read":
                return [self._line(place, "read") for place in places]
            case "claim":
                return [self._claiming(place, node) for place in places]
            case "mark":
                return [line for place in places for line in self._marking(place, node)]
        return []

    def _line(self, place: Place, verb: str, *more: str) -> str:
        _, type_, _ = self._named(place)
        return " ".join((self.kind.action(f"{type_}/{verb}"), str(place), *more))

    def _claiming(self, place: Place, node: NodeId) -> str:
        _, type_, _ = self._named(place)
        record = records.claimed(parts(node)[type_], Holding(None), ttl=self._settings.ttl)
        return self._line(place, "write", "If-Match=as read", f"TTL={record.ttl}", *record.addresses)

    def _marking(self, place: Place, node: NodeId) -> Iterator[str]:
        _, type_, _ = self._named(place)
        yield self._line(place, "read")
        address = parts(node)[type_]
        record = records.marked(RecordSet(self._settings.ttl, (str(address),)), address, "GENERATION")
        mark = f"{records.MARK}={record.metadata[records.MARK]}"
        yield self._line(place, "write", "If-Match=as read", mark)

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading and writing these record sets, and what `check` looks at beside them."""
        return list(on_record_sets(self.kind, [self._record(place, deadline) for place in self.places]))

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Azure, changing nothing."""
        try:
            zones = self._azure.api
            sets = [self._record(place, deadline) for place in self.places]
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Azure", wrong.message, wrong.hint)]
        from vipswitch.providers.azure.dns.preflight import Preflight

        return Preflight(
            self.kind, zones, settings=self._settings, node=self.node, footing=self._azure
        ).findings(sets, deadline)

    def _record(self, place: Place, deadline: Deadline) -> RecordId:
        zone, type_, name = self._named(place)
        return RecordId(self._azure.resource(zone, self.kind.type, deadline), type_, name)

    def _named(self, place: Place) -> tuple[Name, str, str]:
        found = self._where().get(place)
        if found is None:
            raise ConfigError(f"{place}: no record set of this VIP")
        return found

    def _where(self) -> dict[Place, tuple[Name, str, str]]:
        """Zone, type, and what the zone calls the name, by place."""
        found: dict[Place, tuple[Name, str, str]] = {}
        for zone in dict.fromkeys(self._settings.zones):
            name = relative(self._settings.name, zone.name)
            if name is None:
                message = f"{self._settings.name}: does not belong to the zone {zone.name}"
                raise ConfigError(message, hint="see to `name` and `zones`")
            found |= {Place(f"{zone}/{type_}/{name}"): (zone, type_, name) for type_ in self._types}
        return found


def _connect(kind: Kind, clients: Clients) -> Zones:
    from vipswitch.providers.azure.dns.zones import Zones

    return Zones(kind, clients)


def _as_node(answer: Holding | VipswitchError, known: Sequence[NodeId]) -> Holding | VipswitchError:
    """One record names a node only in part, where it has addresses of both types."""
    if isinstance(answer, VipswitchError) or answer.holder is None:
        return answer
    return replace(answer, holder=whole(answer.holder, known))
