"""`azure-dns` and `azure-private-dns` as contract clouds: two zones of one name, both of which say node c."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from vipswitch.deadline import Clock, SystemClock
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Provider
from vipswitch.providers.azure.dns.kinds import PRIVATE, PUBLIC, Kind
from vipswitch.providers.azure.dns.private import AzurePrivateDns
from vipswitch.providers.azure.dns.public import AzureDns
from vipswitch.providers.azure.dns.settings import DnsSettings, PrivateDnsSettings
from vipswitch.providers.azure.ids import Name
from vipswitch.testing.azure import ArmError, AzureCloud, Drop, build
from vipswitch.testing.cloud import NODES, Named

DOMAIN = "example.internal"
NAME = f"db.{DOMAIN}"
GROUPS = ("", "others/")
"""How the config names the groups of the two zones: this machine's, and another."""

_SPELLED = {
    PUBLIC: {"ttl": "TTL", "A": "ARecords", "AAAA": "AAAARecords", "CNAME": "CNAMERecord"},
    PRIVATE: {"ttl": "ttl", "A": "aRecords", "AAAA": "aaaaRecords", "CNAME": "cnameRecord"},
}
_ADDRESS = {"A": "ipv4Address", "AAAA": "ipv6Address"}


class AzureDnsCloud:
    """Nodes are their private addresses; the same name stands in two zones of one name."""

    kind: Kind = PUBLIC
    vip = Vip("primary", ())

    def __init__(
        self,
        folder: Path,
        make: Callable[..., Provider] | None = None,
        *,
        quoted: bool = False,
        exact: bool = False,
        types: tuple[str, ...] = ("A",),
        latency_s: float = 0.0,
    ) -> None:
        self.clock: Clock = SystemClock()
        self.folder = folder
        self._make = make or self.provider_class
        self._types = types
        self._stack = ExitStack()
        self.azure = self._stack.enter_context(AzureCloud())
        self.azure.rules.quoted_dns_etags, self.azure.rules.exact_etags = quoted, exact
        self.nodes = build(self.azure, nodes=len(NODES), ipv6=True).nodes
        self._stack.enter_context(_environment("AZURE_POD_IDENTITY_AUTHORITY_HOST", self.azure.metadata_url))
        self.addresses = {
            name: [str(node.private_ip), str(node.ipv6)] for name, node in zip(NODES, self.nodes, strict=True)
        }
        self.faults = AzureDnsFaults(self.azure, self.kind, self.remove)
        self.azure.add_group("others")
        self._seed()
        if latency_s:
            self.azure.faults.delay(latency_s)

    @property
    def provider_class(self) -> Callable[..., Provider]:
        """What is tried."""
        return AzureDns if self.kind is PUBLIC else AzurePrivateDns

    def _seed(self) -> None:
        for group in GROUPS:
            self.azure.put(self.zone(group), {"location": "global", "properties": {}})
            for type_ in self._types:
                self.say(Place(f"{group}{DOMAIN}/{type_}/db"), self.address("c", type_))

    def zone(self, group: str) -> str:
        """The id of a zone."""
        return self.azure.id(self.kind.type, DOMAIN, group=group.removesuffix("/") or self.azure.group)

    def path(self, place: Place) -> str:
        """The id of a record set."""
        group = "others/" if place.id.startswith("others/") else ""
        return f"{self.zone(group)}/{place.id.removeprefix(group).partition('/')[2]}"

    def say(self, place: Place, *addresses: str, ttl: int = 10, **more: object) -> None:
        """Somebody else writes a record set."""
        type_, spelled = place.id.split("/")[-2], _SPELLED[self.kind]
        listed = [{_ADDRESS[type_]: address} for address in addresses]
        properties = {spelled["ttl"]: ttl, spelled[type_]: listed, **more}
        self.azure.put(self.path(place), {"properties": properties})

    def alias_name(self, place: Place, other: str) -> None:
        """Somebody makes the name another name of `other`."""
        path, spelled = self.path(place).replace("/A/", "/CNAME/"), _SPELLED[self.kind]
        properties = {spelled["ttl"]: 10, spelled["CNAME"]: {"cname": other}}
        self.azure.put(path, {"properties": properties})

    def register(self, place: Place) -> None:
        """Azure keeps the record set for a virtual machine from now on."""
        found = self.azure.arm.store.find(self.path(place))
        assert found
        found.fixed["isAutoRegistered"] = True

    def record(self, place: Place) -> dict[str, Any] | None:
        """The properties of a record set; None where there is none."""
        try:
            found: dict[str, Any] = self.azure.get(self.path(place))["properties"]
        except ArmError:
            return None
        return found

    def said(self, place: Place) -> NodeId | None:
        """The addresses of a record set."""
        type_ = place.id.split("/")[-2]
        found = self.record(place)
        if not found:
            return None
        return NodeId(",".join(each[_ADDRESS[type_]] for each in found[_SPELLED[self.kind][type_]]))

    def address(self, node: str, type_: str) -> str:
        """A node's address of that type."""
        return self.addresses[node][0 if type_ == "A" else 1]

    def node_id(self, node: str) -> NodeId:
        """The node's addresses."""
        return NodeId(",".join(self.address(node, type_) for type_ in self._types))

    def settings(self, **more: Any) -> DnsSettings | PrivateDnsSettings:
        """Every setting that has no default, and the way to this cloud."""
        make = DnsSettings if self.kind is PUBLIC else PrivateDnsSettings
        given: dict[str, Any] = {
            "subscription": self.azure.subscription,
            "resource_group": self.azure.group,
            "endpoint": self.azure.url,
            "ca_file": self.azure.ca_file,
            "name": NAME,
            "zones": tuple(Name(DOMAIN, group.removesuffix("/") or None) for group in GROUPS),
            "types": self._types,
        }
        return make(**{**given, **more})

    def provider(self, node: str, **settings: Any) -> Provider:
        """The provider as it runs on that node, whose addresses are in its config."""
        nodes = [self.node_id(name) for name in NODES]
        machine = Named(self.node_id(node), self.folder, nodes=nodes)
        return self._make(self.settings(**settings), self.vip, machine)

    def truth(self) -> Mapping[Place, NodeId | None]:
        """What the record sets say, whatever the API says of them; a zone that is gone has none."""
        places = [Place(f"{group}{DOMAIN}/{type_}/db") for group in GROUPS for type_ in self._types]
        return {place: self.said(place) for place in places if self._there(place)}

    def _there(self, place: Place) -> bool:
        try:
            return bool(self.azure.get(self.path(place).rpartition("/")[0].rpartition("/")[0]))
        except ArmError:
            return False

    def writes(self) -> Sequence[float]:
        """When a record set was written."""
        calls = self.azure.journal.writes()
        return [call.committed for call in calls if call.committed is not None]

    def empty(self, place: Place) -> None:
        """The name has no record any more."""
        self.azure.delete(self.path(place))

    def remove(self, place: Place) -> None:
        """The zone is gone."""
        self.azure.delete(self.path(place).rpartition("/")[0].rpartition("/")[0])

    def close(self) -> None:
        """Stop serving."""
        self._stack.close()


