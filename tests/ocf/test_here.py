"""The quick look for an address: it never says yes for one that is not there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vipswitch.callers.ocf.here import is_surely_here

ASKED = (
    "from vipswitch.callers.ocf.here import is_surely_here; import sys; print(is_surely_here(sys.argv[1]))"
)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("10.99.0.50", False),
        ("2001:db8::50", False),
        ("no address", False),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
    ],
)
def test_only_addresses_of_this_host(address: str, here: bool) -> None:
    """Of both families; what is no address is nowhere."""
    assert is_surely_here(address) is here


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a network namespace of its own")
@pytest.mark.parametrize(
    ("address", "change", "here"),
    [
        ("10.99.0.50", "true", False),
        ("10.99.0.50", "ip address add 10.99.0.50/32 dev lo", True),
        ("10.99.0.50", "echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind", False),
        ("127.0.0.1", "echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind", False),
        ("fd00::50", "ip address add fd00::50/128 dev lo", True),
        ("fd00::50", "echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind", False),
    ],
)
def test_a_host_on_which_any_address_can_be_bound(address: str, change: str, here: bool) -> None:
    """A proxy wants to listen before its VIP comes: then nothing is sure, and the long way is taken."""
    script = f'ip link set lo up && {change} && exec "$@"'
    words = ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, "-c", ASKED, address]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"{here}\n"
