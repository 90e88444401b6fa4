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
from vipswitch.providers.azure.configurations import MOST, Nic
from vipswitch.providers.azure.guest import interference
from vipswitch.providers.azure.interface_findings import of_interface, of_peers, untried
from vipswitch.providers.azure.ip_configuration.addresses import VipAddress
from vipswitch.providers.azure.looked_at import caller
from vipswitch.providers.azure.nics import WRITE, Nics
from vipswitch.providers.azure.references import JOIN_SUBNET
from vipswitch.providers.azure.subnets import Subnet, describe
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
            subnet = describe(self._clients, own.subnet, deadline)
        except VipswitchError as wrong:
            yield trouble(own.subnet.rpartition("/")[2], wrong)
        else:
            yield from (_of_address(each, subnet, own, near) for each in self._wanted)
        missing = sum(1 for each in self._wanted if not each.on(own))
        if len(own.configurations) + missing > MOST:
            message = f"has {len(own.configurations)} of {MOST} ip configurations: no room for {missing} more"
            fix = "take off one that nobody needs"
            yield Finding(Level.ERROR, f"room on {own.id}", message, fix)


def _of_address(wanted: VipAddress, subnet: Subnet, own: Nic, others: Sequence[Nic]) -> Finding:
    address, subject = wanted.address, f"private-ip {wanted.address}"
    if not subnet.has(address):
        return Finding(Level.ERROR, subject, f"is outside {subnet}", _ELSEWHERE)
    if subnet.reserves(address):
        kept = f"is reserved: Azure keeps the first four addresses of {subnet} and the last"
        return Finding(Level.ERROR, subject, kept, _FREE)
    held = next((nic for nic in (own, *others) if wanted.on(nic)), None)
    if held is None:
        return Finding(Level.OK, subject, f"in {subnet}, held by none of the nodes")
    there = held.at(address)
    if there is not None and there.primary:
        return Finding(Level.ERROR, subject, f"is the primary address of {held.id}, which never moves", _FREE)
    if held.id == own.id and not wanted.complete(held):
        message = f"in {subnet}, held by this node without its public IP"
        return Finding(Level.WARNING, subject, message, "run `vipswitch up` where the VIP belongs")
    return Finding(Level.OK, subject, f"in {subnet}, held by {'this node' if held is own else held.id}")
