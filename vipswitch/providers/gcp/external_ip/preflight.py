"""`vipswitch check` for external addresses: what a failover needs of Google Cloud, looked at beforehand.

Rules: as for alias IP ranges. Source: Compute Engine docs, "IP addresses", "Configure static external IP
addresses"; VPC docs, "Private Google Access".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address
from vipswitch.provider import Finding, Level
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.external_ip.addresses import OURS, ExternalIp, ExternalIps
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.instance_findings import Nodes, Seen, granted_on, of_peers
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.nics import ADD, DELETE
from vipswitch.providers.gcp.subnetworks import Subnetworks
from vipswitch.providers.looked_at import trouble

_USE = "compute.addresses.use"
_USE_EXTERNAL = "compute.subnetworks.useExternalIp"


class Preflight:
    """One look at the addresses of a VIP, and at the instances that they move between.

    `wanted` are the addresses with the interface they belong on, empty for that of the VIP; `addresses` are
    those in the config.
    """

    def __init__(
        self,
        clients: Clients,
        nodes: Nodes,
        *,
        wanted: Mapping[Resource, str],
        addresses: Sequence[Address],
    ) -> None:
        self._clients = clients
        self._external_ips = ExternalIps(clients)
        self._subnetworks = Subnetworks(clients)
        self._nodes = nodes
        self._wanted = wanted
        self._addresses = addresses

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        return self._nodes.findings(self._from_here, [ADD, DELETE], deadline)

    def _from_here(self, own: Instance, read: Seen, deadline: Deadline) -> Iterator[Finding]:
        yield from of_peers(read, [each for each in read.values() if isinstance(each, Instance)])
        for id, nic in self._wanted.items():
            try:
                found = self._external_ips.read(id, deadline)
                by, here = found.instance(), own.where(nic) if nic else own
            except VipswitchError as wrong:
                yield trouble(f"external IP {id.name}", wrong)
                continue
            yield self._itself(found, by, own)
            yield granted_on(self._clients, str(id), f"permissions on {id.name}", [_USE], deadline)
            yield from self._of_interface(found, here, deadline)

    def _itself(self, found: ExternalIp, by: Resource | None, own: Instance) -> Finding:
        place = f"is {found.address}, {found.tier.lower() or 'premium'} tier, in {found.resource.place}"
        region = own.resource.place.rpartition("-")[0]
        if found.resource.place != region:
            fix = "choose an address of the nodes' region"
            return Finding(Level.ERROR, found.subject, f"{place}; this node is in {region}", fix)
        given = [str(address) for address in self._addresses]
        if given and str(found.address) not in given:
            fix = "correct address or external_ip in the config"
            return Finding(Level.ERROR, found.subject, f"{place}, not {' or '.join(given)}", fix)
        holder = by.node(own.resource.project) if by else None
        held = f"held by {'this node' if holder == own.id else holder or 'nobody'}"
        return Finding(Level.OK, found.subject, f"{place}, {held}")

    def _of_interface(self, found: ExternalIp, here: Instance, deadline: Deadline) -> Iterator[Finding]:
        """What there is of it now, and how this node reaches Google while it has no external address."""
        subject, name = f"{here.at} of {here.id}", here.nic.subnetwork.rpartition("/")[2]
        others = [each for each in here.nic.configs if each.address != found.address]
        for each in others:
            yield _of_other(subject, each.name, str(each.address))
        yield granted_on(
            self._clients, here.nic.subnetwork, f"permissions on {name}", [_USE_EXTERNAL], deadline
        )
        try:
            reaches = self._subnetworks.describe(here.nic.subnetwork, deadline).reaches_google
        except VipswitchError as wrong:
            yield trouble(f"subnetwork {name}", wrong)
            return
        if not reaches:
            message = (
                "has no Private Google Access: without an external address this node reaches Google's APIs"
                " by a NAT, if at all, and between the writes of a takeover it may have none"
            )
            fix = f"gcloud compute networks subnets update {name} --enable-private-ip-google-access"
            yield Finding(Level.WARNING, f"subnetwork {name}", message, fix)


def _of_other(subject: str, name: str, address: str) -> Finding:
    if name.startswith(OURS):
        fix = "an interface has one external address: name another under network_interface"
        return Finding(Level.ERROR, subject, f"has {address}, which is another VIP", fix)
    message = f"has {address} ({name}), which goes when the VIP comes, and does not come back when it leaves"
    fix = "see that this node needs no external address of its own: Private Google Access, and Cloud NAT"
    return Finding(Level.WARNING, subject, message, fix)
