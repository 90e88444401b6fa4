"""Connections to a cloud's API, pooled, that write nothing after the deadline of what they are for.

Rules: nothing is written once the deadline has passed, and that is looked at last of all, after DNS,
connect and TLS. What was written does not outlive its process or its deadline: the kernel goes on
delivering the data of a closed socket, and of a killed process, once the network heals, unless the socket
lingers for zero seconds (closing it drops the data) and has a user timeout (a process that stands still
drops it too). Both are set before the connection is made; the timeout again before each request.
Source: tcp(7), TCP_USER_TIMEOUT; socket(7), SO_LINGER.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from vipswitch.errors import TimeUp
from vipswitch.providers.asked import Asked, current

CONNECT_S = 3.0
UNACKNOWLEDGED_S = 3.0
"""Four retransmissions; who hears nothing for that long is cut off."""
KEPT = 64
"""Connections that are kept open for the next requests: one for each place that is written at once."""

OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNACKNOWLEDGED_S * 1000)),
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
]


class _Connection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _last_look(self)
        super().request(*args, **kwargs)


class _TlsConnection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _last_look(self)
        super().request(*args, **kwargs)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def pooled(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    """The manager, making connections of this kind; it was made with OPTIONS."""
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager


def begin(url: str) -> Asked:
    """A request to `url` begins, for what this thread asks."""
    asked = current()
    asked.endpoint, asked.sent = url.partition("?")[0].rstrip("/"), False
    asked.began = time.monotonic()
    return asked


def timeout(asked: Asked, *, answer_s: float) -> urllib3.Timeout:
    """What is left, at most `answer_s` for an answer. TimeUp when nothing is: zero means something else."""
    left = asked.deadline.remaining()
    if left <= 0:
        raise _too_late(asked)
    return urllib3.Timeout(total=left, connect=min(left, CONNECT_S), read=min(left, answer_s))


def _last_look(connection: HTTPConnection) -> None:
    """Connect, then see whether there is time to write; the data may stay unacknowledged that long."""
    asked = current()
    if connection.sock is None:
        connection.connect()
    left = asked.deadline.remaining()
    if left <= 0 or connection.sock is None:
        raise _too_late(asked)
    unacknowledged_ms = max(int(min(left, UNACKNOWLEDGED_S) * 1000), 1)
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unacknowledged_ms)
    asked.sent = True


def _too_late(asked: Asked) -> TimeUp:
    return TimeUp(f"{asked.subject}: the deadline passed before {asked.action} was sent")
