"""The methods of Google Cloud: each with one place."""

from __future__ import annotations

import itertools
import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any, ClassVar

from tests.merges.google_method import GoogleMethod
from tests.merges.method import Line
from vipswitch.model import NodeId, Place, Vip
from vipswitch.provider import Machine
from vipswitch.providers.gcp.alias_ip.provider import GcpAliasIp
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.providers.gcp.cloud_dns.provider import GcpCloudDns
from vipswitch.providers.gcp.cloud_dns.settings import CloudDnsSettings
from vipswitch.providers.gcp.external_ip.addresses import Attached
from vipswitch.providers.gcp.external_ip.provider import GcpExternalIp
from vipswitch.providers.gcp.external_ip.settings import ExternalIpSettings
from vipswitch.providers.gcp.ids import Name
from vipswitch.providers.gcp.route.provider import GcpRoute
from vipswitch.providers.gcp.route.settings import RouteSettings
from vipswitch.providers.gcp.route.slots import family, name_of
from vipswitch.testing.wire import Request

_HOST = {"host": "compute.test"}

_BEST = 40000

_EXTERNAL = "34.76.0.1"

_MEDDLED = "10.0.1.60/32"

_TRIES = 10


class SureRoute(GcpRoute):
    """Takes no first priority at random: each node has one of its own, a restore's being worse."""

    numbers: ClassVar[Mapping[str, int]] = {"node1": 100, "node2": 200, "node3": 300}

    def __init__(self, settings: RouteSettings, vip: Vip, machine: Machine) -> None:
        super().__init__(settings, vip, machine)
        self._chance = Sure(self.numbers[str(machine.node()).partition("/")[2]])


