"""Compute Engine's instances: reading them side by side, and changing one network interface of one.

Rules: alias ranges are written as the whole list, under the fingerprint of the reading that it was made from,
and an empty list is sent as one; an access config is deleted by the name that was read. A write is accepted
and then carried out; nothing here waits for that. Each is noted as one to the part it was made for, so that
what becomes of it is told to that one and to no other.

An instance that is gone between the reading and the write is a conflict: it has nothing any more.
Source: Compute Engine API reference, "instances": get, aggregatedList, updateNetworkInterface,
addAccessConfig, deleteAccessConfig.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Api, Clients
from vipswitch.providers.gcp.api.meanings import NotFound
from vipswitch.providers.gcp.ids import INSTANCES, Resource, resource
from vipswitch.providers.gcp.interfaces import (
    Change,
    ConfigGone,
    Instance,
    NewAliases,
    NewConfig,
    instance_of,
)
from vipswitch.providers.side_by_side import side_by_side
from vipswitch.providers.tags import Tag

GET = "compute.instances.get"
LIST = "compute.instances.list"
UPDATE = "compute.instances.updateNetworkInterface"
ADD = "compute.instances.addAccessConfig"
DELETE = "compute.instances.deleteAccessConfig"


class Nics:
    """Nics by the ids of their nodes. Every method raises our errors only."""

    def __init__(self, clients: Clients, resource_of: Callable[[NodeId, Deadline], Resource]) -> None:
        self._clients = clients
        self._resource_of = resource_of

    def read(self, id: NodeId, deadline: Deadline) -> Instance:
        """One of them; NotFound, a ConfigError, if there is none."""
        found = self._resource_of(id, deadline)
        with self._clients.compute(Asked(GET, f"instance {id}", deadline, str(found))) as compute:
            return instance_of(id, found, compute.get(str(found)))

    def read_all(self, ids: Sequence[NodeId], deadline: Deadline) -> dict[NodeId, Instance | VipswitchError]:
        """All of them side by side; of each that could not be read, why."""
        reads = [partial(self._or_why_not, id, deadline) for id in ids]
        return dict(zip(ids, side_by_side(reads), strict=True))

    def write(self, nic: Instance, part: str, subject: str, deadline: Deadline) -> None:
        """Have its change made, for the sake of that part; Conflict if what it was made from has changed."""
        if nic.change is None:
            return
        asked = Asked(_method(nic.change), subject, deadline, _part(nic.resource, part), writes=True)
        with _gone_is_changed(subject), self._clients.compute(asked) as compute:
            _make(compute, str(nic.resource), nic.change)

    def running(self, id: NodeId, part: str, deadline: Deadline) -> bool:
        """Whether our last write for the sake of that part is still being carried out.

        Raises, once, why it was not: Undone, or what Google says; Unavailable where that could not be asked.
        """
        return self._clients.operations.look(_part(self._resource_of(id, deadline), part), deadline)

    def labelled(self, project: str, label: Tag, deadline: Deadline) -> list[Resource]:
        """The instances of a project, in all zones, that have a label."""
        path = f"projects/{project}/aggregated/instances"
        asked = Asked(LIST, f"instances {label}", deadline, f"projects/{project}")
        with self._clients.compute(asked) as compute:
            pages = list(compute.pages(path, filter=f'labels.{label.key}="{label.value}"'))
        scopes = (scope for page in pages for scope in (page.get("items") or {}).values())
        urls = (str(each.get("selfLink")) for scope in scopes for each in scope.get(INSTANCES) or ())
        return [found for url in urls if (found := resource(url))]

    def _or_why_not(self, id: NodeId, deadline: Deadline) -> Instance | VipswitchError:
        try:
            return self.read(id, deadline)
        except VipswitchError as wrong:
            return wrong


def _make(compute: Api, path: str, change: Change) -> None:
    match change:
        case NewAliases(nic, fingerprint, ranges):
            body = {"aliasIpRanges": [each.document for each in ranges], "fingerprint": fingerprint}
            compute.patch(f"{path}/updateNetworkInterface", body, networkInterface=nic)
        case NewConfig(nic, config, tier):
            body = {"type": "ONE_TO_ONE_NAT", "name": config.name, "natIP": str(config.address)}
            more = {"networkTier": tier} if tier else {}
            compute.post(f"{path}/addAccessConfig", {**body, **more}, networkInterface=nic)
        case ConfigGone(nic, name):
            compute.post(f"{path}/deleteAccessConfig", {}, networkInterface=nic, accessConfig=name)


def _method(change: Change) -> str:
    match change:
        case NewAliases():
            return UPDATE
        case NewConfig():
            return ADD
        case ConfigGone():
            return DELETE


@contextmanager
def _gone_is_changed(subject: str) -> Iterator[None]:
    try:
        yield
    except NotFound as wrong:
        raise Conflict(f"{subject}: changed meanwhile: {wrong.message}") from wrong


def _part(of: Resource, part: str) -> str:
    return f"{of}/{part}"
