"""What is read from the kernel, against what `ip` prints of the same host."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address, ip_interface

import pytest

from tests.host.lab import Namespace
from vipswitch.host import Host
from vipswitch.host.interface import Link
from vipswitch.host.iproute import print_links
from vipswitch.host.links import is_on_host, read_links
from vipswitch.host.privilege import Runner


def add_altnames(node: Namespace) -> None:
    """One that is longer than a name may be, on a link that `ip link` shows as eth0@eth0peer."""
    node.ip("link", "property", "add", "dev", "eth0", "altname", "ens5", "altname", "a-name-of-some-length")


def add_master(node: Namespace) -> None:
    """A bridge that eth1 is a part of."""
    node.ip("link", "add", "br0", "type", "bridge")
    node.ip("link", "set", "eth1", "master", "br0")


def add_tunnel(node: Namespace) -> None:
    """A link without MAC, whose address has a peer."""
    node.ip("tuntap", "add", "tun0", "mode", "tun")
    node.ip("addr", "add", "10.8.0.1", "peer", "10.8.0.2/32", "dev", "tun0")
    node.ip("addr", "add", "fd08::1", "peer", "fd08::2/128", "dev", "tun0")


def take_links_down(node: Namespace) -> None:
    """One that is disabled, one without carrier."""
    node.ip("link", "set", "eth0", "down")
    node.ip("link", "set", "eth1peer", "down")


def add_secondaries(node: Namespace) -> None:
    """Two subnets, whose primaries and secondaries come in no order of their own."""
    for prefixed in ("10.9.0.7/24", "10.0.1.9/24", "10.9.0.3/24", "10.9.0.1/28", "10.0.1.50/32"):
        node.ip("addr", "add", prefixed, "dev", "eth0")


def add_labels(node: Namespace) -> None:
    """As keepalived and old tools name their addresses."""
    node.ip("addr", "add", "10.0.1.51/32", "dev", "eth0", "label", "eth0:vip")


def delete_and_add_links(node: Namespace) -> None:
    """Indexes with a gap, and a link that was renamed."""
    node.ip("link", "del", "eth1")
    node.ip("link", "add", "eth2", "type", "veth", "peer", "name", "a.b-c_d")
    node.ip("link", "set", "eth2", "name", "wan0")


ODDITIES = (
    add_altnames,
    add_master,
    add_tunnel,
    take_links_down,
    add_secondaries,
    add_labels,
    delete_and_add_links,
)


@pytest.mark.parametrize("make", ODDITIES, ids=[make.__name__ for make in ODDITIES])
def test_the_kernels_links_are_those_that_ip_prints(
    node: Namespace, make: Callable[[Namespace], None]
) -> None:
    """Names, MACs, altnames, masters, carrier, and the addresses in their order."""
    before = node.run(lambda: read_links(Runner.within(3.0)))
    make(node)
    read, printed = node.run(lambda: (read_links(Runner.within(3.0)), print_links(Runner.within(3.0))))
    assert read == printed
    assert read != before


def test_many_links_and_addresses_are_read_whole(node: Namespace) -> None:
    """More than fit into one message, in both families; each is found, and none is there twice."""
    wanted = {f"10.{n // 200}.{n % 200}.7/32" for n in range(1000, 2000)}
    wanted6 = {f"fd01::{n:x}/128" for n in range(1, 500)}
    node.batch(f"addr add {prefixed} dev eth1 nodad" for prefixed in wanted | wanted6)
    node.batch(f"link add v{n} type veth peer name w{n}" for n in range(60))
    read, printed = node.run(lambda: (read_links(Runner.within(3.0)), print_links(Runner.within(3.0))))
    assert read == printed
    on = next(link.addresses for link in read if link.name == "eth1")
    assert {str(a) for a in on if not a.ip.is_link_local} == wanted | wanted6
    assert len(on) == len(set(on))
    for prefixed in ("10.5.0.7/32", "10.9.199.7/32", "fd01::1f3/128"):
        assert node.run(partial(is_on_host, Runner.within(3.0), ip_interface(prefixed).ip))


def test_a_host_whose_links_change_is_read_all_the_same(node: Namespace) -> None:
    """Others add and delete links all the time; what stays is in every listing, once."""
    node.batch(f"link add v{n} type veth peer name w{n}" for n in range(100))

    def churn() -> None:
        for _ in range(20):
            node.batch(f"link add x{n} type veth peer name y{n}" for n in range(5))
            node.batch(f"link del x{n}" for n in range(5))

    def look() -> list[tuple[Link, ...]]:
        seen = []
        while not churning.done():
            seen.append(read_links(Runner.within(10.0)))
        return seen

    with ThreadPoolExecutor(1) as pool:
        churning = pool.submit(churn)
        listings = node.run(look)
        churning.result()
    stays = {"lo", "eth0", "eth1", *(f"v{n}" for n in range(100))}
    assert len(listings) > 10
    for listing in listings:
        names = [link.name for link in listing]
        assert stays <= set(names)
        assert len(names) == len(set(names))


def test_an_address_of_a_peer_is_not_on_this_host(node: Namespace) -> None:
    """On a point-to-point link the other end's address is listed too."""
    add_tunnel(node)
    host = Host("eth0")
    for address, here in [("10.8.0.1", True), ("10.8.0.2", False), ("fd08::1", True), ("fd08::2", False)]:
        assert node.run(partial(host.has, ip_address(address))) is here
