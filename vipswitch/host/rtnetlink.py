"""Links and addresses as the kernel has them: what is asked of rtnetlink, what it answers. Bytes only.

Requests are those of `ip -json addr show` and `ip addr add | del`, byte for byte, except that links are
asked for without their counters. Sources: rtnetlink(7); include/uapi/linux/if_link.h and if_addr.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from vipswitch.host.messages import (
    ACK,
    CREATE,
    DUMP,
    EXCL,
    REQUEST,
    Message,
    Request,
    attribute,
    attributes,
    text,
    unpack,
)

if TYPE_CHECKING:
    from vipswitch.host.interface import Interface

_NEW_LINK, _GET_LINK = 16, 18
_NEW_ADDRESS, _DELETE_ADDRESS, _GET_ADDRESS = 20, 21, 22
_IFINFOMSG = Struct("=BxHiII")  # family, type, index, flags, change
_IFADDRMSG = Struct("=BBBBI")  # family, prefix length, flags, scope, index
_U32 = Struct("=I")
_CACHE_INFO = Struct("=IIII")  # preferred, valid, created, updated

_ADDRESS, _NAME, _MASTER, _EXT_MASK, _PROPERTIES, _ALT_NAME = 1, 3, 10, 29, 52, 53  # IFLA_
_IFA_ADDRESS, _IFA_LOCAL, _IFA_CACHEINFO = 1, 2, 6
_SKIP_STATS = 1 << 3
_ETHER = 1
_UP_WITH_CARRIER = 0x1 | 0x10000  # IFF_UP, IFF_LOWER_UP
_NO_DAD = 0x02
_FOR_EVER = 0xFFFFFFFF
_FAMILIES = {4: 2, 6: 10}

LINKS = Request(
    _GET_LINK, REQUEST | DUMP, _IFINFOMSG.pack(0, 0, 0, 0, 0) + attribute(_EXT_MASK, _U32.pack(_SKIP_STATS))
)
"""All links."""

ADDRESSES = Request(_GET_ADDRESS, REQUEST | DUMP, _IFADDRMSG.pack(0, 0, 0, 0, 0))
"""The addresses of all links, both families."""


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """One link. `mac` only where its frames are Ethernet; `up`: enabled and with carrier."""

    index: int
    name: str
    mac: str | None
    up: bool
    altnames: tuple[str, ...]
    master: int | None


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """One address of the link `index`: 4 or 16 bytes."""

    index: int
    packed: bytes
    prefixlen: int


def add_request(address: Interface, index: int) -> Request:
    """Put it on the link, unless it is there; an IPv6 one without duplicate detection, and deprecated."""
    if address.version == 4:
        return Request(_NEW_ADDRESS, REQUEST | ACK | CREATE | EXCL, _about(address, index))
    deprecated = attribute(_IFA_CACHEINFO, _CACHE_INFO.pack(0, _FOR_EVER, 0, 0))
    return Request(
        _NEW_ADDRESS, REQUEST | ACK | CREATE | EXCL, _about(address, index, flags=_NO_DAD) + deprecated
    )


def delete_request(address: Interface, index: int) -> Request:
    """Take it off the link, with exactly this prefix."""
    return Request(_DELETE_ADDRESS, REQUEST | ACK, _about(address, index))


def link_record(message: Message) -> LinkRecord:
    """One message of the answer to LINKS. Raises ValueError."""
    if message.kind != _NEW_LINK:
        raise ValueError(f"a message of kind {message.kind} among links")
    _, kind, index, flags, _ = unpack(_IFINFOMSG, message.payload)
    known = dict(attributes(message.payload[_IFINFOMSG.size :]))
    return LinkRecord(
        index,
        text(known.get(_NAME, b"")),
        known[_ADDRESS].hex(":") if kind == _ETHER and _ADDRESS in known else None,
        flags & _UP_WITH_CARRIER == _UP_WITH_CARRIER,
        tuple(text(name) for kind, name in attributes(known.get(_PROPERTIES, b"")) if kind == _ALT_NAME),
        unpack(_U32, known[_MASTER])[0] if _MASTER in known else None,
    )


def address_record(message: Message) -> AddressRecord | None:
    """One message of the answer to ADDRESSES; None for a family that is not IP. Raises ValueError.

    On a point-to-point link IFA_ADDRESS is the peer's; without IFA_LOCAL it is the link's own.
    """
    if message.kind != _NEW_ADDRESS:
        raise ValueError(f"a message of kind {message.kind} among addresses")
    family, prefixlen, _, _, index = unpack(_IFADDRMSG, message.payload)
    if family not in _FAMILIES.values():
        return None
    known = dict(attributes(message.payload[_IFADDRMSG.size :]))
    packed = known.get(_IFA_LOCAL) or known.get(_IFA_ADDRESS)
    return AddressRecord(index, packed, prefixlen) if packed else None


def _about(address: Interface, index: int, *, flags: int = 0) -> bytes:
    head = _IFADDRMSG.pack(_FAMILIES[address.version], address.network.prefixlen, flags, 0, index)
    packed = address.ip.packed
    return head + attribute(_IFA_LOCAL, packed) + attribute(_IFA_ADDRESS, packed)
