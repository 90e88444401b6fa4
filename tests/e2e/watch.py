"""When an address came and went in each namespace, as the kernel told it.

Rules: stamps are monotonic, taken when the message is read; nothing is polled, so no short life of an
address is missed. A full buffer is an error at the end, not a silent loss. Source: rtnetlink(7),
<linux/if_addr.h>.
"""

import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import IPv4Address

from tests.e2e.evidence import AddressEvent
from vipswitch.testing.fabric.host import Host

_RTMGRP_IPV4_IFADDR = 0x10
_RTM_NEWADDR, _RTM_DELADDR = 20, 21
_IFA_LOCAL = 2
_HEADER = struct.Struct("=IHHII")
_IFADDRMSG = struct.Struct("=BBBBi")
_ATTRIBUTE = struct.Struct("=HH")


@contextmanager
def addresses(hosts: Sequence[Host], wanted: IPv4Address) -> Iterator[list[AddressEvent]]:
    """The events of one address, in a list that grows until the end."""
    events: list[AddressEvent] = []
    sockets = {host.namespace.inside(_subscribe): host.name for host in hosts}
    ours, theirs = socket.socketpair()
    with ThreadPoolExecutor(max_workers=1) as thread:
        listening = thread.submit(_listen, sockets, theirs, wanted, events)
        try:
            yield events
        finally:
            ours.close()
            listening.result()
            for each in (*sockets, theirs):
                each.close()


def parse(message: bytes) -> Iterator[tuple[bool, IPv4Address]]:
    """Whether each address in a datagram of netlink messages appeared (else it went), and which it is."""
    while len(message) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(message)
        if kind in (_RTM_NEWADDR, _RTM_DELADDR):
            attributes = message[_HEADER.size + _IFADDRMSG.size : length]
            yield from ((kind == _RTM_NEWADDR, address) for address in _local(attributes))
        message = message[_aligned(length) :]


def _local(attributes: bytes) -> Iterator[IPv4Address]:
    while len(attributes) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(attributes)
        if kind == _IFA_LOCAL:
            yield IPv4Address(attributes[_ATTRIBUTE.size : length])
        attributes = attributes[_aligned(length) :]


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _subscribe() -> socket.socket:
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    netlink.bind((0, _RTMGRP_IPV4_IFADDR))
    return netlink


def _listen(
    sockets: dict[socket.socket, str], stop: socket.socket, wanted: IPv4Address, events: list[AddressEvent]
) -> None:
    while stop not in (ready := select.select([*sockets, stop], [], [])[0]):
        for each in ready:
            message, at = each.recv(65536), time.monotonic()
            seen = [present for present, address in parse(message) if address == wanted]
            events += [AddressEvent(at, sockets[each], present) for present in seen]
