"""`aws-route53`: a DNS name whose address records, in each of several hosted zones, are the holder's.

Rules: the A and AAAA records of the name in one zone change in one batch, or not at all; the batch deletes
exactly what was read, so that it fails when somebody else has changed it; nothing that vipswitch would not
have written is replaced. `down` leaves the records: without them resolvers would keep "there is no such
name" for as long as the zone's SOA says, also when the next holder has published itself. That its holder has
let go is noted by a text beside the name; a restore deletes that text in the batch of the address, so that
it fails when the holder has taken the name up again. Clients follow when the name servers know the change and
the old answer has left their caches.
Source: Route 53 API Reference, ChangeResourceRecordSets, GetChange; RFC 2308, "Negative caching".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import assuming, principal
from vipswitch.providers.aws.policy import POLICY
from vipswitch.providers.aws.route53 import records
from vipswitch.providers.aws.route53.permissions import CHANGE, on_zones
from vipswitch.providers.aws.route53.published import published
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.providers.propagation import Propagation
from vipswitch.providers.published import TYPES, given
from vipswitch.providers.record_sets import Found, holding, subject

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.route53.zones import HostedZones


class AwsRoute53:
    """Moves a VIP that is a name, by publishing the holder's own address."""

    Settings = Route53Settings
    policy: ClassVar[PolicyForm] = POLICY
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=False,
        needs_address=False,
        announces=False,
        life_s=75.0,
        addressed=Addressed.NEVER,
    )

    def __init__(self, settings: Route53Settings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._zones = tuple(dict.fromkeys(settings.zones))
        self._types = tuple(type_ for type_ in TYPES if type_ in settings.types)
        self._propagation = Propagation()
        self._aws = Footing(
            settings,
            machine,
            connect=_hosted_zones,
            endpoints={"route53": settings.route53_endpoint_url},
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each zone: the record sets of the name in it."""
        return tuple(Place(f"{zone}/{self._settings.name}") for zone in self._zones)

    def node(self, deadline: Deadline) -> NodeId:
        """The addresses to publish: those in the config for this machine, else its own as EC2 knows them."""
        if (configured := self._machine.node()) is not None:
            return given(configured, self._types, on="an EC2 instance")
        return published(self._aws.home, self._types, deadline, public=self._settings.publish == "public")

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in a request for each; ConfigError where there is what must not be replaced.

        After a claim by this process, also whether all name servers know of it.
        """
        return {place: self._answer(place, deadline) for place in places}

    def _answer(self, place: Place, deadline: Deadline) -> Holding | VipswitchError:
        try:
            return self._propagation.look(
                place,
                partial(self._listed, _zone(place), deadline),
                lambda change: self._aws.api.in_sync(change, deadline),
            )
        except VipswitchError as wrong:
            return wrong

    def _listed(self, zone: ZoneId, deadline: Deadline) -> Holding:
        return self._holding(zone, self._found(zone, deadline))

    def _found(self, zone: ZoneId, deadline: Deadline) -> Found:
        return self._aws.api.record_sets(zone, self._settings.name, deadline)

    def _holding(self, zone: ZoneId, found: Found) -> Holding:
        return holding(found, self._types, subject(self._settings.name, zone))

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Replace the records that were seen, in one batch; Conflict if they are not as they were.

        Without `seen` whatever stands there is replaced, because it is not known what to compare with.
        """
        self._replace(place, node, self._changes(node, seen), deadline)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """As `claim`, of a name that nobody holds or that is still released as it was seen; else Conflict."""
        if seen.holder is not None and not seen.released:
            raise Conflict(f"{subject(self._settings.name, _zone(place))}: held by {seen.holder}")
        self._replace(place, node, self._changes(node, seen, restoring=True), deadline)

    def _replace(
        self, place: Place, node: NodeId, changes: Sequence[records.Change], deadline: Deadline
    ) -> None:
        if not changes:
            return
        zone, name = _zone(place), self._settings.name
        change = self._aws.api.change(zone, name, changes, deadline, comment=f"vipswitch: held by {node}")
        self._propagation.begins(place, change, node)

    def _changes(
        self, node: NodeId, seen: Holding | None, *, restoring: bool = False
    ) -> tuple[records.Change, ...]:
        about = self._settings
        return records.changes(
            node, about.name, ttl=about.ttl, seen=seen, told=about.txt, restoring=restoring
        )

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        """Put the mark in the place of the text that was there; Conflict if another holds the name by now."""
        zone, about = _zone(place), self._settings
        found = self._found(zone, deadline)
        holder = self._holding(zone, found).holder
        if holder != node:
            raise Conflict(f"{subject(about.name, zone)}: held by {holder or 'nobody'}")
        changes = records.marking(found, node, about.name, ttl=about.ttl, generation=generation)
        self._change_text(place, changes, deadline, comment=f"vipswitch: released by {node}")

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        """Delete the mark, as it was read, if it names `node`; Conflict if it has changed since."""
        about = self._settings
        found = self._found(_zone(place), deadline)
        changes = records.unmarking(found, node, about.name, ttl=about.ttl, told=about.txt)
        self._change_text(place, changes, deadline, comment=f"vipswitch: taken up by {node}")

    def _change_text(
        self, place: Place, changes: Sequence[records.Change], deadline: Deadline, *, comment: str
    ) -> None:
        if not changes:
            return
        self._aws.api.change(_zone(place), self._settings.name, changes, deadline, comment=comment)
        self._propagation.looks_anew(place)

    def contention_key(self, place: Place) -> str:
        """The zone: Route 53 makes one batch at a time there."""
        return f"aws-zone:{_zone(place)}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of Route 53's API that `call` makes, in the words of IAM."""
        match call:
            case "read":
                name = self._settings.name
                return [
                    f"route53:ListResourceRecordSets HostedZoneId={_zone(place)} StartRecordName={name}"
                    for place in places
                ]
            case "claim":
                created = " ".join(_told(change) for change in self._changes(node, Holding(None)))
                return [f"{CHANGE} HostedZoneId={_zone(place)} DELETE=as read {created}" for place in places]
            case "mark":
                return [line for place in places for line in self._marking(place, node)]
        return []

    def _marking(self, place: Place, node: NodeId) -> Iterator[str]:
        yield from self.calls("read", [place], node)
        about = self._settings
        made = records.marking(Found(), node, about.name, ttl=about.ttl, generation="GENERATION")
        yield f"{CHANGE} HostedZoneId={_zone(place)} DELETE=as read {' '.join(map(_told, made))}"

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading these zones, changing the records of the name, and following these changes."""
        partition, _ = self._aws.clients.whereabouts(deadline)
        on = on_zones(
            self._zones,
            self._settings.name,
            self._types,
            told=self._settings.txt,
            who=principal(self._settings),
            partition=partition,
        )
        return [*on, *assuming(self._settings)]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of AWS, changing nothing, as far as Route 53 lets one look."""
        try:
            zones = self._aws.api
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "AWS", wrong.message, wrong.hint)]
        from vipswitch.providers.aws.route53.preflight import Preflight

        return Preflight(
            zones, settings=self._settings, types=self._types, node=self.node, home=self._aws.home
        ).findings(self._zones, deadline)


def _hosted_zones(clients: Clients) -> HostedZones:
    from vipswitch.providers.aws.route53.zones import HostedZones

    return HostedZones(clients)


def _zone(place: Place) -> ZoneId:
    zone, slash, _ = place.id.partition("/")
    if not slash:
        raise ConfigError(f"{place}: no place of a hosted zone")
    return ZoneId(zone)


def _told(change: records.Change) -> str:
    record = change.record
    return f"{change.action}={record.type} {record.name} {record.ttl} {' '.join(record.values)}"
