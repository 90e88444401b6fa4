"""`vipswitch check` for Route 53: all that a failover needs of it, looked at before it happens.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Route 53 has no dry run, so that nobody knows of the permission to change records before
the first change. Source: Route 53 API Reference, GetHostedZone, ListResourceRecordSets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers import dns_findings
from vipswitch.providers.aws.looked_at import caller
from vipswitch.providers.aws.node.identity import Home, Identity
from vipswitch.providers.aws.route53.dns import inside
from vipswitch.providers.aws.route53.published import belonging
from vipswitch.providers.aws.route53.settings import Route53Settings, ZoneId
from vipswitch.providers.aws.route53.zones import HostedZone, HostedZones
from vipswitch.providers.looked_at import trouble
from vipswitch.providers.published import TYPES
from vipswitch.providers.record_sets import RecordSet, holding, subject


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
        yield from dns_findings.own_ttl(self._settings.ttl)
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
        if isinstance(identity, VipswitchError):
            return dns_findings.published(self._node, identity, deadline, of="")
        own = tuple(belonging(identity))
        return dns_findings.published(self._node, own, deadline, of=identity.interface)

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
        if "A" in self._types:
            yield from dns_findings.audience(subject, private=zone.private, public=public, network="VPC")

    def _of_records(self, id: ZoneId, deadline: Deadline) -> Iterator[Finding]:
        about = subject(self._settings.name, id)
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
        yield from self._of_lives(found.records, about)
        yield from self._of_others(found.records, about)

    def _of_lives(self, found: Sequence[RecordSet], about: str) -> Iterator[Finding]:
        for record in found:
            if record.type in self._types:
                yield from dns_findings.ttl_there(f"{about} {record.type}", record.ttl)

    def _of_others(self, found: Sequence[RecordSet], about: str) -> Iterator[Finding]:
        for record in found:
            if record.type in TYPES and record.type not in self._types:
                says = " ".join(record.values) or record.nature
                yield dns_findings.stays(f"{about} {record.type}", record.type, says)


def _audience(zone: HostedZone) -> str:
    return f"private to {', '.join(zone.vpcs)}" if zone.private else "public"


def _not_tried() -> Finding:
    message = (
        "not tried: Route 53 has no dry run, so that only an `up` shows whether records may be changed,"
        " and only a `down` whether a release mark may be left beside them"
    )
    return Finding(Level.WARNING, "permissions", message, "compare them with what `vipswitch iam` prints")
