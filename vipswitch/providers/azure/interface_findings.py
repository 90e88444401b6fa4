"""What `vipswitch check` says of the network interfaces of the nodes, for all methods that move something
between them.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not
fine says how to mend it. The permission to write cannot be tried: ARM has no dry run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from vipswitch.deadline import Deadline
from vipswitch.errors import PermissionDenied, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.configurations import Nic, Provisioning
from vipswitch.providers.azure.looked_at import caller
from vipswitch.providers.azure.nics import Nics
from vipswitch.providers.looked_at import trouble

Seen = dict[NodeId, Nic | VipswitchError]
"""Network interfaces, or why they could not be read."""

_NAME_THEM = "name them in [node.NAME], or under nodes"


class Nodes:
    """A look at the network interfaces of the nodes, and at what a method needs `from_here`, from our own.

    What cannot be tried, the `actions` it needs, is said at the end. Without credentials there is nothing.
    """

    def __init__(
        self,
        clients: Clients,
        nics: Nics,
        node: Callable[[Deadline], NodeId],
        nodes: Callable[[Deadline], Sequence[NodeId]],
    ) -> None:
        self._clients = clients
        self._nics = nics
        self._node = node
        self._nodes = nodes

    def findings(
        self,
        from_here: Callable[[Nic, Seen, Deadline], Iterator[Finding]],
        actions: Sequence[str],
        deadline: Deadline,
    ) -> Iterator[Finding]:
        """As whom, of which interfaces; then `from_here`, with ours and those of the others."""
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
            yield from from_here(own, read, deadline)
        yield untried(actions)


def of_interface(nic: Nic) -> Finding:
    """One that could be read."""
    subject, where = _subject(nic.id), f"in {_last(nic.subnet)}"
    if nic.state is Provisioning.FAILED:
        fix = "see its activity log; the next write tries again"
        return Finding(Level.WARNING, subject, f"{where}, its last operation failed", fix)
    if not nic.machine:
        fix = "attach it to a virtual machine, or correct its name in the config"
        return Finding(Level.WARNING, subject, f"{where}, attached to no virtual machine", fix)
    return Finding(Level.OK, subject, f"{where}, of {_last(nic.machine)}")


def of_peers(own: Nic, read: Seen, *, needed: bool = True) -> Iterator[Finding]:
    """The other nodes': in the subnet of our own there has to be one at least, where they are needed."""
    near = [nic for nic in read.values() if isinstance(nic, Nic) and nic.subnet == own.subnet]
    yield from (of_interface(nic) for nic in near)
    for id, wrong in read.items():
        if isinstance(wrong, NotFound):
            fix = "correct its name, or take it out of the config: nothing is taken from it"
            yield Finding(Level.WARNING, _subject(id), "not found", fix)
        elif isinstance(wrong, VipswitchError):
            found = trouble(_subject(id), wrong)
            gone = "; if it is gone, take it out of the config" if isinstance(wrong, PermissionDenied) else ""
            yield replace(found, fix=f"{found.fix}{gone}")
    if needed and not near:
        message = f"no other network interface in {_last(own.subnet)} is named: from there nothing is taken"
        yield Finding(Level.ERROR, "nodes", message, _NAME_THEM)


def untried(actions: Sequence[str]) -> Finding:
    """What cannot be tried beforehand."""
    message = f"{' and '.join(actions)} not tried: ARM has no dry run of them"
    fix = "compare this node's role with what `vipswitch iam` prints, or rehearse a failover"
    return Finding(Level.WARNING, "permissions", message, fix)


def _subject(id: NodeId) -> str:
    return f"network interface {id}"


def _last(id: str) -> str:
    return id.rpartition("/")[2]
