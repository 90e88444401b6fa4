"""Packets follow the local Azure: what an operation has carried out, from the moment of its end."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.azure import Azure, serve
from tests.e2e.pings import answers, ping
from vipswitch.testing.azure.answers import read
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.vpc import Vpc, build
from vipswitch.testing.wire import Request

SECONDARY, OUTSIDE = IPv4Address("10.0.1.50"), IPv4Address("10.99.0.50")
_VERSION = "?api-version=2024-05-01"
_OPERATION_S = 0.2


@dataclass
class Net:
    """Two nodes that both have the VIP, so that only the cloud decides who answers."""

    vpc: Vpc
    cloud: Azure

    def nic(self, node: Host) -> str:
        return next(name for name, host in self.cloud.interfaces().items() if host == node)

    def assign(self, node: Host) -> None:
        nic = self.cloud.arm.get(self.nic(node))
        configurations = nic["properties"]["ipConfigurations"]
        more = {"privateIPAddress": str(SECONDARY), "privateIPAllocationMethod": "Static", "primary": False}
        subnet = configurations[0]["properties"]["subnet"]
        configurations.append({"name": "vip", "properties": {**more, "subnet": subnet}})
        self.write(self.nic(node), nic)

    def unassign(self, node: Host) -> None:
        nic = self.cloud.arm.get(self.nic(node))
        del nic["properties"]["ipConfigurations"][-1]
        self.write(self.nic(node), nic)

    def route(self, hop: Mapping[str, str]) -> None:
        table = self.cloud.seed.clients[0].table_id
        properties = {"addressPrefix": f"{OUTSIDE}/32", **hop}
        self.write(f"{table}/routes/vip", {"properties": properties})

    def write(self, id_: str, document: Mapping[str, Any]) -> None:
        """Ask for it as a client does, and leave its operation running."""
        headers = {"authorization": f"Bearer {self.cloud.arm.token()}", "host": "arm"}
        body = json.dumps(document).encode()
        answer = self.cloud.arm.handle(Request("PUT", id_ + _VERSION, headers, body))
        assert answer.status < 300, read(answer)

    def settled(self) -> None:
        time.sleep(_OPERATION_S + 0.1)


def appliance(node: Host) -> Mapping[str, str]:
    return {"nextHopType": "VirtualAppliance", "nextHopIpAddress": str(node.address)}


@pytest.fixture
def net(root: None, request: pytest.FixtureRequest) -> Iterator[Net]:
    vip = request.param
    with build(nodes=2, together=vip == SECONDARY) as vpc, serve(vpc, operation_s=_OPERATION_S) as cloud:
        for node in vpc.nodes:
            node.namespace.ip("address", "add", f"{vip}/32", "dev", "eth0")
        yield Net(vpc, cloud)


on_nics = pytest.mark.parametrize("net", [SECONDARY], indirect=True)
by_route = pytest.mark.parametrize("net", [OUTSIDE], indirect=True)


@on_nics
def test_an_address_comes_and_goes_at_the_end_of_the_operation(net: Net) -> None:
    """Not when it is asked for: until then the one before answers, or nobody."""
    one, two = net.vpc.nodes
    net.assign(one)
    assert "100% packet loss" in (summary := ping(net.vpc.client, SECONDARY))
    assert "errors" not in summary
    net.settled()
    net.unassign(one)
    assert answers(net.vpc.client, SECONDARY)
    net.settled()
    assert not answers(net.vpc.client, SECONDARY)
    net.assign(two)
    net.settled()
    assert answers(net.vpc.client, SECONDARY)
    holders = [change.holder for change in net.cloud.addresses.history if change.address == SECONDARY]
    assert holders == [net.nic(one), None, net.nic(two)]


@on_nics
def test_packets_follow_before_anybody_sees_the_end_of_the_operation(net: Net) -> None:
    """Whoever has read Succeeded can rely on the network."""
    node = net.vpc.nodes[0]
    net.assign(node)
    begun = time.monotonic()
    while net.cloud.arm.get(net.nic(node))["properties"]["provisioningState"] != "Succeeded":
        net.cloud.arm.settle()
        assert time.monotonic() < begun + 2 * _OPERATION_S
    assert net.cloud.addresses.history[-1].at < time.monotonic()
    assert net.cloud.addresses.history[-1].holder == net.nic(node)


@on_nics
def test_an_operation_that_fails_moves_nothing(net: Net) -> None:
    """Whatever the interface's document says that it has."""
    net.cloud.arm.faults.fail_operation("InternalServerError")
    net.assign(net.vpc.nodes[0])
    net.settled()
    assert not answers(net.vpc.client, SECONDARY)


@by_route
def test_packets_follow_a_next_hop_at_the_end_of_the_operation(net: Net) -> None:
    """In place: until then to the one before."""
    one, two = net.vpc.nodes
    assert not answers(net.vpc.client, OUTSIDE)
    for hop in (one, two):
        net.route(appliance(hop))
        net.settled()
        assert answers(net.vpc.client, OUTSIDE)
    assert [change.holder for change in net.vpc.router.history] == [net.nic(one), net.nic(two)]
    net.route({"nextHopType": "None"})
    assert answers(net.vpc.client, OUTSIDE)
    net.settled()
    assert not answers(net.vpc.client, OUTSIDE)


@by_route
def test_a_next_hop_without_ip_forwarding_gets_nothing(net: Net) -> None:
    """And one that no interface has is silent."""
    node = net.vpc.nodes[0]
    nic = net.cloud.arm.get(net.nic(node))
    net.route(appliance(node))
    nic["properties"]["enableIPForwarding"] = False
    net.write(net.nic(node), nic)
    net.settled()
    assert not answers(net.vpc.client, OUTSIDE)
    assert answers(net.vpc.client, node.address)
    net.route({"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.1.99"})
    net.settled()
    assert not answers(net.vpc.client, OUTSIDE)


@by_route
def test_every_node_has_a_metadata_service_of_its_own_and_reaches_the_api(net: Net) -> None:
    """Over HTTPS, with a token of its own identity, and trusting the cloud's authority."""
    for node, seed in zip(net.vpc.nodes, net.cloud.seed.nodes, strict=True):
        program = f"import sample_azure as a; print(a.Arm().get('networkInterfaces/{seed.nic}')['name'])"
        told = _python(net, node, program)
        assert told.strip() == seed.nic
    assert {request.node for request in net.cloud.requests()} == {"n1", "n2"}


def _python(net: Net, node: Host, program: str) -> str:
    words = [f"{name}={value}" for name, value in net.cloud.environment().items()]
    folder = Path(__file__).parent
    return node.namespace.run(["env", f"PYTHONPATH={folder}", *words, sys.executable, "-c", program])
