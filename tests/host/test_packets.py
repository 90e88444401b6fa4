"""The frames against layouts written out by hand from the RFCs."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest

from vipswitch.host.packets import announcements, arp_reply, arp_request, checksum, neighbor_advertisement

MAC = "02:42:0a:63:00:05"
VIP = IPv4Address("10.99.0.50")
VIP6 = IPv6Address("fd00::50")


def test_arp_request_is_the_announcement_of_rfc_5227() -> None:
    """Sender and target are the VIP, the target hardware address is zero, everyone gets it."""
    expected = """
        ff ff ff ff ff ff  02 42 0a 63 00 05  08 06
        00 01  08 00  06  04  00 01
        02 42 0a 63 00 05  0a 63 00 32
        00 00 00 00 00 00  0a 63 00 32
    """
    assert arp_request(VIP, MAC) == bytes.fromhex(expected)


def test_arp_reply_names_the_new_mac_as_sender_and_target() -> None:
    """A gratuitous reply is a broadcast whose both hardware addresses are the new one (RFC 5944 4.6)."""
    expected = """
        ff ff ff ff ff ff  02 42 0a 63 00 05  08 06
        00 01  08 00  06  04  00 02
        02 42 0a 63 00 05  0a 63 00 32
        02 42 0a 63 00 05  0a 63 00 32
    """
    assert arp_reply(VIP, MAC) == bytes.fromhex(expected)


def test_neighbor_advertisement_has_the_layout_of_rfc_4861() -> None:
    """To ff02::1 with hop limit 255, override alone set, and the target's link-layer address."""
    expected = """
        33 33 00 00 00 01  02 42 0a 63 00 05  86 dd
        60 00 00 00  00 20  3a  ff
        fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50
        ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01
        88 00 4f 54  20 00 00 00
        fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50
        02 01  02 42 0a 63 00 05
    """
    assert neighbor_advertisement(VIP6, MAC).hex(" ") == bytes.fromhex(expected).hex(" ")


def test_a_receiver_accepts_the_checksum() -> None:
    """All 16-bit words of pseudo-header and message, checksum included, add up to ffff (RFC 1071)."""
    packet = neighbor_advertisement(IPv6Address("2001:db8:ffff:1::dead:beef"), "fe:ff:ff:ff:fe:ff")[14:]
    message = packet[40:]
    words = struct.unpack("!36H", packet[8:40] + struct.pack("!II", len(message), 58) + message)
    assert sum(words) % 0xFFFF == 0


def test_checksum_of_the_example_in_rfc_1071() -> None:
    """The RFC's eight bytes add up to ddf2, whose complement is 220d."""
    assert checksum(bytes.fromhex("0001 f203 f4f5 f6f7")) == 0x220D


def test_each_family_has_its_frames() -> None:
    """Both forms of ARP for IPv4, one Neighbor Advertisement for IPv6."""
    assert announcements(VIP, MAC) == (arp_request(VIP, MAC), arp_reply(VIP, MAC))
    assert announcements(VIP6, MAC) == (neighbor_advertisement(VIP6, MAC),)


@pytest.mark.parametrize(
    "mac",
    [
        "",
        "02:42:0a:63:00",
        "02:42:0a:63:00:05:06",
        "2:42:a:63:0:5",
        "02420a630005",
        "02:42:0a:63:00:0g",
        "02:42:0a:63:00: 5",
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01",
        "00:00:00:00:00:00",
    ],
)
@pytest.mark.parametrize("address", [VIP, VIP6])
def test_a_mac_that_is_not_one_interfaces_is_refused(address: IPv4Address | IPv6Address, mac: str) -> None:
    """Truncated, odd, group and zero MACs make no frame."""
    with pytest.raises(ValueError, match=r"hexadecimal|one interface|fromhex"):
        announcements(address, mac)