class AzurePrivateDnsCloud(AzureDnsCloud):
    """The same with private zones."""

    kind = PRIVATE


class AzureDnsFaults:
    """The contract's faults, as ARM and a zone show them."""

    def __init__(self, azure: AzureCloud, kind: Kind, remove: Callable[[Place], None]) -> None:
        self._faults = azure.faults
        self._write = f"{kind.type}/*/write"
        self._remove = remove

    def lose_answer(self, then: Callable[[], None]) -> None:
        """The work is done, `then` happens, the connection breaks."""

        def then_drop() -> None:
            then()
            raise Drop

        self._faults.after_commit(self._write, then_drop)

    def unavailable(self, times: int) -> None:
        """Throttled."""
        self._faults.throttle(times)

    def fails_inside(self, times: int) -> None:
        """500."""
        self._faults.unavailable(times, self._write, status=500)

    def deny(self) -> None:
        """AuthorizationFailed."""
        self._faults.deny()

    def stale_reads(self, times: int) -> None:
        """Reads show the state before the next write."""
        self._faults.stale_reads(times)

    def slow(self, seconds: float) -> None:
        """Writes take `seconds` and are then throttled."""
        self._faults.delay(seconds, self._write)
        self._faults.throttle(None, self._write)

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
            del os.environ[name]
        else:
            os.environ[name] = before
