"""Azure network interfaces: reading them side by side, and writing one back as it was but for one thing.

Rules: every write carries If-Match with the etag of the reading that it was made from. The SDK leaves out
what ARM writes by itself, and keeps what it does not know. A write is accepted and then carried out;
nothing here waits for that. Each is noted as one to the ip configuration that it was made for, so that
what becomes of it is told to that one and to no other.
Source: Azure REST API, "Network Interfaces"; azure-mgmt-network, NetworkInterfacesOperations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.configurations import Nic, nic_of
from vipswitch.providers.azure.ids import INTERFACES, ResourceId, resource_id
from vipswitch.providers.side_by_side import side_by_side
from vipswitch.providers.tags import Tag

READ = f"{INTERFACES}/read"
WRITE = f"{INTERFACES}/write"


class Nics:
    """The network interfaces of a subscription. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, id: NodeId, deadline: Deadline) -> Nic:
        """One network interface; NotFound, a ConfigError, if there is none."""
        group, _, name = id.partition("/")
        resource = str(self.resource(id, deadline))
        with self._clients.network(Asked(READ, f"network interface {id}", deadline, resource)) as network:
            return nic_of(id, network.network_interfaces.get(group, name).as_dict())

    def read_all(self, ids: Sequence[NodeId], deadline: Deadline) -> dict[NodeId, Nic | VipswitchError]:
        """All of them side by side; of each that could not be read, why."""
        reads = [partial(self._or_why_not, id, deadline) for id in ids]
        return dict(zip(ids, side_by_side(reads), strict=True))

    def write(self, nic: Nic, part: str, subject: str, deadline: Deadline) -> None:
        """Have it become as `nic` says, for its ip configuration `part`; Conflict if it has changed."""
        from azure.mgmt.network.models import NetworkInterface

        group, _, name = nic.id.partition("/")
        asked = Asked(WRITE, subject, deadline, self._part(nic.id, part, deadline), writes=True)
        with self._clients.network(asked) as network:
            network.network_interfaces.begin_create_or_update(
                group,
                name,
                NetworkInterface(dict(nic.document)),
                headers={"If-Match": nic.etag},
                polling=False,
            )

    def running(self, id: NodeId, part: str, deadline: Deadline) -> bool:
        """Whether our last write for the sake of that ip configuration is still being carried out.

        Raises, once, why it was not: Undone, or what ARM says; Unavailable where that could not be asked.
        """
        return self._clients.operations.look(self._part(id, part, deadline), deadline)

    def tagged(self, group: str, tag: Tag, deadline: Deadline) -> list[NodeId]:
        """The network interfaces of a resource group that have a tag."""
        scope = f"/subscriptions/{self._clients.subscription(deadline)}/resourceGroups/{group}"
        asked = Asked(READ, f"network interfaces {tag}", deadline, scope)
        with self._clients.network(asked) as network:
            found = list(network.network_interfaces.list(group))
        wanted = (nic.id for nic in found if (nic.tags or {}).get(tag.key) == tag.value)
        return sorted(_nodes(id or "" for id in wanted))

    def resource(self, id: NodeId, deadline: Deadline) -> ResourceId:
        """What ARM calls it."""
        group, _, name = id.partition("/")
        return ResourceId(self._clients.subscription(deadline), group, INTERFACES, name)

    def _or_why_not(self, id: NodeId, deadline: Deadline) -> Nic | VipswitchError:
        try:
            return self.read(id, deadline)
        except VipswitchError as wrong:
            return wrong

    def _part(self, id: NodeId, part: str, deadline: Deadline) -> str:
        return f"{self.resource(id, deadline)}/ipConfigurations/{part}"


def _nodes(ids: Iterable[str]) -> Iterator[NodeId]:
    return (found.node for id in ids if (found := resource_id(id)))
