"""What `vipswitch check` says of the nodes' instances, for all methods that move something between them.

Rules: changes nothing; what could not be looked at is a warning, never fine; every finding that is not fine
says how to mend it. Whether we may write is asked of Google, which counts what is granted on the resource
alone as well.
Source: Compute Engine API reference, "instances.testIamPermissions"; "Instance life cycle".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.provider import Finding, Level
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.api.meanings import NotFound
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.looked_at import caller
from vipswitch.providers.gcp.nics import Nics
from vipswitch.providers.looked_at import trouble

Seen = dict[NodeId, Instance | VipswitchError]
"""Nics, or why they could not be read."""

_NAME_THEM = "name them in [node.NAME], or under nodes"


class Nodes:
    """A look at the instances of the nodes, and at what a method needs `from_here`, from our own.

    Without credentials there is nothing to be found.
    """

    def __init__(
        self,
        clients: Clients,
        instances: Nics,
        node: Callable[[Deadline], NodeId],
        nodes: Callable[[Deadline], Sequence[NodeId]],
        own: Callable[[Instance, Deadline], Instance],
    ) -> None:
        self._clients = clients
        self._nics = instances
        self._node = node
        self._nodes = nodes
        self._own = own

    def findings(
        self,
        from_here: Callable[[Instance, Seen, Deadline], Iterator[Finding]],
        writes: Sequence[str],
        deadline: Deadline,
    ) -> Iterator[Finding]:
        """As whom, and of which instances; whether they may be written; then `from_here`."""
        who = caller(self._clients, deadline)
        yield who
        if who.level is Level.ERROR:
            return
        try:
            me, ids = self._node(deadline), self._nodes(deadline)
        except VipswitchError as wrong:
            yield Finding(Level.ERROR, "instance", wrong.message, wrong.hint)
            return
        read = self._nics.read_all(list(dict.fromkeys([me, *ids])), deadline)
        try:
            own = self._ours(read.pop(me), deadline)
        except VipswitchError as wrong:
            yield trouble(_subject(me), wrong)
            return
        yield of_instance(own)
        yield from from_here(own, read, deadline)
        there = [own, *(each for each in read.values() if isinstance(each, Instance))]
        yield from (self._permissions(each, writes, deadline) for each in there)

    def _ours(self, read: Instance | VipswitchError, deadline: Deadline) -> Instance:
        if isinstance(read, VipswitchError):
            raise read
        return self._own(read, deadline)

    def _permissions(self, of: Instance, wanted: Sequence[str], deadline: Deadline) -> Finding:
        return granted_on(self._clients, str(of.resource), f"permissions on {of.id}", wanted, deadline)


def granted_on(
    clients: Clients, resource: str, subject: str, wanted: Sequence[str], deadline: Deadline
) -> Finding:
    """Whether we have these permissions on a resource."""
    asked = Asked("testIamPermissions", subject, deadline, resource)
    try:
        with clients.compute(asked) as compute:
            answer = compute.post(f"{resource}/testIamPermissions", {"permissions": list(wanted)})
    except VipswitchError as wrong:
        return trouble(subject, wrong)
    missing = [each for each in wanted if each not in (answer.get("permissions") or ())]
    if missing:
        fix = "give our service account the role that `vipswitch iam` prints"
        return Finding(Level.ERROR, subject, f"{' and '.join(missing)} not granted", fix)
    return Finding(Level.OK, subject, f"{' and '.join(wanted)} granted")


def of_instance(instance: Instance) -> Finding:
    """One that could be read."""
    message = f"{instance.nic.name} in {instance.nic.subnetwork.rpartition('/')[2]}"
    if instance.status != "RUNNING":
        state = instance.status.lower() or "not running"
        fix = "start it; what it holds can be taken from it as it is"
        return Finding(Level.WARNING, _subject(instance.id), f"{message}, {state}", fix)
    return Finding(Level.OK, _subject(instance.id), message)


def of_peers(read: Seen, near: Sequence[Instance], *, needed: str = "") -> Iterator[Finding]:
    """The other nodes'. Where they are `needed`, for what is said then, one at least has to be `near`."""
    yield from (of_instance(each) for each in near)
    for id, wrong in read.items():
        if isinstance(wrong, NotFound):
            fix = "correct its name, or take it out of the config: nothing is taken from it"
            yield Finding(Level.WARNING, _subject(id), "not found", fix)
        elif isinstance(wrong, VipswitchError):
            yield trouble(_subject(id), wrong)
    if needed and not near:
        yield Finding(Level.ERROR, "nodes", needed, _NAME_THEM)


def _subject(id: NodeId) -> str:
    return f"instance {id}"
