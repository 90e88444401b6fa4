"""`vipswitch check` for ip configurations: what a failover needs of Azure, looked at beforehand.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Source: Azure documentation, "Private IP addresses", "Azure subscription limits:
Networking limits".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.configurations import MOST, Nic, Provisioning
from vipswitch.providers.azure.guest import interference
from vipswitch.providers.azure.interface_findings import Nodes, Seen, of_peers
from vipswitch.providers.azure.ip_configuration.addresses import VipAddress
from vipswitch.providers.azure.nics import WRITE, Nics
from vipswitch.providers.azure.references import JOIN_SUBNET
from vipswitch.providers.azure.subnets import Subnet, Subnets
from vipswitch.providers.looked_at import trouble

_FREE = "choose a free address of the subnet"
_ELSEWHERE = "choose an address of the nodes' subnet, or azure-route-table for several subnets"


class Preflight:
    """One look at the addresses of a VIP, and at the network interfaces that they move between."""

    def __init__(
        self,
        clients: Clients,
        nics: Nics,
        *,
        wanted: Sequence[VipAddress],
        node: Callable[[Deadline], NodeId],
        nodes: Callable[[Deadline], Sequence[NodeId]],
    ) -> None:
        self._looks = Nodes(clients, nics, node, nodes)
        self._subnets = Subnets(clients)
        self._wanted = wanted

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials only what this host tells."""
        yield from self._looks.findings(self._from_here, [WRITE, JOIN_SUBNET], deadline)
        yield from interference([each.address for each in self._wanted])

    def _from_here(self, own: Nic, read: Seen, deadline: Deadline) -> Iterator[Finding]:
        yield from of_peers(own, read)
        near = [nic for nic in read.values() if isinstance(nic, Nic) and nic.subnet == own.subnet]
        try:
            subnet = self._subnets.describe(own.subnet, deadline)
        except VipswitchError as wrong:
            yield trouble(own.subnet.rpartition("/")[2], wrong)
        else:
            yield from (self._of_address(each, subnet, own, near, deadline) for each in self._wanted)
        missing = sum(1 for each in self._wanted if not each.on(own))
        if len(own.configurations) + missing > MOST:
            message = f"has {len(own.configurations)} of {MOST} ip configurations: no room for {missing} more"
            fix = "take off one that nobody needs"
            yield Finding(Level.ERROR, f"room on {own.id}", message, fix)

    def _of_address(
        self, wanted: VipAddress, subnet: Subnet, own: Nic, others: Sequence[Nic], deadline: Deadline
    ) -> Finding:
        address, subject = wanted.address, wanted.subject
        if not subnet.has(address):
            return Finding(Level.ERROR, subject, f"is outside {subnet}", _ELSEWHERE)
        if subnet.reserves(address):
            kept = f"is reserved: Azure keeps the first four addresses of {subnet} and the last"
            return Finding(Level.ERROR, subject, kept, _FREE)
        held = next((nic for nic in (own, *others) if wanted.on(nic)), None)
        if held is None:
            return self._unheld(wanted, subnet, (own, *others), deadline)
        return _of_holder(wanted, subnet, held, mine=held.id == own.id)

    def _unheld(
        self, wanted: VipAddress, subnet: Subnet, nodes: Sequence[Nic], deadline: Deadline
    ) -> Finding:
        try:
            free = self._subnets.is_free(wanted.address, nodes[0].subnet, deadline)
        except VipswitchError as wrong:
            return trouble(wanted.subject, wrong)
        if free:
            return Finding(Level.OK, wanted.subject, f"in {subnet}, held by nobody")
        if busy := [nic.id for nic in nodes if nic.state is Provisioning.UPDATING]:
            message = f"in {subnet}, not free while Azure is at an operation on {', '.join(busy)}"
            return Finding(Level.WARNING, wanted.subject, message, "run `vipswitch check` again")
        fix = "choose a free address of the subnet, or name that resource's node in the config"
        return Finding(Level.ERROR, wanted.subject, "held by a resource that is none of the nodes", fix)


def _of_holder(wanted: VipAddress, subnet: Subnet, held: Nic, *, mine: bool) -> Finding:
    there = held.at(wanted.address)
    if there is not None and there.primary:
        message = f"is the primary address of {held.id}, which never moves"
        return Finding(Level.ERROR, wanted.subject, message, _FREE)
    if mine and not wanted.complete(held):
        message = f"in {subnet}, held by this node without its public IP"
        return Finding(Level.WARNING, wanted.subject, message, "run `vipswitch up` where the VIP belongs")
    holder = "this node" if mine else held.id
    return Finding(Level.OK, wanted.subject, f"in {subnet}, held by {holder}")
