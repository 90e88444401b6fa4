"""The scene with packets: a network in namespaces that follows the route tables of a local AWS.

Rules: runs inside `sandbox`; a node's credentials, region and network interface come from its own metadata
service, as on EC2; the VIP lies outside the VPC's address range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from vipswitch.demo import pgpool
from vipswitch.demo.events import Event
from vipswitch.demo.given import NO_OTHER_CLOUD, Keys, given
from vipswitch.demo.node import Node, Start
from vipswitch.demo.played import Played
from vipswitch.demo.probes import Probes
from vipswitch.demo.sandbox import FOLDER
from vipswitch.demo.scene import Caller, Request, Route
from vipswitch.demo.vip import PORT, VIP
from vipswitch.testing.aws import AwsCloud, Call, Topology
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.router import RouteChange
from vipswitch.testing.fabric.vpc import Vpc

_DROPPED = "are dropped (no route, or source/destination check on)"


class Network:
    """Nodes behind a router, a cloud beside them, a client that asks the VIP."""

    pointer = "routes"

    def __init__(self, vpc: Vpc, aws: AwsCloud, seed: Topology, version: str | None, because: str) -> None:
        self.events: list[Event] = []
        self.probes = Probes()
        self._vpc, self._aws, self._seed = vpc, aws, seed
        self._told: set[int] = set()
        self._routes_told = 0
        self._owners = {
            node.interface_id: host.name for node, host in zip(seed.nodes, vpc.nodes, strict=True)
        }
        self._tables = dict(zip(seed.tables, ("clients' table", "nodes' table"), strict=True))
        self.nodes: Sequence[Node] = [self._node(host) for host in vpc.nodes]
        self.caller = self._caller(version, because)

    def about(self) -> Mapping[str, str]:
        tables = ", ".join(f"{id} ({name})" for id, name in self._tables.items())
        nodes = ", ".join(
            f"{host.name} {host.address} {node.interface_id}"
            for node, host in zip(self._seed.nodes, self._vpc.nodes, strict=True)
        )
        return {
            "network": f"namespaces, veth pairs and a router: real packets, 10.0.0.0/16, VIP {VIP}",
            "AWS": f"a local one (moto); the VIP is a route in {tables}",
            "nodes": nodes,
            "caller": self.caller.name,
            "client": f"{self._vpc.client.address} asks {VIP} every 20 ms who is there",
        }

    def observe(self) -> None:
        self._tell_routes(self._vpc.router.history[self._routes_told :])
        for number, call in enumerate(self._aws.journal.calls()):
            if call.answered is not None and number not in self._told:
                self._told.add(number)
                self.events.append(Event(call.answered, "AWS", self._words(call)))

    def routes(self) -> Sequence[Route]:
        return [self._route(change) for change in self._vpc.router.history if _to_vip(change)]

    def requests(self) -> Sequence[Request]:
        calls = self._aws.journal.calls()
        return [Request(self._node_at(c.source), c.action, c.mutating, c.received) for c in calls]

    def _plain(self, text: str) -> str:
        """The same with names in the place of the cloud's ids."""
        addresses = {str(host.address): host.name for host in self._vpc.nodes}
        for id, name in {**self._tables, **self._owners, **addresses}.items():
            text = re.sub(rf"\b{re.escape(id)}\b", name, text)
        return text

    def _node(self, host: Host) -> Node:
        folder, serves = FOLDER / host.name, f"{VIP}:{PORT}"
        node = Node(host.name, folder, serves=serves, start=_starter(host), tell=self._tell)
        tables = [*self._seed.tables]
        keys: Keys = {"provider": "aws-route-table", "interface": "eth0", "route_tables": tables}
        node.tell(given(folder, keys), {"AWS_ENDPOINT_URL_EC2": self._aws.url, **NO_OTHER_CLOUD})
        return node

    def _caller(self, version: str | None, because: str) -> Caller:
        if version is None:
            return Played(self.nodes, because=because)
        return pgpool.Pgpool(self.nodes, [host.address for host in self._vpc.nodes], version)

    def _tell(self, event: Event) -> None:
        self.events.append(Event(event.at, event.who, self._plain(event.text)))

    def _tell_routes(self, changes: Sequence[RouteChange]) -> None:
        self._routes_told += len(changes)
        for route in [self._route(change) for change in changes if _to_vip(change)]:
            end = f"reach {route.holder}" if route.holder else _DROPPED
            self.events.append(Event(route.at, "network", f"packets by the {route.place} {end}"))

    def _route(self, change: RouteChange) -> Route:
        return Route(change.at, self._tables[change.table], self._owners.get(change.holder or ""))

    def _words(self, call: Call) -> str:
        took = ((call.answered or call.received) - call.received) * 1000
        names = [call.params[key] for key in ("RouteTableId", "NetworkInterfaceId") if key in call.params]
        what = " ".join([call.action, " → ".join(names)]).rstrip()
        return self._plain(f"{what}: {f'refused ({call.error})' if call.error else 'done'}, {took:.0f} ms")

    def _node_at(self, source: str) -> str:
        return next((host.name for host in self._vpc.nodes if str(host.address) == source), source)


def _starter(host: Host) -> Start:
    return lambda command, env, output: host.namespace.popen(command, env=env, output=output)


def _to_vip(change: RouteChange) -> bool:
    return change.destination == IPv4Network(VIP)
