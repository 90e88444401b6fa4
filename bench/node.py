"""This node: a network interface with the MAC that a cloud gave it, in a namespace of the bench's own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

INTERFACE = "ens5"


def api_address(contender: int) -> str:
    """Where a contender finds the API; being this node's own, it is also where its requests come from."""
    return f"127.0.0.{10 + contender}"


def begin(contenders: int) -> None:
    """Bring loopback up, with the addresses of the API."""
    _ip("link", "set", "lo", "up")
    for number in range(contenders):
        _ip("addr", "add", f"{api_address(number)}/32", "dev", "lo")


@contextmanager
def attached(mac: str) -> Iterator[None]:
    """Inside there is the interface, a cable whose other end stays here."""
    _ip("link", "add", INTERFACE, "address", mac, "type", "veth", "peer", "name", "wire")
    for end in (INTERFACE, "wire"):
        _ip("link", "set", end, "up")
    yield
    _ip("link", "del", INTERFACE)


def take_off(address: str) -> None:
    """Make sure that the interface does not have an address."""
    if has(address):
        _ip("addr", "del", f"{address}/32", "dev", INTERFACE)


def has(address: str) -> bool:
    """Whether the interface has an address."""
    links = json.loads(_ip("-json", "addr", "show", "dev", INTERFACE))
    return address in {entry.get("local") for link in links for entry in link["addr_info"]}


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout
