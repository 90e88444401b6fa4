"""Which instances are read to tell who has the VIP's addresses.

Rules: every node's, all side by side, and of each the interface in the network of our own. What this node's
own interface shows nobody else has: where all was found there the last time, or has just been put there, it
is read alone, so that a leader costs one request a look. An instance that is not there, or that is in another
network, has nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.gcp.alias_ip.addresses import VipAddress
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.gcp.nics import Nics

Seen = dict[NodeId, Instance | VipswitchError]
"""Nics, or why they could not be read."""

Own = Callable[[Instance, Deadline], Instance]
"""This node's instance, where the VIP's interface matters."""


class Readings:
    """The readings of one provider; thread-safe, because a wrong guess costs a request and nothing else."""

    def __init__(
        self, instances: Callable[[], Nics], peers: Callable[[Deadline], Sequence[NodeId]], own: Own
    ) -> None:
        self._nics = instances
        self._peers = peers
        self._own = own
        self._here = False

    def expect_here(self) -> None:
        """This node's interface has just been given an address."""
        self._here = True

    def of(self, wanted: Sequence[VipAddress], me: NodeId, deadline: Deadline) -> Reading[Instance]:
        """What tells who has these. Raises what keeps this node's own instance from being read."""
        if self._here:
            own = self._own(self._nics().read(me, deadline), deadline)
            self._here = _has(own, wanted)
            if self._here:
                return Reading(own)
        seen = self.of_all(me, deadline)
        self._here = _has(seen.own, wanted)
        return seen

    def of_all(self, me: NodeId, deadline: Deadline) -> Reading[Instance]:
        """All nodes' instances."""
        others = [id for id in self._peers(deadline) if id != me]
        read: Seen = self._nics().read_all([me, *others], deadline)
        found = read.pop(me)
        if isinstance(found, VipswitchError):
            raise found
        own = self._own(found, deadline)
        return Reading(own, dict(near(own, read)))


def near(own: Instance, read: Seen) -> Seen:
    """Those that have an interface in the network of our own, and those that could not be read."""
    from vipswitch.providers.gcp.api.meanings import NotFound

    found: Seen = {}
    for id, each in read.items():
        if isinstance(each, Instance):
            if there := each.in_network(own.nic.network):
                found[id] = there
        elif not isinstance(each, NotFound):
            found[id] = each
    return found


def _has(own: Instance, wanted: Sequence[VipAddress]) -> bool:
    return all(what.on(own) for what in wanted)
