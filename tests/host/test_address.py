"""Finding, adding and removing exactly one address, on real links."""

from __future__ import annotations

import json
from functools import partial
from ipaddress import ip_address, ip_interface

import pytest

from tests.host.lab import Namespace
from vipswitch.errors import HostError
from vipswitch.host import Host
from vipswitch.host.address import add_address, find_address
from vipswitch.host.interface import Link, choose
from vipswitch.host.links import read_links
from vipswitch.host.privilege import Runner
from vipswitch.model import Address

VIP = ip_address("10.0.1.50")
VIP6 = ip_address("fd00::50")
BOTH = pytest.mark.parametrize("vip", [VIP, VIP6], ids=str)


def addresses(node: Namespace) -> set[str]:
    """What is on the node, as `LINK ADDRESS/PREFIX`; link-local addresses aside."""
    links = json.loads(node.ip("-json", "addr", "show"))
    found = [(link["ifname"], a) for link in links for a in link["addr_info"] if a["scope"] == "global"]
    return {f"{name} {a['local']}/{a['prefixlen']}" for name, a in found}


OWN = {"eth0 10.0.1.10/24", "eth0 fd00::10/64"}


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("10.99.0.50", "10.99.0.5"),
        ("10.99.0.5", "10.99.0.50"),
        ("110.0.2.123", "10.0.2.123"),
        ("10.0.2.123", "110.0.2.123"),
        ("fd00::5", "fd00::50"),
        ("fd00::50", "fd00::5"),
        ("::ffff:10.0.2.123", "10.0.2.123"),
    ],
)
def test_a_similar_address_is_not_found(there: str, asked: str) -> None:
    """Addresses that contain each other as text are different addresses."""
    links = [Link("eth0", None, (ip_interface(there),), True)]
    assert find_address(links, ip_address(asked)) == []
    assert find_address(links, ip_address(there)) == [(links[0], ip_interface(there))]


def test_an_address_is_found_on_every_link_with_any_prefix() -> None:
    """The spelling does not matter, the link and the prefix are reported."""
    links = [
        Link("lo", None, (ip_interface("fd00::50/128"),), True),
        Link("eth0", None, (ip_interface("fd00::5/64"), ip_interface("fd00::50/64")), True),
    ]
    found = find_address(links, ip_address("fd00:0:0::0050"))
    assert [(link.name, there.network.prefixlen) for link, there in found] == [("lo", 128), ("eth0", 64)]


@BOTH
def test_add_and_remove_are_idempotent(node: Namespace, vip: Address) -> None:
    """Each can be run again, and has follows."""
    host = Host("eth0")
    prefix = f"eth0 {vip}/{vip.max_prefixlen}"
    for act, expected in [(host.add, OWN | {prefix}), (host.remove, OWN)]:
        for _ in range(2):
            node.run(partial(act, vip))
            assert addresses(node) == expected
            assert node.run(lambda: host.has(vip)) is (prefix in expected)


@BOTH
def test_an_address_that_appears_meanwhile_counts_as_added(node: Namespace, vip: Address) -> None:
    """Someone else adds it between our look and our command: the kernel refuses, a second look agrees."""

    def race() -> None:
        runner = Runner.within(3.0)
        link = choose(read_links(runner), "eth0")
        Host("eth0").add(vip)
        add_address(runner, vip, link)

    node.run(race)
    assert f"eth0 {vip}/{vip.max_prefixlen}" in addresses(node)


def test_an_address_that_cannot_be_added_is_a_host_error(node: Namespace) -> None:
    """IPv6 is off on the interface, which is no matter of privilege."""
    node.sysctl("ipv6/conf/eth1/disable_ipv6", "1")
    with pytest.raises(HostError, match=r"addr add fd00::50/128 dev eth1.*(disabled|denied)") as caught:
        node.run(lambda: Host("eth1").add(VIP6))
    assert "net.ipv6.conf.eth1.disable_ipv6 must be 0" in caught.value.hint