class Sure(random.SystemRandom):
    """A chance that always takes the same one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def choice(self, seq: Any) -> Any:
        return seq[self._number]


class SureExternalIp(GcpExternalIp):
    """Gives no random names: each process counts its own."""

    def __init__(self, settings: ExternalIpSettings, vip: Vip, machine: Machine) -> None:
        super().__init__(settings, vip, machine)
        self._process = zlib.crc32(machine.cache().parent.name.encode()) % 10**6
        self._numbers = itertools.count()

    def _moved(self, place: Place) -> Attached:
        moved = super()._moved(place)
        return replace(moved, name=f"vipswitch-primary-{self._process:06}{next(self._numbers):02}")


class Route(GoogleMethod):
    """`gcp-route`, in one network, where somebody else has a route of no effect."""

    name = "gcp-route"
    vip = Vip("primary", (ip_address("10.99.0.50"),))
    provider = SureRoute
    gap_s = 0.0
    frees = True

    def seed(self, holder: str | None) -> None:
        if holder is not None:
            self._add(holder, name_of(family("vpc", self.vip.addresses[0]), _BEST), _BEST)

    def settings(self) -> RouteSettings:
        return RouteSettings(**self._account(), networks=(Name("vpc"),))

    def holds(self, name: str) -> bool:
        return self.nodes[name].path in self.gcp.next_hops("10.99.0.50/32")

    def meddle(self, line: Line) -> bool:
        """Add a route of no effect."""
        target, body = f"/compute/v1/{self.gcp.path('global/routes')}", self._route("c", "mine", 65535)
        if line.handle(Request("POST", target, _HOST, json.dumps(body).encode())).status >= 400:
            return False
        return line.handle(Request("GET", f"{target}/mine", _HOST)).status < 400

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        return self.gcp.path("global/routes/mine") in documents

    def _add(self, to: str, name: str, priority: int) -> None:
        self.gcp.write("POST", "global/routes", self._route(to, name, priority))

    def _route(self, to: str, name: str, priority: int) -> dict[str, Any]:
        where = {"network": self.gcp.path("global/networks/vpc"), "nextHopInstance": self.nodes[to].path}
        return {"name": name, "destRange": "10.99.0.50/32", "priority": priority, **where}


class AliasIp(GoogleMethod):
    """`gcp-alias-ip`, beside an alias range that every node has."""

    name = "gcp-alias-ip"
    vip = Vip("primary", (ip_address("10.0.1.50"),))
    provider = GcpAliasIp
    gap_s = 60.0

    def seed(self, holder: str | None) -> None:
        if holder is not None:
            self._set(holder, "10.0.1.50/32")

    def settings(self) -> AliasIpSettings:
        return AliasIpSettings(**self._account())

    def holds(self, name: str) -> bool:
        return "10.0.1.50/32" in self._ranges(self._nic(name))

    def meddle(self, line: Line) -> bool:
        """Give node a another range, and wait."""
        path = f"/compute/v1/{self.nodes['a'].path}"
        for _ in range(_TRIES):
            nic = json.loads(line.handle(Request("GET", path, _HOST)).body)["networkInterfaces"][0]
            body = self._body(nic, *self._ranges(nic), _MEDDLED)
            target = f"{path}/updateNetworkInterface?networkInterface=nic0"
            if line.handle(Request("PATCH", target, _HOST, json.dumps(body).encode())).status < 400:
                shown = json.loads(line.handle(Request("GET", path, _HOST)).body)
                if _MEDDLED in self._ranges(shown["networkInterfaces"][0]):
                    return True
        return False

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        return _MEDDLED in self._ranges(documents[self.nodes["a"].path]["networkInterfaces"][0])

    def _nic(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.gcp.get(self.nodes[name].instance)["networkInterfaces"][0]
        return found

    @staticmethod
    def _ranges(nic: Mapping[str, Any]) -> list[str]:
        return [each["ipCidrRange"] for each in nic.get("aliasIpRanges", ())]

    def _set(self, name: str, *ranges: str) -> None:
        target = f"{self.nodes[name].instance}/updateNetworkInterface"
        self.gcp.write("PATCH", target, self._body(self._nic(name), *ranges), networkInterface="nic0")

    @staticmethod
    def _body(nic: Mapping[str, Any], *ranges: str) -> dict[str, Any]:
        wanted = [{"ipCidrRange": each} for each in ranges]
        return {"aliasIpRanges": wanted, "fingerprint": nic["fingerprint"]}


class ExternalIp(GoogleMethod):
    """`gcp-external-ip`."""

    name = "gcp-external-ip"
    vip = Vip("primary", ())
    provider = SureExternalIp
    gap_s = 60.0
    meddles = False

    def seed(self, holder: str | None) -> None:
        self.gcp.add_address("vip", _EXTERNAL)
        if holder is not None:
            body = {"name": "vipswitch-primary-0", "type": "ONE_TO_ONE_NAT", "natIP": _EXTERNAL}
            target = f"{self.nodes[holder].instance}/addAccessConfig"
            self.gcp.write("POST", target, body, networkInterface="nic0")

    def settings(self) -> ExternalIpSettings:
        return ExternalIpSettings(**self._account(), external_ip=(Name("vip"),), network_interface=("nic0",))

    def holds(self, name: str) -> bool:
        nic = self.gcp.get(self.nodes[name].instance)["networkInterfaces"][0]
        return _EXTERNAL in [each.get("natIP") for each in nic.get("accessConfigs", ())]


class CloudDns(GoogleMethod):
    """`gcp-cloud-dns`, with one zone."""

    name = "gcp-cloud-dns"
    vip = Vip("primary", ())
    provider = GcpCloudDns
    gap_s = 0.0

    def seed(self, holder: str | None) -> None:
        self.gcp.add_zone("zone", "example.com.", private=True)
        if holder is not None:
            self.gcp.records("zone", ("db.example.com.", "A", 5, [self.node_id(holder)]))

    def settings(self) -> CloudDnsSettings:
        return CloudDnsSettings(
            **self._account(), name="db.example.com", zones=(Name("zone"),), types=("A",), ttl=5
        )

    def node_id(self, name: str) -> NodeId:
        return NodeId(str(self.nodes[name].private_ip))

    def holds(self, name: str) -> bool:
        found = self._store.find(self.gcp.path("managedZones/zone/rrsets/db.example.com./A"))
        return found is not None and found["rrdatas"] == [self.node_id(name)]

    def meddle(self, line: Line) -> bool:
        """Give the name a record of another type."""
        target = f"/dns/v1/{self.gcp.path('managedZones/zone/changes')}"
        record = {"name": "db.example.com.", "type": "TXT", "ttl": 300, "rrdatas": ['"somebody\'s"']}
        body = json.dumps({"additions": [record], "deletions": []}).encode()
        return line.handle(Request("POST", target, {"host": "dns.test"}, body)).status < 400

    def meddled(self, documents: Mapping[str, Any]) -> bool:
        return self.gcp.path("managedZones/zone/rrsets/db.example.com./TXT") in documents


METHODS: list[type[GoogleMethod]] = [Route, AliasIp, ExternalIp, CloudDns]
