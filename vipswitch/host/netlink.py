"""Asking the kernel over a netlink socket, within a bound.

Rules: a socket for each conversation, connected to the kernel, so that no process can answer in its
place. Each request has a number; answers to another one are passed over. A listing that the kernel
marks as interrupted is asked for again. An answer that was lost or cut off is an error, never a
shorter answer.

The kernel does what it is asked inside send(2), under a lock that others can hold for long (RTNL: a
driver that resets, many links that go), where neither a socket's timeout nor a signal reaches. So a
thread does the asking, and whoever wants the answer stops waiting in time; then what was asked may
still be done. Sources: netlink(7); iproute2's lib/libnetlink.c; net/netlink/af_netlink.c.
"""

from __future__ import annotations

import time
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from contextlib import suppress
from errno import EACCES, EAFNOSUPPORT, EMSGSIZE, ENOBUFS, EPERM, EPROTONOSUPPORT
from typing import TYPE_CHECKING, TypeVar

from vipswitch.errors import HostError
from vipswitch.host.messages import DONE, ERROR, Answer, Message, Request, answer, split

if TYPE_CHECKING:
    from socket import socket

T = TypeVar("T")

_SOL_NETLINK, _CAP_ACK, _EXT_ACK = 270, 10, 11
_LARGEST = 65536  # the kernel sends 32 KiB at most
_TRIES = 50
_NOT_FOR_US = (EACCES, EAFNOSUPPORT, EPERM, EPROTONOSUPPORT)
"""What socket(2) and send(2) say where a sandbox or a security module keeps netlink from this process."""

_HELD_UP = "look at what holds up this host's network configuration, then run the same again"


class Conversation:
    """Requests and their answers on one socket; no request is sent after `until` (on `time.monotonic`).

    Raises OSError, of which TimeoutError is one, and ValueError for what is no netlink message.
    """

    def __init__(self, sock: socket, until: float) -> None:
        self._sock = sock
        self._until = until
        self._number = 0

    def dump(self, request: Request) -> list[Message]:
        """A whole listing, as it was at one moment. Raises HostError when it never stands still."""
        for _ in range(_TRIES):
            listing = self._listing(request)
            if listing is not None:
                return listing
        raise HostError("netlink: the host's links changed whenever they were read", hint=_HELD_UP)

    def change(self, request: Request) -> Answer:
        """How the kernel ended it. ENOBUFS: the answer was lost, and it may have been done."""
        self._send(request)
        try:
            return answer(self._until_end()[-1])
        except OSError as exc:
            if exc.errno != ENOBUFS:
                raise
            return Answer(ENOBUFS)

    def _listing(self, request: Request) -> list[Message] | None:
        """None when it was interrupted; read to its end, because the kernel makes one at a time."""
        self._send(request)
        *listing, end = self._until_end()
        ended = answer(end)
        if ended.errno:
            raise OSError(ended.errno, ended.reason)
        return None if any(message.interrupted for message in (*listing, end)) else listing

    def _until_end(self) -> list[Message]:
        """The messages that answer the last request, up to the one that says how it ended."""
        heard: list[Message] = []
        while not heard or heard[-1].kind not in (ERROR, DONE):
            heard += (message for message in split(self._receive()) if message.number == self._number)
        return heard

    def _send(self, request: Request) -> None:
        self._number += 1
        self._sock.settimeout(self._left_s())
        self._sock.send(request.packed(self._number))

    def _receive(self) -> bytes:
        from socket import MSG_TRUNC

        self._sock.settimeout(self._left_s())
        datagram, _, flags, _ = self._sock.recvmsg(_LARGEST)
        if flags & MSG_TRUNC:
            raise OSError(EMSGSIZE, f"an answer was longer than {_LARGEST} bytes")
        return datagram

    def _left_s(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def ask(say: Callable[[Conversation], T], until: float) -> T | None:
    """What `say` makes of a conversation with the kernel; None where this process may not have one.

    Raises HostError, also when there is no answer by `until`, a moment on `time.monotonic`.
    """
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise HostError("netlink: no time was left to ask the kernel")
    try:
        return _within(seconds, lambda: _converse(say, until))
    except TimeoutError as exc:
        raise HostError(f"netlink: the kernel did not answer within {seconds:.1f} s", hint=_HELD_UP) from exc
    except OSError as exc:
        if exc.errno in _NOT_FOR_US:
            return None
        raise HostError(f"netlink: {(exc.strerror or str(exc)).lower()}") from exc
    except ValueError as exc:
        raise HostError(f"netlink: an answer makes no sense: {exc}", hint="please report it") from exc


def _converse(say: Callable[[Conversation], T], until: float) -> T:
    """Without the two options, which old kernels lack, an error is only a number."""
    from socket import AF_NETLINK, SOCK_RAW, socket  # 3 ms, and not every VIP needs the host

    with socket(AF_NETLINK, SOCK_RAW) as sock:
        for option in (_EXT_ACK, _CAP_ACK):
            with suppress(OSError):
                sock.setsockopt(_SOL_NETLINK, option, 1)
        sock.connect((0, 0))
        return say(Conversation(sock, until))


def _within(seconds: float, act: Callable[[], T]) -> T:
    """What `act` returns or raises in a thread; TimeoutError when that takes longer.

    A thread of the low-level module costs 0.08 ms, one of `threading` 0.17 ms.
    """
    ended = allocate_lock()
    came: list[T | BaseException] = []

    def run() -> None:
        try:
            came.append(act())
        except BaseException as exc:  # the last line of defence: raised again for whoever waits
            came.append(exc)
        finally:
            ended.release()

    ended.acquire()
    try:
        start_new_thread(run, ())
    except RuntimeError as exc:
        raise HostError(f"netlink: {exc}", hint="see this user's limit of processes (ulimit -u)") from exc
    if not ended.acquire(timeout=seconds):
        raise TimeoutError
    if isinstance(came[0], BaseException):
        raise came[0]
    return came[0]
