"""`gcp-cloud-dns` as a contract cloud: two managed zones of one domain, both of which say node c."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.testing.cloud import NODES, Named
from vipswitch.testing.gcp import Drop, GcpCloud, build

DOMAIN = "example.internal"
NAME = f"db.{DOMAIN}"
TEXT = f"_vipswitch.{NAME}"

CHANGE = "dns.changes.create"


class CloudDnsCloud:
    """Nodes are their internal addresses; the same name stands in two zones, one named with its project.

    `rules` are switches of the local Google Cloud.
    """

    vip = Vip("primary", ())

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] = GcpCloudDns,
        *,
        types: tuple[str, ...] = ("A",),
        latency_s: float = 0.0,
        operation_gets: int = 1,
        **rules: Any,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self._make = make
        self._types = types
        self._stack = ExitStack()
        self.gcp = self._stack.enter_context(GcpCloud(operation_gets=operation_gets))
        self.zones = (Name("inside"), Name("peered", project=self.gcp.project))
        self.nodes = build(self.gcp, nodes=len(NODES), ipv6=True).nodes
        self._stack.enter_context(_environment("GCE_METADATA_HOST", self.gcp.metadata_host))
        self.faults = CloudDnsFaults(self.gcp, self.remove)
        self._seed()
        for name, value in rules.items():
            setattr(self.gcp.rules, name, value)
        if latency_s:
            self.gcp.faults.delay(latency_s)

    def _seed(self) -> None:
        """In each zone another name comes next, and one stands below ours."""
        for zone in self.zones:
            self.gcp.add_zone(zone.name, f"{DOMAIN}.", private=True)
            self.say(zone, *self._records("c"))
            self.say(zone, (f"e.{DOMAIN}", "A", ["10.0.9.9"]), (f"a.{NAME}", "A", ["10.0.9.8"]))

    def _records(self, node: str) -> list[tuple[str, str, list[str]]]:
        return [(NAME, type_, [self.address(node, type_)]) for type_ in self._types]

    def say(self, zone: Name, *sets: tuple[str, str, Sequence[str]], ttl: int = 10) -> None:
        """Somebody else writes record sets; without data there is none any more."""
        self.gcp.records(zone.name, *((f"{name}.", type_, ttl, data) for name, type_, data in sets))

    def record(self, zone: Name, type_: str = "A", name: str = NAME) -> dict[str, Any] | None:
        """A record set as it is written; None where there is none."""
        return self.gcp.in_effect(f"managedZones/{zone.name}/rrsets/{name}./{type_}")

    def address(self, node: str, type_: str) -> str:
        """A node's address of that type."""
        seed = self.nodes[NODES.index(node)]
        return str(seed.private_ip if type_ == "A" else seed.ipv6)

    def node_id(self, node: str) -> NodeId:
        """The node's addresses."""
        return NodeId(",".join(self.address(node, type_) for type_ in self._types))

    def settings(self, **more: Any) -> CloudDnsSettings:
        """Every setting that has no default, and the way to this cloud."""
        given: dict[str, Any] = {
            "project": self.gcp.project,
            "endpoint": self.gcp.url,
            "ca_file": self.gcp.ca_file,
            "name": NAME,
            "zones": self.zones,
            "types": self._types,
        }
        return CloudDnsSettings(**{**given, **more})

    def provider(self, node: str, **settings: Any) -> Provider:
        """The provider as it runs on that node, whose addresses are in its config."""
        return self._make(self.settings(**settings), self.vip, Named(self.node_id(node), self.folder))

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the zones' records are, whatever the API says of them; a zone that is gone has none."""
        return {
            Place(f"{zone}/{NAME}"): self._said(zone)
            for zone in self.zones
            if self.gcp.in_effect(f"managedZones/{zone.name}") is not None
        }

    def _said(self, zone: Name) -> NodeId | None:
        found = [self.record(zone, type_) for type_ in self._types]
        data = [each for record in found if record for each in record["rrdatas"]]
        return NodeId(",".join(data)) if data else None

    def zone_of(self, place: Place) -> Name:
        """The zone of a place."""
        return next(zone for zone in self.zones if place.id == f"{zone}/{NAME}")

    def writes(self) -> Sequence[float]:
        """When a record set was written."""
        calls = self.gcp.journal.writes()
        return [call.committed for call in calls if call.committed is not None]

    def empty(self, place: Place) -> None:
        """The name has no record any more."""
        self.say(self.zone_of(place), *((NAME, type_, []) for type_ in self._types))

    def remove(self, place: Place) -> None:
        """The zone is gone."""
        self.gcp.remove(f"managedZones/{self.zone_of(place).name}")

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class CloudDnsFaults:
    """The contract's faults, as Cloud DNS shows them."""

    def __init__(self, gcp: GcpCloud, remove: Callable[[Place], None]) -> None:
        self._faults = gcp.faults
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The change is made, `then` happens, the connection breaks."""

        def then_drop() -> None:
            then()
            raise Drop

        self._faults.after_commit(CHANGE, then_drop)

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """500."""
        self._faults.unavailable(times, CHANGE, status=500)

    def deny(self) -> None:
        """403 forbidden."""
        self._faults.deny()

    def stale_reads(self, times: int) -> None:
        """Reads show the state before the next write."""
        self._faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Changes take `seconds` and are then throttled."""
        self._faults.delay(seconds, CHANGE)
        self._faults.throttle(None, CHANGE)

    def missing(self, place: Place) -> None:
        """The zone is gone."""
        self._remove(place)


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """A variable of this process, inside."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
