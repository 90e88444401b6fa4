"""The local Azure as a contract cloud for the methods that move something between network interfaces.

Two places, three nodes in one subnet, real HTTPS and time. An operation ends with the first look at it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.testing.azure import AzureCloud, Drop, Topology, build
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES, Named

WRITE = "Microsoft.Network/networkInterfaces/write"
GONE = "nic-gone"
"""A network interface that the config still names, and that somebody has deleted."""

_METADATA = "AZURE_POD_IDENTITY_AUTHORITY_HOST"


class NicsCloud:
    """What both methods share; `make` is the provider's class, `rules` are switches of the local Azure.

    There are two places, or as many as `count` says.
    """

    vip: Vip = VIP
    gone: tuple[str, ...] = (GONE,)

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider],
        *,
        count: int = 2,
        operation_gets: int = 0,
        **rules: Any,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self.count = count
        self._make = make
        self._stack = ExitStack()
        self.azure = self._stack.enter_context(AzureCloud(operation_gets=operation_gets))
        self.topology = build(self.azure, nodes=len(NODES), together=True, ipv6=False)
        self.nics = dict(zip(NODES, (node.nic_id for node in self.topology.nodes), strict=True))
        self.ids = {name: _node_id(nic) for name, nic in self.nics.items()}
        self.seed(self.topology)
        for name, value in rules.items():
            setattr(self.azure.rules, name, value)
        self.azure.journal.clear()
        self.faults = NicsFaults(self.azure, self.remove)
        os.environ[_METADATA] = self.topology.nodes[0].metadata_url
        self._stack.callback(os.environ.pop, _METADATA, None)

    def seed(self, topology: Topology) -> None:
        """Make the two places, both node c's."""
        raise NotImplementedError

    def settings(self) -> Any:
        """The provider's settings."""
        raise NotImplementedError

    def remove(self, place: Place) -> None:
        """Let that place be gone."""
        raise NotImplementedError

    def takes_off(self, place: Place, entry: dict[str, Any]) -> dict[str, Any] | None:
        """An ip configuration without that place; None if nothing of it is left."""
        raise NotImplementedError

    def provider(self, node: str) -> Provider:
        """The provider as it runs on that node; all nodes are named in its config, and one that is gone."""
        nodes = [*self.ids.values(), *(NodeId(f"{self.azure.group}/{name}") for name in self.gone)]
        machine = Named(self.ids[node], self.folder, nodes=nodes)
        return self._make(self.settings(), self.vip, machine)

    def node_id(self, node: str) -> NodeId:
        """The node's network interface."""
        return self.ids[node]

    def account(self) -> dict[str, Any]:
        """The keys that all methods share."""
        azure = self.azure
        return {
            "subscription": azure.subscription,
            "resource_group": azure.group,
            "endpoint": azure.url,
            "ca_file": azure.ca_file,
        }

    def truth(self) -> Mapping[Place, NodeId | None]:
        """Who has what, whatever the API says of it."""
        held = {
            place: name for name in NODES for place in self.places() for _ in self.entries_of(place, name)
        }
        return {place: self.ids[held[place]] if place in held else None for place in self.places()}

    def places(self) -> tuple[Place, ...]:
        """All places."""
        raise NotImplementedError

    def entries_of(self, place: Place, node: str) -> list[dict[str, Any]]:
        """The configurations of the node's network interface that have that place."""
        entries = self.azure.get(self.nics[node])["properties"]["ipConfigurations"]
        return [entry for entry in entries if self.takes_off(place, entry) != entry]

    def writes(self) -> Sequence[float]:
        """When a network interface was written."""
        calls = self.azure.journal.writes()
        return [c.committed for c in calls if c.action == WRITE and c.committed is not None]

    def refused(self, status: int) -> int:
        """How many writes were answered with that status."""
        return sum(1 for call in self.azure.journal.calls() if (call.status, call.method) == (status, "PUT"))

    def change(self, node: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Somebody else changes a node's network interface, past the provider."""
        nic = self.azure.get(self.nics[node])
        change(nic)
        self.azure.put(self.nics[node], nic)

    def empty(self, place: Place) -> None:
        """Nobody has it any more."""
        for node in NODES:
            if self.entries_of(place, node):
                self.change(node, lambda nic: self._strip(nic, place))

    def _strip(self, nic: dict[str, Any], place: Place) -> None:
        entries = [self.takes_off(place, entry) for entry in nic["properties"]["ipConfigurations"]]
        nic["properties"]["ipConfigurations"] = [entry for entry in entries if entry is not None]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class NicsFaults:
    """The contract's faults, as a real Resource Manager shows them."""

    def __init__(self, azure: AzureCloud, remove: Callable[[Place], None]) -> None:
        self._azure = azure
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The write is accepted, `then` happens, the connection breaks."""

        def then_drop() -> None:
            then()
            raise Drop

        self._azure.faults.after_commit(WRITE, then_drop)

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._azure.faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """InternalServerError."""
        self._azure.faults.unavailable(times, WRITE, status=500)

    def deny(self) -> None:
        """AuthorizationFailed."""
        self._azure.faults.deny()

    def stale_reads(self, times: int) -> None:
        """GETs show the state before the next write."""
        self._azure.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        self._azure.faults.delay(seconds, WRITE)
        self._azure.faults.throttle(None, WRITE)

    def missing(self, place: Place) -> None:
        """See the method's cloud."""
        self._remove(place)


def _node_id(nic: str) -> NodeId:
    parts = nic.split("/")
    return NodeId(f"{parts[4]}/{parts[-1]}".lower())
