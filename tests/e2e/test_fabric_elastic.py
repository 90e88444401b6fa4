"""Elastic IPs: who answers in the internet, and who gets out into it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.e2e.aws import Aws, serve
from tests.e2e.pings import answers, ping
from vipswitch.testing.fabric.host import Host
from vipswitch.testing.fabric.nat import NFT
from vipswitch.testing.fabric.vpc import Internet, build

PUBLIC = IPv4Address("203.0.113.50")
PORT = 5432


@dataclass
class Net:
    """Two nodes, an Elastic IP and the internet."""

    cloud: Aws
    internet: Internet
    allocation: str

    @property
    def nodes(self) -> tuple[Host, ...]:
        return self.cloud.vpc.nodes

    def associate(self, node: Host) -> None:
        self.cloud.ask(
            lambda aws: aws.ec2().associate_address(
                AllocationId=self.allocation, NetworkInterfaceId=self.interface(node), AllowReassociation=True
            )
        )

    def disassociate(self) -> None:
        wanted = [self.allocation]
        seen = self.cloud.ask(lambda aws: aws.ec2().describe_addresses(AllocationIds=wanted))["Addresses"][0]
        self.cloud.ask(lambda aws: aws.ec2().disassociate_address(AssociationId=seen["AssociationId"]))

    def interface(self, node: Host) -> str:
        return next(name for name, host in self.cloud.interfaces().items() if host == node)


@pytest.fixture
def net(root: None) -> Iterator[Net]:
    if not Path(NFT).exists():
        pytest.skip("needs nft (make e2e-deps)")
    with build(nodes=2) as vpc, serve(vpc, internet=True) as cloud:
        assert cloud.internet is not None
        allocated = cloud.ask(lambda aws: aws.ec2().allocate_address(Domain="vpc", Address=str(PUBLIC)))
        yield Net(cloud, cloud.internet, allocated["AllocationId"])


def test_packets_from_the_internet_follow_an_elastic_ip(net: Net) -> None:
    """To whom it was associated last, while a node's private address is out of reach."""
    one, two = net.nodes
    for node in (one, two):
        net.associate(node)
        assert answers(net.internet.host, PUBLIC)
    assert not answers(net.internet.host, two.address)
    holders = [change.holder for change in net.internet.gateway.history if change.address == PUBLIC]
    assert holders == [net.interface(one), net.interface(two)]


def test_a_disassociated_address_is_silent(net: Net) -> None:
    """Neither an answer nor an error, and the history says that nobody has it."""
    net.associate(net.nodes[0])
    net.disassociate()
    summary = ping(net.internet.host, PUBLIC)
    assert "100% packet loss" in summary
    assert "errors" not in summary
    assert net.internet.gateway.history[-1].holder is None


def test_only_a_node_with_a_public_address_gets_out(net: Net) -> None:
    """Both reach the API, which lies inside."""
    one, two = net.nodes
    net.associate(one)
    assert answers(one, net.internet.host.address)
    assert not answers(two, net.internet.host.address)
    assert answers(two, net.cloud.vpc.api.address)


def test_an_open_connection_is_cut_over_at_once(net: Net) -> None:
    """From the move on the old holder hears nothing, and the new one knows of no connection."""
    one, two = net.nodes
    with ExitStack() as stack:
        servers = [
            stack.enter_context(node.namespace.listener(str(node.address), PORT)) for node in (one, two)
        ]
        net.associate(one)
        connect = lambda: socket.create_connection((str(PUBLIC), PORT), timeout=2)  # noqa: E731
        client = stack.enter_context(net.internet.host.namespace.inside(connect))
        server, (address, _) = servers[0].accept()
        stack.enter_context(server)
        assert address == str(net.internet.host.address)
        client.sendall(b"before")
        assert server.recv(64) == b"before"
        net.associate(two)
        client.sendall(b"after")
        with pytest.raises(ConnectionResetError):
            client.recv(64)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.recv(64)


def test_what_a_node_opens_leaves_under_its_public_address(net: Net) -> None:
    """TCP with its checksums put right, and no private address in sight."""
    one, _ = net.nodes
    net.associate(one)
    with ExitStack() as stack:
        there = net.internet.host
        server = stack.enter_context(there.namespace.listener(str(there.address), PORT))
        connect = lambda: socket.create_connection((str(there.address), PORT), timeout=2)  # noqa: E731
        stack.enter_context(one.namespace.inside(connect))
        accepted, (address, _port) = server.accept()
        accepted.close()
        assert address == str(PUBLIC)
