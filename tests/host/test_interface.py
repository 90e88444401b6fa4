"""Choosing the link that a VIP belongs on."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_interface
from pathlib import Path

import pytest

from vipswitch.errors import ConfigError
from vipswitch.host.interface import Link, choose, default_interface

IPV4_HEADER = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
ZERO = "0" * 32


def link(name: str, mac: str | None, *addresses: str, master: str | None = None) -> Link:
    """A link that is up."""
    return Link(name, mac, tuple(ip_interface(a) for a in addresses), True, (f"alt{name}",), master)


AZURE = (
    link("lo", None, "127.0.0.1/8", "10.0.2.77/32"),
    link("enP1s1", "00:0d:3a:00:00:01", master="eth0"),
    link("eth0", "00:0d:3a:00:00:01", "10.0.1.10/24", "10.0.2.50/32", "fd00::10/64"),
    link("eth1", "00:0d:3a:00:00:02", "10.0.2.10/24"),
)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("eth1", "eth1"),
        ("lo", "lo"),
        ("alteth1", "eth1"),
        ("00:0d:3a:00:00:02", "eth1"),
        ("00-0D-3A-00-00-02", "eth1"),
        ("00:0d:3a:00:00:01", "eth0"),
        ("10.0.1.0/24", "eth0"),
        ("10.0.2.0/24", "eth1"),
        ("10.0.2.50/32", "eth0"),
        ("fd00::/64", "eth0"),
    ],
)
def test_an_interface_is_chosen_by_name_mac_or_subnet(wanted: str, chosen: str) -> None:
    """A MAC shared with a part of the link is the whole link's; another VIP's /32 makes no subnet."""
    assert choose(AZURE, wanted).name == chosen


def test_a_subnet_finds_a_node_whose_own_address_is_a_host_prefix() -> None:
    """On GCP a node's address is a /32, and the subnet still names its interface."""
    links = (link("lo", None, "127.0.0.1/8"), link("ens4", "42:01:0a:00:01:0a", "10.0.1.10/32"))
    assert choose(links, "10.0.1.0/24").name == "ens4"


@pytest.mark.parametrize(
    "wanted", ["eth", "eth00", "eth0:0", "00:0d:3a:00:00:03", "10.0.3.0/24", "10.0.2.77"]
)
def test_an_absent_interface_is_a_config_error_that_names_those_there_are(wanted: str) -> None:
    """Nothing is guessed, lo has no subnet, and the hint lists what could have been meant."""
    with pytest.raises(ConfigError, match=f"interface {wanted}: not on this host") as caught:
        choose(AZURE, wanted)
    assert caught.value.hint == "name one of lo, enP1s1, eth0, eth1"


def routes(folder: Path, ipv4: Sequence[str] = (), ipv6: Sequence[str] = ()) -> str:
    """A folder with the two route tables as the kernel prints them."""
    (folder / "route").write_text(IPV4_HEADER + "".join(f"{row}\n" for row in ipv4))
    (folder / "ipv6_route").write_text("".join(f"{row}\n" for row in ipv6))
    return str(folder)


def ipv4(
    device: str, metric: int, *, to: str = "00000000", mask: str = "00000000", flags: str = "0003"
) -> str:
    """A row of /proc/net/route."""
    return f"{device}\t{to}\t0101000A\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0"


def ipv6(device: str, metric: int, *, source: str = "00", flags: str = "00000003") -> str:
    """A default route in /proc/net/ipv6_route."""
    gateway = "fd000000000000000000000000000001"
    return f"{ZERO} 00 {ZERO} {source} {gateway} {metric:08x} 00000001 00000000 {flags} {device}"


def test_the_default_routes_interface_is_the_one_with_the_lowest_metric(tmp_path: Path) -> None:
    """Metrics are compared as numbers; routes to networks and unusable defaults do not count."""
    rows = [
        ipv4("eth2", 1000),
        ipv4("eth1", 200),
        ipv4("eth0", 5, to="0001000A", mask="00FFFFFF"),
        ipv4("eth3", 1, to="00000000", mask="00000080"),
        ipv4("*", 0, flags="0201"),
        ipv4("eth4", 0, flags="0002"),
    ]
    assert default_interface(routes(tmp_path, rows, [ipv6("eth0", 1)])) == "eth1"


def test_the_ipv6_default_route_counts_where_ipv4_has_none(tmp_path: Path) -> None:
    """Its metric is hexadecimal; the unreachable route on lo and routes from some sources are left out."""
    rows = [
        ipv6("lo", 0xFFFFFFFF, flags="00200200"),
        ipv6("eth2", 1, source="40"),
        ipv6("eth0", 0x400),
        ipv6("eth1", 0xFA),
    ]
    assert default_interface(routes(tmp_path, ipv6=rows)) == "eth1"


def test_no_interface_wanted_means_the_default_routes(tmp_path: Path) -> None:
    """None asks the route table."""
    assert choose(AZURE, None, proc_net=routes(tmp_path, [ipv4("eth1", 0)])).name == "eth1"


def test_without_a_default_route_an_interface_must_be_named(tmp_path: Path) -> None:
    """A kernel without either route table has no default route."""
    with pytest.raises(ConfigError, match="default route: there is none") as caught:
        choose(AZURE, None, proc_net=str(tmp_path))
    assert caught.value.hint.startswith("name one of lo, ")
