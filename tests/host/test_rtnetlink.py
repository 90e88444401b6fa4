"""Requests against the bytes that `ip` sends, records against what a kernel once answered."""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_interface

import pytest

from tests.host.recording import LITTLE_ENDIAN, datagrams
from vipswitch.host.interface import Link
from vipswitch.host.links import links_of
from vipswitch.host.messages import DONE, Message, Request, attribute, split
from vipswitch.host.rtnetlink import (
    ADDRESSES,
    LINKS,
    AddressRecord,
    LinkRecord,
    add_request,
    address_record,
    delete_request,
    link_record,
)

pytestmark = LITTLE_ENDIAN

VIP, VIP6 = ip_interface("10.0.1.50/32"), ip_interface("fd00::50/128")


def listing(name: str) -> list[Message]:
    """The messages of a recorded listing, without its end."""
    return [m for datagram in datagrams(name) for m in split(datagram) if m.kind != DONE]


def link_message(*, flags: int = 0, kind: int = 1, **values: bytes) -> Message:
    """A link with the index 7."""
    numbers = {"mac": 1, "name": 3, "master": 10}
    row = b"".join(attribute(numbers[name], value) for name, value in values.items())
    return Message(16, 2, 1, struct.pack("=BxHiII", 0, kind, 7, flags, 0) + row)


@pytest.mark.parametrize(
    ("request_", "sent_by_ip"),
    [
        (
            add_request(VIP, 3),
            """28 00 00 00 14 00 05 06  d7 1c 0c 6b 00 00 00 00
               02 20 00 00 03 00 00 00  08 00 02 00 0a 00 01 32
               08 00 01 00 0a 00 01 32""",
        ),
        (
            add_request(VIP6, 3),
            """54 00 00 00 14 00 05 06  d7 1c 0c 6b 00 00 00 00
               0a 80 02 00 03 00 00 00  14 00 02 00 fd 00 00 00
               00 00 00 00 00 00 00 00  00 00 00 50 14 00 01 00
               fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 50
               14 00 06 00 00 00 00 00  ff ff ff ff 00 00 00 00
               00 00 00 00""",
        ),
        (
            delete_request(VIP, 3),
            """28 00 00 00 15 00 05 00  d7 1c 0c 6b 00 00 00 00
               02 20 00 00 03 00 00 00  08 00 02 00 0a 00 01 32
               08 00 01 00 0a 00 01 32""",
        ),
        (
            delete_request(VIP6, 3),
            """40 00 00 00 15 00 05 00  d7 1c 0c 6b 00 00 00 00
               0a 80 00 00 03 00 00 00  14 00 02 00 fd 00 00 00
               00 00 00 00 00 00 00 00  00 00 00 50 14 00 01 00
               fd 00 00 00 00 00 00 00  00 00 00 00 00 00 00 50""",
        ),
        (
            ADDRESSES,
            """18 00 00 00 16 00 01 03  d7 1c 0c 6b 00 00 00 00
               00 00 00 00 00 00 00 00""",
        ),
        (
            LINKS,
            """28 00 00 00 12 00 01 03  d7 1c 0c 6b 00 00 00 00
               00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
               08 00 1d 00 08 00 00 00""",
        ),
    ],
    ids=["add", "add6", "del", "del6", "addresses", "links"],
)
def test_requests_are_those_of_ip(request_: Request, sent_by_ip: str) -> None:
    """Recorded from iproute2 6.1 with strace; LINKS alone differs, in the mask that leaves counters out."""
    packed = request_.packed(0x6B0C1CD7)
    assert packed.hex(" ") == bytes.fromhex(sent_by_ip).hex(" ")


