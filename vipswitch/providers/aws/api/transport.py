"""Sending one signed request over a pooled connection, within the deadline of what it is for.

Rules: nothing is written once the deadline has passed, and that is looked at last of all, after DNS,
connect and TLS. What was written does not outlive its process or its deadline: the kernel goes on
delivering the data of a closed socket, and of a killed process, once the network heals, unless the socket
lingers for zero seconds (closing it drops the data) and has a user timeout (a process that stands still
drops it too). Both are set before the connection is made; the timeout again before each request.

How it works: botocore emits `before-send` and takes an answer from whoever has one. `Sender` does; it
replaces botocore's own HTTP session, whose timeouts and sockets are fixed when a client is made.
Source: botocore docs, "Events"; tcp(7), TCP_USER_TIMEOUT; socket(7), SO_LINGER.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from typing import Any

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path
from botocore.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from vipswitch.errors import ConfigError, TimeUp
from vipswitch.providers.aws.api.asked import Asked, current

CONNECT_S = 3.0
UNACKNOWLEDGED_S = 3.0
"""Four retransmissions; who hears nothing for that long is cut off."""
_KEPT = 64
"""Connections that are kept open for the next requests: one for each place that is written at once."""
ANSWER_S = 8.0
"""EC2 answers a route change in well under a second; later it is better to read than to wait."""


class Sender:
    """A `before-send` handler with its own connections; thread-safe. Raises urllib3's errors and TimeUp."""

    def __init__(self, *, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._managers: dict[tuple[bool, str | None], urllib3.PoolManager] = {}

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Send it and read the whole answer."""
        asked = current()
        asked.endpoint, asked.sent = request.url.partition("?")[0].rstrip("/"), False
        asked.began = time.monotonic()
        answer = self._manager(request.url).urlopen(
            request.method,
            request.url,
            body=request.body,
            headers=request.headers,
            timeout=_timeout(asked),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            enforce_content_length=True,
        )
        response = AWSResponse(request.url, answer.status, answer.headers, answer)  # type: ignore[arg-type]  # any mapping
        response.content  # noqa: B018  # reads it
        return response

    def _manager(self, url: str) -> urllib3.PoolManager:
        proxies = ProxyConfiguration(get_environ_proxies(url))
        proxy, tls = proxies.proxy_url_for(url), url.startswith("https:")
        if (tls, proxy) not in self._managers:
            made = self._new_manager(tls, proxy, proxies.proxy_headers_for(proxy) if proxy else None)
            return self._managers.setdefault((tls, proxy), made)
        return self._managers[tls, proxy]

    def _new_manager(self, tls: bool, proxy: str | None, headers: Any) -> urllib3.PoolManager:
        """One TLS context for all connections: reading the bundle of CAs takes longer than connecting."""
        settings: dict[str, Any] = {"maxsize": _KEPT, "socket_options": _OPTIONS}
        if tls:
            settings["ssl_context"] = _trusting(self._ca_bundle or get_cert_path(True))
        manager = (
            urllib3.ProxyManager(proxy, proxy_headers=headers, **settings)
            if proxy
            else urllib3.PoolManager(**settings)
        )
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager


_OPTIONS = [
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


def _trusting(bundle: str | None) -> ssl.SSLContext:
    """As botocore's own; urllib3 compares the host name."""
    context: ssl.SSLContext = create_urllib3_context()
    try:
        context.load_verify_locations(cafile=bundle)
    except OSError as exc:
        wrong = f"{bundle}: not a bundle of CA certificates"
        raise ConfigError(wrong, hint="see AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE and ~/.aws/config") from exc
    return context


def _timeout(asked: Asked) -> urllib3.Timeout:
    """Raises TimeUp when nothing is left: a timeout of zero means something else."""
    left = asked.deadline.remaining()
    if left <= 0:
        raise _too_late(asked)
    return urllib3.Timeout(total=left, connect=min(left, CONNECT_S), read=min(left, ANSWER_S))


def _too_late(asked: Asked) -> TimeUp:
    return TimeUp(f"{asked.subject}: the deadline passed before {asked.action} was sent")
