"""The facade: which link it acts on, and that threads and hung programs do it no harm."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address

import pytest

from tests.host.lab import Namespace
from vipswitch.errors import HostError
from vipswitch.host import Host

VIP = ip_address("10.0.1.50")


def test_the_link_is_the_default_routes_or_the_one_that_is_named(node: Namespace) -> None:
    """Without a name it is the default route's link, in the thread's own network namespace."""
    node.ip("route", "add", "default", "dev", "eth1")
    mac = json.loads(node.ip("-json", "link", "show", "eth1"))[0]["address"]
    link = node.run(Host(None).link)
    assert (link.name, link.mac, link.up) == ("eth1", mac, True)
    assert node.run(Host(mac.upper()).mac) == mac


def test_threads_may_share_a_host(node: Namespace) -> None:
    """Many adds and removes of different addresses at once each have their effect."""
    host = Host("eth0")
    vips = [ip_address(f"10.0.1.{n}") for n in range(100, 116)]
    for act, there in [(host.add, True), (host.remove, False)]:
        with ThreadPoolExecutor(len(vips)) as pool:
            list(pool.map(node.run, [partial(act, vip) for vip in vips]))
        assert [node.run(partial(host.has, vip)) for vip in vips] == [there] * len(vips)


@pytest.mark.parametrize("operation", ["has", "add", "remove"])
def test_no_operation_starts_without_time(node: Namespace, operation: str) -> None:
    """A bound that has passed is an error before the first effect."""
    host = Host("eth0", timeout_s=-0.001)
    with pytest.raises(HostError, match="no time was left"):
        node.run(partial(getattr(host, operation), VIP))
    assert not node.run(partial(Host("eth0").has, VIP))


def test_with_the_privilege_no_program_is_run(node: Namespace) -> None:
    """The kernel is asked itself, so it does not matter that there is no `ip`."""
    host = Host("eth0", ip="/nowhere/ip")
    for act, there in [(host.add, True), (host.remove, False)]:
        node.run(partial(act, VIP))
        assert node.run(partial(host.has, VIP)) is there
