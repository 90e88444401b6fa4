"""Packets follow the local Google Cloud: what an operation has carried out, from the moment of its end."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gcp import Gcp, serve
from tests.e2e.pings import answers, ping
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc, build
from vipswitch.testing.wire import Request

ALIAS, OUTSIDE = IPv4Address("10.0.1.50"), IPv4Address("10.99.0.50")
ROUTES = "global/routes"
_OPERATION_S = 0.2


@dataclass
class Net:
    """Two nodes that both have the VIP, so that only the cloud decides who answers."""

    vpc: Vpc
    cloud: Gcp

    def instance(self, node: Host) -> str:
        return next(name for name, host in self.cloud.interfaces().items() if host == node)

    def assign(self, node: Host, *addresses: IPv4Address) -> Mapping[str, Any]:
        """Make these all its aliases."""
        nic = self.cloud.gcp.get(self.instance(node))["networkInterfaces"][0]
        ranges = [{"ipCidrRange": f"{address}/32"} for address in addresses]
        body = {"aliasIpRanges": ranges, "fingerprint": nic["fingerprint"]}
        target = f"{self.instance(node)}/updateNetworkInterface"
        return self.ask("PATCH", f"{target}?networkInterface=nic0", body)

    def route(self, name: str, node: Host, priority: int) -> None:
        path = self.cloud.seed.network
        hop = {"network": path, "nextHopInstance": self.instance(node)}
        self.ask("POST", ROUTES, {"name": name, "destRange": f"{OUTSIDE}/32", "priority": priority, **hop})

    def ask(self, method: str, name: str, document: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """As a client does, who leaves the operation running."""
        headers = {"authorization": f"Bearer {self.cloud.gcp.token()}"}
        body = b"" if document is None else json.dumps(document).encode()
        path = f"/compute/v1/{self.cloud.gcp.path(name)}"
        answer = self.cloud.gcp.handle(Request(method, path, headers, body))
        assert answer.status == 200, answer.body
        told: Mapping[str, Any] = json.loads(answer.body)
        return told

    def settled(self) -> None:
        time.sleep(_OPERATION_S + 0.1)


@pytest.fixture
def net(root: None, request: pytest.FixtureRequest) -> Iterator[Net]:
    vip = request.param
    with build(nodes=2, together=vip == ALIAS) as vpc, serve(vpc, operation_s=_OPERATION_S) as cloud:
        for node in vpc.nodes:
            node.namespace.ip("address", "add", f"{vip}/32", "dev", "eth0")
        yield Net(vpc, cloud)


on_nics = pytest.mark.parametrize("net", [ALIAS], indirect=True)
by_route = pytest.mark.parametrize("net", [OUTSIDE], indirect=True)


@on_nics
def test_an_alias_comes_and_goes_at_the_end_of_the_operation(net: Net) -> None:
    """Not when it is asked for: until then the one before answers, or nobody."""
    one, two = net.vpc.nodes
    net.assign(one, ALIAS)
    assert "100% packet loss" in (summary := ping(net.vpc.client, ALIAS))
    assert "errors" not in summary
    net.settled()
    net.assign(one)
    assert answers(net.vpc.client, ALIAS)
    net.settled()
    assert not answers(net.vpc.client, ALIAS)
    net.assign(two, ALIAS)
    net.settled()
    assert answers(net.vpc.client, ALIAS)
    holders = [change.holder for change in net.cloud.addresses.history if change.address == ALIAS]
    assert holders == [net.instance(one), None, net.instance(two)]


@on_nics
def test_packets_follow_before_anybody_sees_the_end_of_the_operation(net: Net) -> None:
    """Whoever has read DONE can rely on the network."""
    node = net.vpc.nodes[0]
    operation, begun = net.assign(node, ALIAS), time.monotonic()
    while operation["status"] != "DONE":
        operation = net.ask("GET", operation["selfLink"])
        assert time.monotonic() < begun + 2 * _OPERATION_S
    assert net.cloud.addresses.history[-1].at < time.monotonic()
    assert net.cloud.addresses.history[-1].holder == net.instance(node)


@on_nics
def test_an_operation_that_fails_moves_nothing(net: Net) -> None:
    """Although it was accepted, and its end is DONE."""
    net.cloud.gcp.faults.fail_operation("IP_IN_USE_BY_ANOTHER_RESOURCE")
    net.assign(net.vpc.nodes[0], ALIAS)
    net.settled()
    assert not answers(net.vpc.client, ALIAS)


@by_route
def test_packets_follow_the_route_of_the_best_priority(net: Net) -> None:
    """From the end of its insertion to that of its deletion, without a moment between two holders."""
    one, two = net.vpc.nodes
    for name, node, priority in (("a", one, 100), ("b", two, 99), ("c", one, 101)):
        net.route(name, node, priority)
        net.settled()
        assert answers(net.vpc.client, OUTSIDE)
    net.ask("DELETE", f"{ROUTES}/b")
    net.ask("DELETE", f"{ROUTES}/a")
    net.settled()
    assert answers(net.vpc.client, OUTSIDE)
    net.ask("DELETE", f"{ROUTES}/c")
    assert answers(net.vpc.client, OUTSIDE)
    net.settled()
    assert not answers(net.vpc.client, OUTSIDE)
    holders = [change.holder for change in net.vpc.router.history]
    assert holders == [net.instance(one), net.instance(two), net.instance(one), None]


@by_route
def test_a_next_hop_that_does_not_run_leaves_the_packets_to_the_next_best(net: Net) -> None:
    """And where there is none they are lost; one without IP forwarding gets them, and drops them."""
    one, two = net.vpc.nodes
    for name, node, priority in (("a", one, 100), ("b", two, 101)):
        net.route(name, node, priority)
    net.settled()
    net.cloud.gcp.set_instance(net.instance(one), status="TERMINATED")
    assert answers(net.vpc.client, OUTSIDE)
    assert net.vpc.router.history[-1].holder == net.instance(two)
    net.cloud.gcp.set_instance(net.instance(one), status="RUNNING", canIpForward=False)
    assert not answers(net.vpc.client, OUTSIDE)
    assert answers(net.vpc.client, one.address)
    net.cloud.gcp.set_instance(net.instance(two), status="TERMINATED")
    net.cloud.gcp.set_instance(net.instance(one), status="TERMINATED")
    assert not answers(net.vpc.client, OUTSIDE)


@by_route
def test_every_node_has_a_metadata_server_of_its_own_and_reaches_the_api(net: Net) -> None:
    """Over HTTPS, with a token of its own service account, and trusting the cloud's authority."""
    program = "from sample_gcp import *; print(Compute().get(own_instance())['name'])"
    for node, seed in zip(net.vpc.nodes, net.cloud.seed.nodes, strict=True):
        words = [f"{name}={value}" for name, value in net.cloud.environment().items()]
        python = [f"PYTHONPATH={Path(__file__).parent}", *words, sys.executable, "-c", program]
        assert node.namespace.run(["env", *python]).strip() == seed.name
    assert {request.node for request in net.cloud.requests()} == {"n1", "n2"}
    clients = {call.client for call in net.cloud.gcp.journal.calls()}
    assert clients == {seed.account for seed in net.cloud.seed.nodes}
