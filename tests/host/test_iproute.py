"""Where the kernel refuses this process netlink, `ip` is asked: its output, its failures, its bound."""

from __future__ import annotations

import json
from ipaddress import ip_interface
from pathlib import Path

import pytest

from tests.host.lab import Answer, without_netlink
from tests.host.sandbox import can_refuse_netlink
from vipswitch.errors import HostError
from vipswitch.host.interface import Link
from vipswitch.host.iproute import parse_links, print_links
from vipswitch.host.privilege import NEEDS_CAPABILITY, Runner

VIP = "10.0.1.50"

SANDBOXED = pytest.mark.skipif(not can_refuse_netlink(), reason="no seccomp filter for this machine")

_PRINTS_AND_CHANGES = """#!/bin/sh
vip="${0%/ip}/vip"
case "$*" in
"-json addr show")
    echo '[{"ifname": "eth0", "flags": ["UP"], "addr_info": [{"local": "10.0.1.10", "prefixlen": 24}'
    test -e "$vip" && echo ', {"local": "10.0.1.50", "prefixlen": 32}'
    echo ']}]'
    ;;
"addr add 10.0.1.50/32 dev eth0") touch "$vip" ;;
"addr del 10.0.1.50/32 dev eth0") rm "$vip" ;;
*) exit 255 ;;
esac
"""
_MAY_NOT = """#!/bin/sh
test "$1" = -json && exec echo '[{"ifname": "eth0", "flags": ["UP"], "addr_info": []}]'
echo 'RTNETLINK answers: Operation not permitted' >&2
exit 2
"""
_HANGS = """#!/bin/sh
exec sleep 60
"""


def stand_in(folder: Path, body: str) -> str:
    """An `ip` with this body."""
    program = folder / "ip"
    program.write_text(body)
    program.chmod(0o755)
    return str(program)


@SANDBOXED
def test_without_netlink_the_links_and_the_changes_are_those_of_ip(tmp_path: Path) -> None:
    """It is asked what there is, and given each change in its own words."""
    ip = stand_in(tmp_path, _PRINTS_AND_CHANGES)
    for method, result in [("has", "False"), ("add", "None"), ("has", "True"), ("add", "None")]:
        assert without_netlink(method, VIP, ip).result == result
    for method, result in [("remove", "None"), ("has", "False"), ("remove", "None")]:
        assert without_netlink(method, VIP, ip).result == result


@SANDBOXED
def test_without_netlink_an_ip_without_privilege_is_a_missing_privilege(tmp_path: Path) -> None:
    """As with netlink: root lacks a capability, and for anyone else this process shuts sudo out."""
    answer = without_netlink("add", VIP, stand_in(tmp_path, _MAY_NOT))
    assert answer.error == "PermissionDenied"
    assert answer.hint == NEEDS_CAPABILITY or "NoNewPrivileges" in answer.hint


@SANDBOXED
@pytest.mark.timed
@pytest.mark.parametrize("method", ["has", "add", "remove"])
def test_without_netlink_a_hung_ip_is_given_up_within_the_operations_time(
    tmp_path: Path, method: str
) -> None:
    """The bound is the operation's, however many programs it runs."""
    answer = without_netlink(method, VIP, stand_in(tmp_path, _HANGS))
    assert answer.error == "HostError"
    assert "-json addr show: did not end within 0." in answer.message
    assert answer.seconds < 2.0


@SANDBOXED
def test_where_ip_gets_no_netlink_either_its_words_say_so() -> None:
    """An empty host is not what that looks like."""
    answer: Answer = without_netlink("has", VIP)
    assert answer.error == "HostError"
    assert "netlink" in answer.message.lower()
    assert "RestrictAddressFamilies" in answer.hint


def test_links_are_parsed_from_what_ip_prints() -> None:
    """Only an Ethernet link has a MAC, and a link without carrier is not up."""
    up = {"flags": ["UP", "LOWER_UP"]}
    printed = [
        {**up, "ifname": "lo", "link_type": "loopback", "address": "00:00:00:00:00:00", "addr_info": []},
        {"flags": [], "ifname": "sit0", "link_type": "sit", "address": "0.0.0.0", "addr_info": []},
        {
            "flags": ["NO-CARRIER", "UP"],
            "ifname": "tun0",
            "link_type": "none",
            "addr_info": [{"local": "10.8.0.1", "prefixlen": 32}],
        },
        {
            **up,
            "ifname": "eth0",
            "link_type": "ether",
            "address": "02:FC:00:00:00:01",
            "altnames": ["ens5"],
            "master": "bond0",
            "addr_info": [{"local": "10.0.1.10", "prefixlen": 24}, {"local": "fd00::1", "prefixlen": 64}],
        },
    ]
    assert parse_links(json.dumps(printed)) == (
        Link("lo", None, (), True),
        Link("sit0", None, (), False),
        Link("tun0", None, (ip_interface("10.8.0.1/32"),), False),
        Link(
            "eth0",
            "02:fc:00:00:00:01",
            (ip_interface("10.0.1.10/24"), ip_interface("fd00::1/64")),
            True,
            ("ens5",),
            "bond0",
        ),
    )


@pytest.mark.parametrize("printed", ["", "eth0: up", "[1]", '[{"name": "eth0"}]', '{"ifname": "eth0"}'])
def test_an_ip_that_does_not_print_json_is_a_host_error(tmp_path: Path, printed: str) -> None:
    """An `ip` of BusyBox or before 4.14 is told from an empty host."""
    odd = tmp_path / "ip"
    odd.write_text(f"#!/bin/sh\necho '{printed}'\n")
    odd.chmod(0o755)
    with pytest.raises(HostError, match="not the expected JSON"):
        print_links(Runner.within(3.0, ip=str(odd)))