def test_a_link_that_is_gone_meanwhile_is_a_host_error(node: Namespace) -> None:
    """The address is on no other link, so it was not added."""

    def vanish() -> None:
        runner = Runner.within(3.0)
        link = choose(read_links(runner), "eth1")
        node.ip("link", "del", "eth1")
        add_address(runner, VIP, link)

    with pytest.raises(HostError, match="Cannot find device"):
        node.run(vanish)


def test_an_address_with_another_prefix_is_left_as_it_is(node: Namespace) -> None:
    """Another tool's /24 on the right link is the address; a second copy would survive that tool."""
    node.ip("addr", "add", f"{VIP}/24", "dev", "eth0")
    node.run(lambda: Host("eth0").add(VIP))
    assert addresses(node) == OWN | {f"eth0 {VIP}/24"}


@BOTH
def test_remove_takes_every_copy_and_nothing_else(node: Namespace, vip: Address) -> None:
    """Any link, any prefix; neighbours that contain it as text stay."""
    bystanders = {"eth1 10.0.1.5/32", "eth0 110.0.1.50/32", "eth0 10.0.1.150/32", "eth1 fd00::5/128"}
    copies = {f"lo {vip}/{vip.max_prefixlen}", f"eth1 {vip}/28", f"eth0 {vip}/{vip.max_prefixlen}"}
    for entry in bystanders | copies:
        name, prefixed = entry.split()
        node.ip("addr", "add", prefixed, "dev", name)
    assert node.run(lambda: Host("eth0").has(vip))
    node.run(lambda: Host("eth0").remove(vip))
    assert addresses(node) == OWN | bystanders


def test_remove_works_when_the_interface_of_the_config_is_gone(node: Namespace) -> None:
    """Taking an address off must not depend on where it would be put on."""
    node.ip("addr", "add", f"{VIP}/32", "dev", "eth1")
    node.run(lambda: Host("eth7").remove(VIP))
    assert addresses(node) == OWN


def make_vip_primary(node: Namespace, *, promote: str) -> None:
    """The VIP with the subnet's prefix, put on before the node's own address."""
    node.sysctl("ipv4/conf/all/promote_secondaries", "0")
    node.sysctl("ipv4/conf/eth0/promote_secondaries", promote)
    node.ip("addr", "flush", "dev", "eth0", "scope", "global")
    for prefixed in (f"{VIP}/24", "10.0.1.10/24"):
        node.ip("addr", "add", prefixed, "dev", "eth0")


def test_a_primary_address_is_not_removed_with_its_secondaries(node: Namespace) -> None:
    """The kernel would take the node's own address off too; the hint says how to prevent it."""
    make_vip_primary(node, promote="0")
    with pytest.raises(HostError, match=r"would take 10\.0\.1\.10/24 off too") as caught:
        node.run(lambda: Host("eth0").remove(VIP))
    assert caught.value.hint == "sysctl -w net.ipv4.conf.eth0.promote_secondaries=1"
    assert addresses(node) == {f"eth0 {VIP}/24", "eth0 10.0.1.10/24"}


def test_a_primary_address_is_removed_where_a_secondary_takes_its_place(node: Namespace) -> None:
    """With promote_secondaries the node keeps its own address."""
    make_vip_primary(node, promote="1")
    node.run(lambda: Host("eth0").remove(VIP))
    assert addresses(node) == {"eth0 10.0.1.10/24"}


def test_every_copy_is_tried_before_a_failure_is_raised(node: Namespace) -> None:
    """One that cannot be removed does not keep the others on."""
    make_vip_primary(node, promote="0")
    node.ip("addr", "add", f"{VIP}/32", "dev", "eth1")
    with pytest.raises(HostError, match="would take"):
        node.run(lambda: Host("eth0").remove(VIP))
    assert f"eth1 {VIP}/32" not in addresses(node)


def test_an_ipv6_vip_is_usable_at_once_and_no_source_of_the_nodes_own_connections(node: Namespace) -> None:
    """Without duplicate address detection it is not tentative; deprecated, it is not chosen as a source."""
    node.run(lambda: Host("eth0").add(VIP6))
    assert "tentative" not in node.ip("addr", "show", "to", str(VIP6))
    assert " src fd00::10 " in node.ip("route", "get", "fd00::51")
