"""What `vipswitch check` says of the network interfaces of the nodes, for all methods that move something
between them.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not
fine says how to mend it. The permission to write cannot be tried: ARM has no dry run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vipswitch.errors import PermissionDenied, VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.configurations import Nic, Provisioning
from vipswitch.providers.looked_at import trouble

_NAME_THEM = "name them in [node.NAME], or under nodes"


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


def of_peers(own: Nic, read: dict[NodeId, Nic | VipswitchError], *, needed: bool = True) -> Iterator[Finding]:
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
