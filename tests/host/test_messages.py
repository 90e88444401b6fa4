"""The bytes of netlink: messages, attributes, answers; whatever does not fit is refused."""

from __future__ import annotations

import errno
import struct

import pytest

from tests.host.recording import LITTLE_ENDIAN, datagrams
from vipswitch.host.messages import (
    DONE,
    DUMP,
    ERROR,
    REQUEST,
    Answer,
    Message,
    Request,
    answer,
    attribute,
    attributes,
    split,
)

HEADER = 16

CAPPED = """
    50 00 00 00 02 00 00 03 01 00 00 00 8a 41 00 00  f3 ff ff ff
    54 00 00 00 14 00 05 06 01 00 00 00 00 00 00 00
    2a 00 01 00 69 70 76 36 3a 20 49 50 76 36 20 69 73 20 64 69 73 61 62 6c 65 64
    20 6f 6e 20 74 68 69 73 20 64 65 76 69 63 65 00 00 00
"""
WHOLE = """
    94 00 00 00 02 00 00 02 01 00 00 00 8a 41 00 00  f3 ff ff ff
    54 00 00 00 14 00 05 06 01 00 00 00 00 00 00 00
    0a 80 02 00 05 00 00 00 14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50
    14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50
    14 00 06 00 00 00 00 00 ff ff ff ff 00 00 00 00 00 00 00 00
    2a 00 01 00 69 70 76 36 3a 20 49 50 76 36 20 69 73 20 64 69 73 61 62 6c 65 64
    20 6f 6e 20 74 68 69 73 20 64 65 76 69 63 65 00 00 00
"""
"""Linux 6.18 refuses an IPv6 address, with and without NETLINK_CAP_ACK."""


def error(code: int, flags: int = 0, more: bytes = b"") -> Message:
    """An ERROR message as the kernel sends it."""
    return Message(ERROR, flags, 1, struct.pack("=i", code) + more)


@LITTLE_ENDIAN
def test_a_request_is_a_header_and_its_payload() -> None:
    """Length, kind, flags, number, and port 0, which the kernel knows better."""
    packed = Request(22, REQUEST | DUMP, b"\2\0\0\0").packed(0x0A0B)
    assert packed == bytes.fromhex("14000000 1600 0103 0b0a0000 00000000 02000000")


@LITTLE_ENDIAN
@pytest.mark.parametrize(("name", "kind", "count"), [("links", 16, 5), ("addresses", 20, 7)])
def test_a_recorded_listing_is_split_into_its_messages(name: str, kind: int, count: int) -> None:
    """Several in one datagram, and the end in one of its own."""
    *listing, end = [message for datagram in datagrams(name) for message in split(datagram)]
    assert [message.kind for message in listing] == [kind] * count
    assert {message.number for message in listing} == {1}
    assert end.kind == DONE
    assert answer(end) == Answer(0)
    assert not any(message.interrupted for message in (*listing, end))


def test_padding_belongs_to_nobody() -> None:
    """A length that is no multiple of 4 leaves the rest of the row where it is."""
    row = attribute(3, b"eth0\0") + attribute(1, b"\1\2\3\4\5\6") + attribute(10, b"\7\0\0\0")
    assert len(row) == 12 + 12 + 8
    assert list(attributes(row)) == [(3, b"eth0\0"), (1, b"\1\2\3\4\5\6"), (10, b"\7\0\0\0")]


def test_the_last_attribute_needs_no_padding() -> None:
    """The row may end where its value does."""
    assert list(attributes(attribute(3, b"lo\0")[:-1])) == [(3, b"lo\0")]


def test_the_bits_above_an_attributes_kind_are_not_the_kind() -> None:
    """NLA_F_NESTED is on IFLA_PROP_LIST; a kind that comes twice comes twice."""
    nested = struct.pack("=HH", 4 + 16, 52 | 0x8000) + attribute(53, b"a\0") + attribute(53, b"b\0")
    ((kind, value),) = attributes(nested)
    assert kind == 52
    assert list(attributes(value)) == [(53, b"a\0"), (53, b"b\0")]


