"""`vipswitch check` for Route 53: all that a failover needs of it, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Route 53 has no dry run, so that nobody knows of the permission to change records before
the first change. Source: Route 53 API Reference, GetHostedZone, ListResourceRecordSets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.aws.looked_at import caller, trouble
from vipswitch.providers.aws.node.identity import Home, Identity
from vipswitch.providers.aws.route53 import records
from vipswitch.providers.aws.route53.dns import inside
from vipswitch.providers.aws.route53.published import belonging
from vipswitch.providers.aws.route53.records import TYPES, RecordSet
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.providers.aws.route53.zones import HostedZone, HostedZones

_LONG_TTL_S = 60


class Preflight:
    """One look at the addresses, the zones and the records of a VIP on this node."""

    def __init__(
        self,
        zones: HostedZones,
        *,
        settings: Route53Settings,
        types: Sequence[str],
        node: Callable[[Deadline], NodeId],
        home: Home,
    ) -> None:
        self._zones = zones
        self._settings = settings
        self._types = types
        self._node = node
        self._home = home

    def findings(self, ids: Sequence[ZoneId], deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        asking = caller(self._zones.caller, deadline)
        yield asking
        if asking.level is Level.ERROR:
            return
        identity = self._identity(deadline)
        yield self._addresses(identity, deadline)
        yield from self._own_ttl()
        for id in ids:
            yield from self._of_zone(id, identity, deadline)
            yield from self._of_records(id, deadline)
        yield _not_tried()

    def _identity(self, deadline: Deadline) -> Identity | VipswitchError:
        """As of now: addresses come and go."""
        try:
            return self._home.refreshed(deadline)
        except VipswitchError as wrong:
            return wrong

    def _addresses(self, identity: Identity | VipswitchError, deadline: Deadline) -> Finding:
        """An address that cannot be found out now could not be found out in a failover either: an error."""
        subject = "published addresses"
        try:
            node = self._node(deadline)
        except VipswitchError as wrong:
            return Finding(Level.ERROR, subject, wrong.message, wrong.hint)
        if isinstance(identity, VipswitchError):
            message = f"{node}, not compared with this node's own: {identity.message}"
            return Finding(Level.WARNING, subject, message, f"see that clients reach this node at {node}")
        foreign = {ip_address(address) for address in node.split(",")} - set(belonging(identity))
        if foreign:
            message = f"{', '.join(sorted(map(str, foreign)))}: not an address of {identity.interface}"
            return Finding(Level.ERROR, subject, message, "see to `node` in this node's config")
        return Finding(Level.OK, subject, node)

    def _own_ttl(self) -> Iterator[Finding]:
        if self._settings.ttl > _LONG_TTL_S:
            yield _long_lived("ttl", self._settings.ttl, "set ttl = 10")

    def _of_zone(
        self, id: ZoneId, identity: Identity | VipswitchError, deadline: Deadline
    ) -> Iterator[Finding]:
        subject = f"hosted zone {id}"
        try:
            zone = self._zones.describe(id, deadline)
        except VipswitchError as wrong:
            yield trouble(subject, wrong)
            return
        if not inside(self._settings.name, zone.domain):
            message = f"is for {zone.domain}, to which {self._settings.name} does not belong"
            yield Finding(Level.ERROR, subject, message, "see to `name` and `zones`")
            return
        yield Finding(Level.OK, subject, f"{zone.domain}, {_audience(zone)}")
        yield from self._of_audience(zone, None if isinstance(identity, VipswitchError) else identity.vpc)

    def _of_audience(self, zone: HostedZone, vpc: str | None) -> Iterator[Finding]:
        """Whether those who see the zone can use what it says."""
        subject, public = f"hosted zone {zone.id}", self._settings.publish == "public"
        if zone.private and vpc is not None and vpc not in zone.vpcs:
            message = f"is not visible in this node's own {vpc}"
            yield Finding(Level.WARNING, subject, message, f"associate it with {vpc}, if clients are there")
        if "A" not in self._types or zone.private != public:
            return
        if zone.private:
            message = "is private, and is told the nodes' public addresses: clients go by way of the internet"
            yield Finding(Level.WARNING, subject, message, 'set publish = "private"')
        else:
            message = "is public, and is told the nodes' private addresses: the internet cannot reach them"
            fix = 'set publish = "public", unless all clients have a way into the VPC'
            yield Finding(Level.WARNING, subject, message, fix)

    def _of_records(self, id: ZoneId, deadline: Deadline) -> Iterator[Finding]:
        about = records.subject(self._settings.name, id)
        try:
            found = self._zones.record_sets(id, self._settings.name, deadline)
            seen = records.holding(found, self._types, about)
        except VipswitchError as wrong:
            yield trouble(about, wrong)
            return
        if seen.holder is None:
            yield Finding(Level.OK, about, "no address yet; the first `up` publishes one")
        else:
            yield Finding(Level.OK, about, f"says {seen.holder}" + (f"; {seen.note}" if seen.note else ""))
        yield from self._of_lives(found.records, about)
        yield from self._of_others(found.records, about)

    def _of_lives(self, found: Sequence[RecordSet], about: str) -> Iterator[Finding]:
        """What resolvers have already keeps its old TTL, also through the next failover."""
        for record in found:
            if record.type in self._types and record.ttl > _LONG_TTL_S:
                fix = "lower it by hand, and wait as long as it was"
                yield _long_lived(f"{about} {record.type}", record.ttl, fix)

    def _of_others(self, found: Sequence[RecordSet], about: str) -> Iterator[Finding]:
        """An address record that does not move leads some clients elsewhere for good."""
        for record in found:
            if record.type in TYPES and record.type not in self._types:
                message = f"stays as it is, {' '.join(record.values) or record.nature}: some clients go there"
                fix = f"delete it, or add {record.type} to `types`"
                yield Finding(Level.WARNING, f"{about} {record.type}", message, fix)


def _audience(zone: HostedZone) -> str:
    return f"private to {', '.join(zone.vpcs)}" if zone.private else "public"


def _long_lived(subject: str, ttl: int, fix: str) -> Finding:
    message = f"{ttl} s: for so long after a failover clients may still go to the old node"
    return Finding(Level.WARNING, subject, message, fix)


def _not_tried() -> Finding:
    message = (
        "not tried: Route 53 has no dry run, so that only an `up` shows whether records may be changed,"
        " and only a `down` whether a release mark may be left beside them"
    )
    return Finding(Level.WARNING, "permissions", message, "compare them with what `vipswitch iam` prints")
