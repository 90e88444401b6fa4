"""`vipswitch check` for alias IP ranges: what a failover needs of Google Cloud, looked at beforehand.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Source: VPC docs, "Alias IP ranges", "Configure alias IP ranges".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.alias_ip.addresses import VipAddress
from vipswitch.providers.gcp.alias_ip.readings import near
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.guest import alias_routes
from vipswitch.providers.gcp.instance_findings import Nodes, Seen, granted_on, of_peers
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.nics import UPDATE
from vipswitch.providers.gcp.subnetworks import Subnetwork, Subnetworks
from vipswitch.providers.looked_at import trouble

_USE = "compute.subnetworks.use"
_ZONES = "to survive the failure of a zone choose gcp-route: it needs nothing of the old holder"


class Preflight:
    """One look at the addresses of a VIP, and at the instances that they move between."""

    def __init__(self, clients: Clients, nodes: Nodes, *, wanted: Sequence[VipAddress]) -> None:
        self._clients = clients
        self._subnetworks = Subnetworks(clients)
        self._nodes = nodes
        self._wanted = wanted

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials only what this host tells."""
        yield from self._nodes.findings(self._from_here, [UPDATE], deadline)
        yield from alias_routes()

    def _from_here(self, own: Instance, read: Seen, deadline: Deadline) -> Iterator[Finding]:
        others = [each for each in near(own, read).values() if isinstance(each, Instance)]
        name = own.nic.subnetwork.rpartition("/")[2]
        beside = [each for each in others if each.nic.subnetwork == own.nic.subnetwork]
        none = f"no other instance in {name} is named: from there nothing is taken"
        yield from of_peers(read, beside, needed=none)
        yield from _zones([own, *beside])
        try:
            subnetwork = self._subnetworks.describe(own.nic.subnetwork, deadline)
        except VipswitchError as wrong:
            yield trouble(f"subnetwork {name}", wrong)
        else:
            yield from (_of_address(each, subnetwork, own, others) for each in self._wanted)
        subject = f"permissions on {name}"
        yield granted_on(self._clients, own.nic.subnetwork, subject, [_USE], deadline)


def _of_address(
    wanted: VipAddress, subnetwork: Subnetwork, own: Instance, others: Sequence[Instance]
) -> Finding:
    found, subject = subnetwork.within(wanted.address), wanted.subject
    if found is None:
        ranges = ", ".join(map(str, [subnetwork.primary, *subnetwork.secondary.values()]))
        fix = "choose an address of the nodes' subnetwork, or gcp-route for one outside"
        return Finding(Level.ERROR, subject, f"is outside {subnetwork.name} ({ranges})", fix)
    if found != (wanted.range or ""):
        where = f"is in the {f'secondary range {found}' if found else 'primary range'} of {subnetwork.name}"
        fix = f"set range = {found!r}" if found else "leave range out"
        return Finding(Level.ERROR, subject, f"{where}, not in {wanted.range or 'the primary one'}", fix)
    if not found and subnetwork.reserves(wanted.address):
        kept = f"is reserved: Google keeps the first two addresses of {subnetwork.primary} and the last two"
        return Finding(Level.ERROR, subject, kept, "choose a free address of the subnetwork")
    return _of_holder(wanted, subnetwork, own, others)


def _of_holder(
    wanted: VipAddress, subnetwork: Subnetwork, own: Instance, others: Sequence[Instance]
) -> Finding:
    where = f"in {subnetwork.name}{f', range {wanted.range}' if wanted.range else ''}"
    for each in (own, *others):
        try:
            wanted.refuse(each)
        except ConfigError as wrong:
            return trouble(wanted.subject, wrong)
        if wanted.on(each):
            holder = "this node" if each.id == own.id else each.id
            return Finding(Level.OK, wanted.subject, f"{where}, held by {holder}")
    return Finding(Level.OK, wanted.subject, f"{where}, held by no node")


def _zones(instances: Sequence[Instance]) -> Iterator[Finding]:
    zones = sorted({each.resource.place for each in instances})
    if len(zones) > 1:
        message = f"in {' and '.join(zones)}: when a zone fails, taking an alias range from it may take long"
        yield Finding(Level.WARNING, "zones", message, _ZONES)
