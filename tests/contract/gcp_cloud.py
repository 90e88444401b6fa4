"""The local Google Cloud as a contract cloud: two places, three nodes, HTTPS, real time. A class a method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.contract.azure_cloud import environment
from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES, Named
from vipswitch.testing.gcp import Drop, GcpCloud, Topology, build


class GcpContractCloud:
    """What all methods share; `claims` are the methods that take a place, `also` the other ones that write.

    Each node has a folder of its own for what it keeps. `rules` are switches of the local Google Cloud.
    """

    claims: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    vip: Vip = VIP

    def __init__(
        self,
        folder: Path,
        *,
        vip: Vip | None = None,
        latency_s: float = 0.0,
        operation_gets: int = 1,
        **rules: Any,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self.vip = vip or self.vip
        self._stack = ExitStack()
        self.gcp = self._stack.enter_context(GcpCloud(operation_gets=operation_gets))
        self.faults = GcpFaults(self.gcp, self.claims, self.remove)
        self.topology = build(self.gcp, nodes=len(NODES), ipv6=True)
        self._stack.enter_context(environment("GCE_METADATA_HOST", self.gcp.metadata_host))
        self.nodes = dict(zip(NODES, self.topology.nodes, strict=True))
        self.seed(self.topology)
        for name, value in rules.items():
            setattr(self.gcp.rules, name, value)
        self.gcp.journal.clear()
        if latency_s:
            self.gcp.faults.delay(latency_s)

    def seed(self, topology: Topology) -> None:
        """Make the two places."""
        raise NotImplementedError

    def remove(self, place: Place) -> None:
        """Let that place be gone."""
        raise NotImplementedError

    def empty(self, place: Place) -> None:
        """Let nobody hold that place."""
        raise NotImplementedError

    def account(self) -> dict[str, Any]:
        """The keys that all methods share."""
        return {"project": self.gcp.project, "endpoint": self.gcp.url, "ca_file": self.gcp.ca_file}

    def node_id(self, node: str) -> NodeId:
        """The node's instance."""
        return NodeId(self.nodes[node].instance)

    def machine(self, node: str) -> Named:
        """The machine of that node."""
        folder = self.folder / node
        folder.mkdir(exist_ok=True)
        return Named(self.node_id(node), folder, nodes=[self.node_id(each) for each in NODES])

    def writes(self) -> Sequence[float]:
        """When a place was written."""
        calls, wanted = self.gcp.journal.writes(), (*self.claims, *self.also)
        return [c.committed for c in calls if c.action in wanted and c.committed is not None]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class GcpFaults:
    """The contract's faults, as real Google Cloud shows them."""

    def __init__(self, gcp: GcpCloud, claims: Sequence[str], remove: Callable[[Place], None]) -> None:
        self._gcp = gcp
        self._claims = claims
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The write is accepted and carried out, `then` happens, the connection breaks."""

        def then_drop() -> None:
            for rule in armed:
                rule.disarm()
            self._gcp.finish()
            then()
            raise Drop

        armed = [self._gcp.faults.after_commit(claim, then_drop) for claim in self._claims]

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._gcp.faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """internalError."""
        self._gcp.faults.unavailable(times, self._claims[0], status=500)

    def deny(self) -> None:
        """forbidden."""
        self._gcp.faults.deny()

    def stale_reads(self, times: int) -> None:
        """Reads show the state before the next write."""
        self._gcp.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        for claim in self._claims:
            self._gcp.faults.delay(seconds, claim)
            self._gcp.faults.throttle(None, claim)

    def missing(self, place: Place) -> None:
        """See the method's cloud."""
        self._remove(place)
