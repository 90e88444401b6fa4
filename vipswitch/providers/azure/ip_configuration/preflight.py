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
from vipswitch.providers.azure.interface_findings import of_interface, of_peers, untried
from vipswitch.providers.azure.ip_configuration.addresses import VipAddress
from vipswitch.providers.azure.looked_at import caller
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
        self._clients = clients
        self._subnets = Subnets(clients)
        self._nics = nics
        self._wanted = wanted
        self._node = node
        self._nodes = nodes

    def findings(self, deadline: Deadline) -> Iterator[Finding]:
        """Everything found; without credentials that is all that there is to find."""
        who = caller(self._clients, deadline)
        yield who
        if who.level is Level.ERROR:
            return
        try:
            me, ids = self._node(deadline), self._nodes(deadline)
        except VipswitchError as wrong:
            yield Finding(Level.ERROR, "network interface", wrong.message, wrong.hint)
            return
        read = self._nics.read_all(list(dict.fromkeys([me, *ids])), deadline)
        own = read.pop(me)
        yield of_interface(own) if isinstance(own, Nic) else trouble(f"network interface {me}", own)
        if isinstance(own, Nic):
            yield from self._from_here(own, read, deadline)
        yield untried([WRITE, JOIN_SUBNET])
        yield from interference([each.address for each in self._wanted])

    def _from_here(
        self, own: Nic, read: dict[NodeId, Nic | VipswitchError], deadline: Deadline
    ) -> Iterator[Finding]:
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
