"""Announcements as a neighbour's kernel understands them: its cache follows the VIP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from tests.host.lab import ROOT, Namespace, eventually
from vipswitch.errors import ConfigError, HostError
from vipswitch.host import Host
from vipswitch.host.packets import arp_reply, arp_request, neighbor_advertisement
from vipswitch.model import Address

VIP = IPv4Address("10.0.1.50")
VIP6 = IPv6Address("fd00::50")
HOST = Host("eth0")


@dataclass(frozen=True)
class Segment:
    """Two nodes on one bridge, and the client whose bridge it is."""

    client: Namespace
    old: Namespace
    new: Namespace

    def neighbour(self, vip: Address) -> str:
        """The MAC at which the client believes the VIP to be."""
        entries = json.loads(self.client.ip("-json", "neigh", "show", "to", str(vip), "dev", "br0"))
        return str(entries[0].get("lladdr", "")) if entries else ""

    def received(self, counter: str) -> int:
        """One of the client's ICMPv6 counters."""
        rows = self.client.run(Path("/proc/thread-self/net/snmp6").read_text).splitlines()
        return next(int(row.split()[1]) for row in rows if row.split()[0] == counter)

    def talk(self, vip: Address) -> None:
        """Let the client send the VIP a datagram, so that it has to find it."""

        def send() -> None:
            family = socket.AF_INET if vip.version == 4 else socket.AF_INET6
            with socket.socket(family, socket.SOCK_DGRAM) as out:
                out.sendto(b"hello", (str(vip), 9))

        self.client.run(send)


@pytest.fixture(scope="module")
def segment(_namespaces: None) -> Iterator[Segment]:
    """A client (10.0.1.1, fd00::1) and two nodes (.10 and .11) on one link."""
    lan = Segment(*(Namespace.create() for _ in range(3)))
    lan.client.ip("link", "add", "br0", "type", "bridge")
    lan.client.ip("link", "set", "br0", "up")
    for number, node in ((10, lan.old), (11, lan.new)):
        lan.client.ip(
            "link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", node.name
        )
        lan.client.ip("link", "set", f"port{number}", "master", "br0", "up")
        give_addresses(node, "eth0", number)
    give_addresses(lan.client, "br0", 1)
    yield lan
    for space in (lan.client, lan.old, lan.new):
        space.delete()


def give_addresses(space: Namespace, name: str, number: int) -> None:
    """An IPv4 and an IPv6 address on a link that is up."""
    space.ip("link", "set", name, "up")
    space.ip("addr", "add", f"10.0.1.{number}/24", "dev", name)
    space.ip("addr", "add", f"fd00::{number}/64", "dev", name, "nodad")


@pytest.fixture(params=[VIP, VIP6], ids=str)
def moved(segment: Segment, request: pytest.FixtureRequest) -> Iterator[Address]:
    """A VIP that the client knows at the old node and that the new node has had put on since."""
    vip: Address = request.param
    yield from _moved(segment, vip)


@pytest.fixture
def moved_ipv4(segment: Segment) -> Iterator[Address]:
    """The same, IPv4 only."""
    yield from _moved(segment, VIP)


@pytest.fixture
def moved_ipv6(segment: Segment) -> Iterator[Address]:
    """The same, IPv6 only."""
    yield from _moved(segment, VIP6)


def _moved(segment: Segment, vip: Address) -> Iterator[Address]:
    segment.client.ip("neigh", "flush", "dev", "br0")
    segment.old.run(lambda: HOST.add(vip))
    segment.talk(vip)
    eventually(lambda: segment.neighbour(vip), segment.old.run(HOST.mac))
    segment.old.run(lambda: HOST.remove(vip))
    segment.new.run(lambda: HOST.add(vip))
    assert segment.neighbour(vip) == segment.old.run(HOST.mac)
    yield vip
    segment.new.run(lambda: HOST.remove(vip))


