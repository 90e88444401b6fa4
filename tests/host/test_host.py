"""The facade: which link it acts on, and that threads and hung programs do it no harm."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from pathlib import Path

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


def test_a_hung_ip_is_given_up_within_the_operations_time(tmp_path: Path) -> None:
    """The bound is the operation's, however many programs it runs."""
    hung = tmp_path / "ip"
    hung.write_text("#!/bin/sh\nexec sleep 60\n")
    hung.chmod(0o755)
    host = Host("eth0", timeout_s=0.2, ip=str(hung))
    for operation in (host.has, host.add, host.remove):
        with pytest.raises(HostError, match=r"did not end within 0\.\d s"):
            operation(VIP)
