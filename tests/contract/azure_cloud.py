"""The local Azure as a contract cloud: two places, three nodes, real HTTPS and time. One class a method."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import Place, Vip
from vipswitch.testing.azure import AzureCloud, Drop, Topology, build
from vipswitch.testing.bed import VIP
from vipswitch.testing.cloud import NODES

_METADATA = "AZURE_POD_IDENTITY_AUTHORITY_HOST"


class AzureContractCloud:
    """What all methods share; `claims` are the actions that take a place, `also` the other ones that write.

    `rules` are switches of the local Azure.
    """

    claims: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    vip: Vip = VIP

    def __init__(
        self,
        folder: Path,
        *,
        vip: Vip = VIP,
        latency_s: float = 0.0,
        operation_gets: int = 1,
        **rules: Any,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self.vip = vip
        self._stack = ExitStack()
        self.azure = self._stack.enter_context(AzureCloud(operation_gets=operation_gets))
        self.faults = AzureFaults(self.azure, self.claims, self.remove)
        self.topology = build(self.azure, nodes=len(NODES), ipv6=True)
        self._stack.enter_context(environment(_METADATA, self.azure.metadata_url))
        self.nodes = dict(zip(NODES, self.topology.nodes, strict=True))
        self.seed(self.topology)
        for name, value in rules.items():
            setattr(self.azure.rules, name, value)
        self.azure.journal.clear()
        if latency_s:
            self.azure.faults.delay(latency_s)

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
        return {
            "subscription": self.azure.subscription,
            "resource_group": self.azure.group,
            "endpoint": self.azure.url,
            "ca_file": self.azure.ca_file,
        }

    def writes(self) -> Sequence[float]:
        """When a place was written."""
        calls, wanted = self.azure.journal.writes(), (*self.claims, *self.also)
        return [c.committed for c in calls if c.action in wanted and c.committed is not None]

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class AzureFaults:
    """The contract's faults, as a real Resource Manager shows them."""

    def __init__(self, azure: AzureCloud, claims: Sequence[str], remove: Callable[[Place], None]) -> None:
        self._azure = azure
        self._claims = claims
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The write is accepted and carried out, `then` happens, the connection breaks."""

        def then_drop() -> None:
            for rule in armed:
                rule.disarm()
            self._azure.finish()
            then()
            raise Drop

        armed = [self._azure.faults.after_commit(claim, then_drop) for claim in self._claims]

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._azure.faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """InternalServerError."""
        self._azure.faults.unavailable(times, self._claims[0], status=500)

    def deny(self) -> None:
        """AuthorizationFailed."""
        self._azure.faults.deny()

    def stale_reads(self, times: int) -> None:
        """Reads show the state before the next write."""
        self._azure.faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        for claim in self._claims:
            self._azure.faults.delay(seconds, claim)
            self._azure.faults.throttle(None, claim)

    def missing(self, place: Place) -> None:
        """See the method's cloud."""
        self._remove(place)


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """The variable has that value inside, and what it had before afterwards."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