def test_recorded_links_are_read() -> None:
    """Names without the "@peer" of `ip`, altnames, a MAC for Ethernet alone, masters, carrier."""
    assert [link_record(message) for message in listing("links")] == [
        LinkRecord(1, "lo", None, True, (), None),
        LinkRecord(2, "br0", "02:fc:00:00:00:03", False, (), None),
        LinkRecord(3, "tun0", None, False, (), None),
        LinkRecord(4, "peer0", "02:fc:00:00:00:02", True, (), None),
        LinkRecord(5, "eth0", "02:fc:00:00:00:01", True, ("ens5", "a-name-longer-than-fifteen"), 2),
    ]


def test_recorded_addresses_are_read_in_their_order() -> None:
    """The secondary 10.0.1.11 after its primary; of a pair of peers the link's own; labels do not matter."""
    expected = [
        (1, "127.0.0.1", 8),
        (3, "10.8.0.1", 32),
        (5, "10.0.1.10", 24),
        (5, "10.0.1.50", 32),
        (5, "10.0.1.11", 24),
        (1, "::1", 128),
        (5, "fd00::1", 64),
    ]
    assert [address_record(message) for message in listing("addresses")] == [
        AddressRecord(index, ip_address(address).packed, prefixlen) for index, address, prefixlen in expected
    ]


@pytest.mark.parametrize("flags", [0, 0x1, 0x10000, 0x1002])
def test_a_link_that_is_not_enabled_or_has_no_carrier_is_not_up(flags: int) -> None:
    """IFF_UP alone is a cable that is not plugged in."""
    assert not link_record(link_message(flags=flags, name=b"eth0\0")).up
    assert link_record(link_message(flags=0x11043, name=b"eth0\0")).up


def test_a_link_of_which_little_is_said_is_still_a_link() -> None:
    """No MAC is no error; a name can be any bytes."""
    assert link_record(link_message()) == LinkRecord(7, "", None, False, (), None)
    assert link_record(link_message(name=b"b\xe4r\0")).name == "b\udce4r"
    assert link_record(link_message(kind=778, mac=b"\1\2\3\4")).mac is None


def test_addresses_of_other_families_are_left_out() -> None:
    """A listing of all families has what else the kernel speaks (MCTP, phonet)."""
    payload = struct.pack("=BBBBI", 45, 0, 0, 0, 1) + attribute(2, b"\x08")
    assert address_record(Message(20, 2, 1, payload)) is None


def test_an_address_without_an_address_is_left_out() -> None:
    """There is nothing in it that a VIP could be compared with."""
    assert address_record(Message(20, 2, 1, struct.pack("=BBBBI", 2, 0, 0, 0, 1))) is None


def test_what_is_not_a_link_or_an_address_is_refused() -> None:
    """An unknown kind, and a structure that is cut off."""
    for read, kind in [(link_record, 16), (address_record, 20)]:
        with pytest.raises(ValueError, match="a message of kind 99"):
            read(Message(99, 2, 1, bytes(32)))
        with pytest.raises(ValueError, match="bytes where"):
            read(Message(kind, 2, 1, bytes(7)))


def test_links_and_addresses_are_put_together() -> None:
    """Lowest index first, addresses in the kernel's order, masters by name; what has no link is left out."""
    links = [
        LinkRecord(5, "eth0", "02:fc:00:00:00:01", True, ("ens5",), 2),
        LinkRecord(2, "br0", None, True, (), None),
        LinkRecord(9, "vf", None, True, (), 77),
    ]
    addresses = [
        AddressRecord(5, b"\x0a\0\1\x32", 24),
        AddressRecord(5, b"\x0a\0\1\x0a", 24),
        AddressRecord(8, b"\x0a\0\1\x63", 32),
        AddressRecord(5, ip_address("fd00::1").packed, 64),
    ]
    own = tuple(map(ip_interface, ("10.0.1.50/24", "10.0.1.10/24", "fd00::1/64")))
    assert links_of(links, addresses) == (
        Link("br0", None, (), True),
        Link("eth0", "02:fc:00:00:00:01", own, True, ("ens5",), "br0"),
        Link("vf", None, (), True, (), "if77"),
    )