def test_a_neighbour_follows_the_announcement(segment: Segment, moved: Address) -> None:
    """The client's cache has the new node's MAC without having asked."""
    segment.new.run(lambda: HOST.announce(moved))
    eventually(lambda: segment.neighbour(moved), segment.new.run(HOST.mac))


def test_a_neighbours_first_packet_after_it_reaches_the_new_node(segment: Segment, moved: Address) -> None:
    """The datagram arrives at the node that announced."""

    def listen() -> socket.socket:
        receiver = socket.socket(socket.AF_INET if moved.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
        receiver.bind((str(moved), 9))
        receiver.settimeout(3.0)
        return receiver

    with segment.new.run(listen) as receiver:
        segment.new.run(lambda: HOST.announce(moved))
        eventually(lambda: segment.neighbour(moved), segment.new.run(HOST.mac))
        segment.talk(moved)
        assert receiver.recv(100) == b"hello"


def test_a_late_arping_leaves_the_neighbours_with_the_new_node(segment: Segment, moved: Address) -> None:
    """Pgpool-II runs it after `up`, and by then `down` may have run and the VIP be elsewhere."""
    segment.new.run(lambda: HOST.announce(moved))
    eventually(lambda: segment.neighbour(moved), segment.new.run(HOST.mac))
    hook = [sys.executable, str(ROOT / "hooks/arping_cmd"), str(moved), "--provider", "local"]
    late = segment.old.run(
        lambda: subprocess.run([*hook, "--interface", "eth0"], capture_output=True, text=True, timeout=20)
    )
    assert late.returncode == 4, late.stderr
    assert f"{moved}: not on this host, so it is not announced" in late.stderr
    assert segment.neighbour(moved) == segment.new.run(HOST.mac)


@pytest.mark.parametrize("frame", [arp_request, arp_reply])
def test_each_form_of_arp_is_enough_alone(
    segment: Segment, moved_ipv4: IPv4Address, frame: Callable[[IPv4Address, str], bytes]
) -> None:
    """Equipment that believes only one of them is served too."""
    send(segment.new, frame(moved_ipv4, segment.new.run(HOST.mac)))
    eventually(lambda: segment.neighbour(moved_ipv4), segment.new.run(HOST.mac))


@pytest.mark.parametrize(
    ("bit", "counter"), [(-1, "Icmp6InCsumErrors"), (21, "Icmp6InMsgs")], ids=["checksum", "hop limit"]
)
def test_a_neighbour_ignores_an_advertisement_with_one_wrong_bit(
    segment: Segment, moved_ipv6: IPv6Address, bit: int, counter: str
) -> None:
    """So the one that it follows has the right checksum and the right hop limit."""
    frame = bytearray(neighbor_advertisement(moved_ipv6, segment.new.run(HOST.mac)))
    frame[bit] ^= 1
    before = segment.received(counter)
    send(segment.new, bytes(frame))
    eventually(lambda: segment.received(counter) > before, True)
    assert segment.neighbour(moved_ipv6) == segment.old.run(HOST.mac)


def send(node: Namespace, frame: bytes) -> None:
    """Put one frame on the node's link."""

    def write() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind(("eth0", 0))
            raw.send(frame)

    node.run(write)


def test_a_link_without_a_mac_is_a_config_error(node: Namespace) -> None:
    """There is nobody to tell on lo, and no NIC that a cloud would know."""
    with pytest.raises(ConfigError, match="interface lo: has no MAC address to announce"):
        node.run(lambda: Host("lo").announce(VIP))
    with pytest.raises(ConfigError, match="interface lo: has no MAC address"):
        node.run(Host("lo").mac)


def test_a_link_that_is_down_is_a_host_error(node: Namespace) -> None:
    """The announcement reached nobody, and that is said."""
    node.ip("link", "set", "eth1", "down")
    with pytest.raises(HostError, match="interface eth1: network is down"):
        node.run(lambda: Host("eth1").announce(VIP))