@LITTLE_ENDIAN
@pytest.mark.parametrize("name", ["links", "addresses"])
def test_a_listing_cut_anywhere_is_refused(name: str) -> None:
    """No prefix of a datagram passes for a shorter listing, but one that ends with a message."""
    datagram = datagrams(name)[0]
    ends = {0}
    for message in split(datagram):
        ends.add(max(ends) + (HEADER + len(message.payload) + 3 & ~3))
    for length in set(range(len(datagram))) - ends:
        with pytest.raises(ValueError, match=r"bytes where|a length of"):
            list(split(datagram[:length]))


@pytest.mark.parametrize(("length", "there"), [(0, 4), (3, 4), (5, 4), (8, 5), (0xFFFF, 6), (4, 2)])
def test_an_attribute_that_exceeds_its_bounds_is_refused(length: int, there: int) -> None:
    """Also a length below its own header's, which would never get on."""
    with pytest.raises(ValueError, match="a length of"):
        list(attributes(struct.pack("=HHI", length, 1, 0)[:there]))


@pytest.mark.parametrize("length", [0, 15, 21])
def test_a_message_that_exceeds_its_bounds_is_refused(length: int) -> None:
    """Shorter than its own header, or longer than the datagram."""
    with pytest.raises(ValueError, match="a length of"):
        list(split(struct.pack("=IHHIII", length, DONE, 0, 1, 0, 0)))


def test_an_acknowledgement_is_an_error_of_zero() -> None:
    """It was done, and there is no reason why not."""
    assert answer(error(0, 0x100, bytes(HEADER))) == Answer(0)
    assert Answer(0).reason is None


def test_an_error_without_words_has_those_that_ip_has() -> None:
    """The operator finds the same words as with `ip`."""
    assert answer(error(-errno.EEXIST, more=bytes(40))).reason == "RTNETLINK answers: File exists"


@LITTLE_ENDIAN
@pytest.mark.parametrize("recorded", [CAPPED, WHOLE], ids=["capped", "whole"])
def test_an_errors_own_words_follow_the_request_that_it_repeats(recorded: str) -> None:
    """Its header alone, or all of it (NLM_F_CAPPED, NLM_F_ACK_TLVS)."""
    (message,) = split(bytes.fromhex(recorded))
    said = answer(message)
    assert (said.errno, said.reason) == (errno.EACCES, "Error: ipv6: IPv6 is disabled on this device")


def test_a_request_that_is_repeated_is_padded() -> None:
    """The words start at a multiple of 4, and a full stop is not repeated."""
    request = Request(20, REQUEST, b"12345").packed(1) + bytes(3)
    words = attribute(2, bytes(4)) + attribute(1, b"Invalid prefix.\0")
    assert answer(error(-errno.EINVAL, 0x200, request + words)).reason == "Error: Invalid prefix"


def test_the_end_of_a_listing_can_be_an_error() -> None:
    """With words of its own right behind the number."""
    end = Message(DONE, 0x202, 1, struct.pack("=i", -errno.EINVAL) + attribute(1, b"Invalid index\0"))
    assert answer(end).reason == "Error: Invalid index"


@pytest.mark.parametrize(("flags", "payload"), [(0, b""), (0, b"\0\0\0"), (0x200, bytes(4) + bytes(15))])
def test_an_answer_that_is_cut_off_is_refused(flags: int, payload: bytes) -> None:
    """Silence is no acknowledgement."""
    with pytest.raises(ValueError, match="bytes where"):
        answer(Message(ERROR, flags, 1, payload))


def test_a_listing_that_was_interrupted_says_so() -> None:
    """NLM_F_DUMP_INTR, among other flags."""
    assert Message(16, 0x12, 1, b"").interrupted
    assert not Message(16, 0x22, 1, b"").interrupted
