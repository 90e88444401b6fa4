"""The frames that tell a link's neighbours where an address is now. Bytes only, no sockets.

IPv4: a gratuitous ARP, as a request (RFC 5227 3, the announcement) and as a reply (RFC 5944 4.6: the
target hardware address is the new one); some equipment believes only one of them. Layout: RFC 826.
IPv6: an unsolicited Neighbor Advertisement to all nodes (RFC 4861 4.4 and 7.2.6), override set,
solicited and router clear. Checksum: RFC 4443 2.3 over the pseudo-header of RFC 8200 8.1.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

_BROADCAST = b"\xff" * 6
_ALL_NODES_MAC = bytes.fromhex("333300000001")  # RFC 2464 7
_ALL_NODES = IPv6Address("ff02::1").packed
_ETHERTYPE_ARP, _ETHERTYPE_IPV6 = 0x0806, 0x86DD
_REQUEST, _REPLY = 1, 2
_ICMPV6 = 58
_NEIGHBOR_ADVERTISEMENT = 136
_OVERRIDE = 0x20000000
_TARGET_LINK_LAYER_ADDRESS = 2
_HOP_LIMIT = 255  # receivers drop any other: it proves that no router forwarded the packet


def announcements(address: IPv4Address | IPv6Address, mac: str) -> tuple[bytes, ...]:
    """Every frame that one announcement of `address` at `mac` consists of. Raises ValueError."""
    if isinstance(address, IPv6Address):
        return (neighbor_advertisement(address, mac),)
    return (arp_request(address, mac), arp_reply(address, mac))


def arp_request(address: IPv4Address, mac: str) -> bytes:
    """An ARP announcement: sender and target protocol address alike, target hardware address zero."""
    return _arp(_REQUEST, address, _sender(mac), bytes(6))


def arp_reply(address: IPv4Address, mac: str) -> bytes:
    """A gratuitous ARP reply."""
    return _arp(_REPLY, address, _sender(mac), _sender(mac))


def neighbor_advertisement(address: IPv6Address, mac: str) -> bytes:
    """An unsolicited Neighbor Advertisement from and about `address`, to ff02::1."""
    message = _advertisement(address, _sender(mac))
    header = struct.pack("!IHBB", 6 << 28, len(message), _ICMPV6, _HOP_LIMIT)
    frame = _ethernet(_ALL_NODES_MAC, _sender(mac), _ETHERTYPE_IPV6)
    return frame + header + address.packed + _ALL_NODES + message


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _arp(operation: int, address: IPv4Address, sender: bytes, target: bytes) -> bytes:
    fixed = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)  # Ethernet, IPv4, their lengths
    addresses = sender + address.packed + target + address.packed
    return _ethernet(_BROADCAST, sender, _ETHERTYPE_ARP) + fixed + addresses


def _advertisement(address: IPv6Address, mac: bytes) -> bytes:
    option = struct.pack("!BB", _TARGET_LINK_LAYER_ADDRESS, 1) + mac  # length in units of 8 bytes
    body = struct.pack("!I", _OVERRIDE) + address.packed + option
    pseudo = address.packed + _ALL_NODES + struct.pack("!II", 4 + len(body), _ICMPV6)
    value = checksum(pseudo + struct.pack("!BBH", _NEIGHBOR_ADVERTISEMENT, 0, 0) + body)
    return struct.pack("!BBH", _NEIGHBOR_ADVERTISEMENT, 0, value) + body


def _ethernet(destination: bytes, source: bytes, ethertype: int) -> bytes:
    return destination + source + struct.pack("!H", ethertype)


def _sender(mac: str) -> bytes:
    """A MAC's six bytes; a group address or all zeroes cannot be where an address is."""
    parts = mac.split(":")
    if len(parts) != 6 or any(len(part) != 2 for part in parts):
        raise ValueError(f"{mac!r} is not six bytes in hexadecimal with colons")
    packed = bytes.fromhex("".join(parts))
    if packed[0] & 1 or not any(packed):
        raise ValueError(f"{mac!r} is not the address of one interface")
    return packed
