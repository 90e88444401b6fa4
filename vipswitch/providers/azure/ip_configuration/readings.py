"""Which network interfaces are read to tell who has the VIP's addresses.

Rules: every node's that can have them, all side by side. What this node's own interface shows nobody else
has: where all was found there the last time, or has just been put there, it is read alone, so that a
leader costs one request a look. Interfaces of other subnets are read once; one that is not there has
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.configurations import Nic, Provisioning
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ip_configuration.addresses import VipAddress
from vipswitch.providers.azure.peers import Peers
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.azure.nics import Nics


class Readings:
    """The readings of one provider; thread-safe, because a wrong guess costs a request and nothing else."""

    def __init__(self, azure: Footing[Nics], peers: Peers) -> None:
        self._azure = azure
        self._peers = peers
        self._here = False
        self._far: frozenset[NodeId] = frozenset()

    def expect_here(self) -> None:
        """This node's interface has just been given an address."""
        self._here = True

    def of(self, wanted: Sequence[VipAddress], me: NodeId, deadline: Deadline) -> Reading[Nic]:
        """What tells who has these. Raises what keeps this node's own interface from being read."""
        if self._here:
            own = self._azure.api.read(me, deadline)
            self._here = _has(own, wanted)
            if self._here:
                return Reading(own)
        seen = self.of_all(me, deadline)
        self._here = _has(seen.own, wanted)
        return seen

    def of_all(self, me: NodeId, deadline: Deadline) -> Reading[Nic]:
        """All nodes' interfaces in the subnet of our own."""
        others = [id for id in self._peers.ids(deadline) if id != me and id not in self._far]
        read = self._azure.api.read_all([me, *others], deadline)
        own = read.pop(me)
        if isinstance(own, VipswitchError):
            raise own
        self._far |= {id for id, nic in read.items() if isinstance(nic, Nic) and nic.subnet != own.subnet}
        near = {id: nic for id, nic in read.items() if id not in self._far and not isinstance(nic, NotFound)}
        return Reading(own, near)

    def resolved(self, what: VipAddress, seen: Reading[Nic], deadline: Deadline) -> Reading[Nic]:
        """The same; where the address is free, those that could not be read do not have it.

        One that is gone is not told from one that we may not read, where rights are given for each alone.
        """
        if seen.whole or any(what.on(nic) for nic in seen.nics):
            return seen
        from vipswitch.providers.azure.subnets import Subnets

        try:
            free = Subnets(self._azure.clients).is_free(what.address, seen.own.subnet, deadline)
        except VipswitchError:
            return seen
        return seen.readable if free else seen


def _has(own: Nic, wanted: Sequence[VipAddress]) -> bool:
    return own.state is not Provisioning.FAILED and all(what.complete(own) for what in wanted)
