"""The local Google Cloud as a contract cloud for the methods that move something between instances.

Two places, three nodes in one region, real HTTPS and time. Unless a test wants it otherwise, a write is
answered with an operation that has ended, so that whatever stands in its way is in the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.contract.azure_cloud import environment
from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES, Named
from vipswitch.testing.gcp import REGION, Drop, GcpCloud, Topology, build

GONE = NodeId(f"{REGION}-b/node-gone")
"""An instance that the config still names, and that somebody has deleted."""

_METADATA = "GCE_METADATA_HOST"


class GcpNicsCloud:
    """What both methods share; `make` is the provider's class, `rules` are switches of the local cloud.

    `writes_with` are the methods that write. There are two places, or as many as `count` says.
    """

    vip: Vip = VIP
    gone: tuple[NodeId, ...] = (GONE,)
    writes_with: tuple[str, ...] = ()

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider],
        *,
        count: int = 2,
        operation_gets: int = 0,
        done_at_once: bool = True,
        **rules: Any,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self.count = count
        self._make = make
        self._stack = ExitStack()
        self.gcp = self._stack.enter_context(GcpCloud(operation_gets=operation_gets))
        self.topology = build(self.gcp, nodes=len(NODES), together=True)
        self.nodes = dict(zip(NODES, self.topology.nodes, strict=True))
        self.ids = {name: NodeId(node.instance) for name, node in self.nodes.items()}
        self.seed(self.topology)
        for name, value in {"done_at_once": done_at_once, **rules}.items():
            setattr(self.gcp.rules, name, value)
        self.gcp.journal.clear()
        self.faults = GcpNicsFaults(self.gcp, self.writes_with, self.remove)
        self._stack.enter_context(environment(_METADATA, self.gcp.metadata_host))

    def seed(self, topology: Topology) -> None:
        """Make the two places, both node c's."""
        raise NotImplementedError

    def settings(self) -> Any:
        """The provider's settings."""
        raise NotImplementedError

    def remove(self, place: Place) -> None:
        """Let that place be gone."""
        raise NotImplementedError

    def has(self, place: Place, node: str) -> bool:
        """Whether that place is the node's."""
        raise NotImplementedError

    def places(self) -> tuple[Place, ...]:
        """All places."""
        raise NotImplementedError

    def empty(self, place: Place) -> None:
        """Nobody has it any more."""
        raise NotImplementedError

    def provider(self, node: str) -> Provider:
        """The provider as it runs on that node; all nodes are named in its config, and one that is gone."""
        folder = self.folder / node
        folder.mkdir(exist_ok=True)
        machine = Named(self.ids[node], folder, nodes=[*self.ids.values(), *self.gone])
        return self._make(self.settings(), self.vip, machine)

    def node_id(self, node: str) -> NodeId:
        """The node's instance."""
        return self.ids[node]

    def account(self) -> dict[str, Any]:
        """The keys that all methods share."""
        return {"project": self.gcp.project, "endpoint": self.gcp.url, "ca_file": self.gcp.ca_file}

    def truth(self) -> Mapping[Place, NodeId | None]:
        """Who has what, whatever the API says of it."""
        return {
            place: next((self.ids[name] for name in NODES if self.has(place, name)), None)
            for place in self.places()
        }

    def nics(self, node: str) -> list[dict[str, Any]]:
        """A node's interfaces, as they are in effect."""
        found = self.gcp.in_effect(self.ids[node])
        assert found is not None
        nics: list[dict[str, Any]] = found["networkInterfaces"]
        return nics

    def writes(self) -> Sequence[float]:
        """When an instance was written."""
        calls = self.gcp.journal.writes()
        return [c.committed for c in calls if c.action in self.writes_with and c.committed is not None]

    def written(self) -> list[str]:
        """What was written, in order: the last name of the method, and of the instance."""
        return [
            f"{call.action.rpartition('.')[2]} {call.resource.rpartition('/')[2]}"
            for call in self.gcp.journal.writes()
        ]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class GcpNicsFaults:
    """The contract's faults, as the real Compute Engine shows them."""

    def __init__(self, gcp: GcpCloud, writes: Sequence[str], remove: Callable[[Place], None]) -> None:
        self._gcp = gcp
        self._writes = writes
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The write is accepted and carried out, `then` happens, the connection breaks."""

        def then_drop() -> None:
            for rule in armed:
                rule.disarm()
            self._gcp.finish()
            then()
            raise Drop

        armed = [self._gcp.faults.after_commit(write, then_drop) for write in self._writes]

    def unavailable(self, times: int) -> None:
        """rateLimitExceeded."""
        self._gcp.faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """internalError."""
        self._gcp.faults.unavailable(times, "compute.instances.*", status=500, where=lambda c: c.mutating)

    def deny(self) -> None:
        """forbidden."""
        self._gcp.faults.deny()

    def stale_reads(self, times: int) -> None:
        """GETs show the state before the next write."""
        self._gcp.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        for write in self._writes:
            self._gcp.faults.delay(seconds, write)
            self._gcp.faults.throttle(None, write)

    def missing(self, place: Place) -> None:
        """See the method's cloud."""
        self._remove(place)
