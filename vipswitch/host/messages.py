"""Netlink messages: bytes only, no socket.

A datagram is a row of messages: a header of 16 bytes (length, kind, flags, number, port), then a payload.
A payload is a fixed structure and a row of attributes: length, kind, value. Both rows are padded to 4
bytes, and a length leaves the padding out. Numbers are in this machine's byte order. What does not fit
its own lengths is a ValueError, never a shorter answer.
Sources: netlink(7), include/uapi/linux/netlink.h; Documentation/userspace-api/netlink/intro.rst, "Ext ACK".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

REQUEST, ACK, DUMP, EXCL, CREATE = 0x1, 0x4, 0x300, 0x200, 0x400
ERROR, DONE = 2, 3

_DUMP_INTERRUPTED = 0x10
_CAPPED, _ACK_ATTRIBUTES = 0x100, 0x200
_SAID = 1  # NLMSGERR_ATTR_MSG
_KIND = 0x3FFF  # without the bits for "nested" and "in network byte order"
_HEADER = Struct("=IHHII")
_ATTRIBUTE = Struct("=HH")
_ERRNO = Struct("=i")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the kernel; it gets its number when it is sent."""

    kind: int
    flags: int
    payload: bytes

    def packed(self, number: int) -> bytes:
        """Its bytes. The kernel fills in our port."""
        length = _HEADER.size + len(self.payload)
        return _HEADER.pack(length, self.kind, self.flags, number, 0) + self.payload


@dataclass(frozen=True, slots=True)
class Message:
    """What the kernel sent; `number` is the request's."""

    kind: int
    flags: int
    number: int
    payload: bytes

    @property
    def interrupted(self) -> bool:
        """Whether what is being listed changed meanwhile: entries may be missing, or there twice."""
        return bool(self.flags & _DUMP_INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended: 0 or the kernel's errno, and what it said beyond that, if anything."""

    errno: int
    said: str = ""

    @property
    def reason(self) -> str | None:
        """Why it was refused, in the words that `ip` has for it; None where it was not."""
        if self.errno == 0:
            return None
        said = self.said.rstrip(".")
        return f"Error: {said}" if said else f"RTNETLINK answers: {os.strerror(self.errno)}"


def split(datagram: bytes) -> Iterator[Message]:
    """The messages of one datagram. Raises ValueError."""
    at, end = 0, len(datagram)
    while at < end:
        length, kind, flags, number, _ = unpack(_HEADER, datagram, at)
        if not _HEADER.size <= length <= end - at:
            raise _does_not_fit(length, at, end)
        yield Message(kind, flags, number, datagram[at + _HEADER.size : at + length])
        at += _padded(length)


def answer(message: Message) -> Answer:
    """What an ERROR (also an acknowledgement) or the DONE of a dump says. Raises ValueError."""
    (negative,) = unpack(_ERRNO, message.payload)
    if not message.flags & _ACK_ATTRIBUTES:
        return Answer(-negative)
    said = dict(attributes(message.payload[_where_attributes_start(message) :])).get(_SAID, b"")
    return Answer(-negative, text(said))


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, padded."""
    length = _ATTRIBUTE.size + len(value)
    return _ATTRIBUTE.pack(length, kind) + value + bytes(_padded(length) - length)


def attributes(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """Kinds and values in their order; a kind may come more than once. Raises ValueError.

    A link has fifty of them, so this loop calls nothing that it need not.
    """
    at, end = 0, len(packed)
    while at < end:
        length, kind = _ATTRIBUTE.unpack_from(packed, at) if end - at >= _ATTRIBUTE.size else (0, 0)
        if not _ATTRIBUTE.size <= length <= end - at:
            raise _does_not_fit(length, at, end)
        yield kind & _KIND, packed[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3


def text(value: bytes) -> str:
    """A string without its closing zero; what is not UTF-8 can be turned back (os.fsencode)."""
    return os.fsdecode(value.rstrip(b"\0"))


def unpack(layout: Struct, packed: bytes, at: int = 0) -> tuple[int, ...]:
    """The numbers of a structure. Raises ValueError where the bytes end inside it."""
    if at + layout.size > len(packed):
        raise ValueError(f"{len(packed) - at} bytes where {layout.size} are needed")
    return layout.unpack_from(packed, at)


def _where_attributes_start(message: Message) -> int:
    """An ERROR repeats the request, its header alone where it is capped; DONE does not."""
    if message.kind == DONE:
        return _ERRNO.size
    length, *_ = unpack(_HEADER, message.payload, _ERRNO.size)
    return _ERRNO.size + (_HEADER.size if message.flags & _CAPPED else _padded(length))


def _does_not_fit(length: int, at: int, end: int) -> ValueError:
    return ValueError(f"a length of {length} at byte {at} of {end}")


def _padded(length: int) -> int:
    return (length + 3) & ~3
