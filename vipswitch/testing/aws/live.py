"""What a node's metadata service tells of its addresses while the API moves them.

Rules: addresses are those of the cloud's own state, with the primary first; an interface that is gone goes on
showing what it had. EC2 remaps asynchronously: with `lag_s`, a node hears of a write that much later.
Source: EC2 API Reference, AssignPrivateIpAddresses, on confirming a move in the instance metadata.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .instance import Instance, Interface, PublicAddress
from .server import AwsCloud
from .topology import NodeSeed, Topology


@dataclass(frozen=True, slots=True)
class _Seen:
    at: float
    instance: Instance


class LiveInstance:
    """An instance for a `MetadataServer`, as it was `lag_s` ago; `lag_s` may be set at any time."""

    lag_s: float = 0.0

    def __init__(
        self, read: Callable[[Instance], Instance], first: Instance, now: Callable[[], float]
    ) -> None:
        self._read = read
        self._now = now
        self._lock = threading.Lock()
        self._seen = [_Seen(float("-inf"), read(first))]

    def __call__(self) -> Instance:
        with self._lock:
            heard = [seen for seen in self._seen if seen.at <= self._now() - self.lag_s]
            return heard[-1].instance

    def look(self) -> None:
        """Notes how the instance now is; to be called after each write to the cloud."""
        with self._lock:
            instance = self._read(self._seen[-1].instance)
            if instance != self._seen[-1].instance:
                self._seen.append(_Seen(self._now(), instance))


def live(
    cloud: AwsCloud, topology: Topology, node: NodeSeed, *, now: Callable[[], float] = time.monotonic
) -> LiveInstance:
    """The addresses of a node's interfaces, followed from now on: `MetadataServer(live(cloud, ...))`."""
    from moto.ec2.models import ec2_backends

    interfaces = ec2_backends[topology.account][topology.region].enis

    def read(before: Instance) -> Instance:
        with cloud.at_rest():
            shown = [_as_it_is(each, interfaces.get(each.interface_id)) for each in before.interfaces]
        return replace(before, interfaces=tuple(shown))

    instance = LiveInstance(read, topology.instance(node), now)
    cloud.journal.subscribe(lambda _: instance.look())
    return instance


def _as_it_is(before: Interface, interface: Any) -> Interface:
    if interface is None:
        return before
    primary = IPv4Address(interface.private_ip_address)
    found = [IPv4Address(entry["PrivateIpAddress"]) for entry in interface.private_ip_addresses]
    return replace(
        before,
        local_ipv4s=(primary, *(address for address in found if address != primary)),
        ipv6s=tuple(IPv6Address(address) for address in interface.ipv6_addresses),
        publics=tuple(_publics(interface)),
    )


def _publics(interface: Any) -> Iterator[PublicAddress]:
    """The Elastic IPs, in the order in which they were allocated."""
    for eip in interface.ec2_backend.addresses:
        if eip.eni is interface:
            yield PublicAddress(IPv4Address(eip.public_ip), IPv4Address(eip.private_ip_address))
