"""One GET over HTTP or HTTPS, within a bound of time and of size.

Rules: no redirect, no proxy, no environment; TLS is verified against the system's certificates or a file; at
the bound the connection is shut down, however slowly the other side talks. Only a slow resolver can hold us
longer: an address needs none.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from vipswitch.errors import TimeUp, Unavailable

_LIMIT = 1 << 20


def get(url: str, ca_file: Path | None, until: float) -> bytes:
    """The body of a 200 answer; `until` is a moment on `time.monotonic`.

    Raises TimeUp when the answer is not there by then, Unavailable for every other failure.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise TimeUp(f"{url}: no time was left to ask")
    try:
        connection = _connection(url, ca_file, left)
        connection.connect()
    except (OSError, ValueError) as wrong:
        raise _unavailable(url, wrong) from wrong
    try:
        return _exchange(connection, url, until)
    except (OSError, ValueError, http.client.HTTPException) as wrong:
        if time.monotonic() >= until:
            raise TimeUp(f"{url}: no answer in time") from wrong
        raise _unavailable(url, wrong) from wrong
    finally:
        connection.close()


def _connection(url: str, ca_file: Path | None, timeout_s: float) -> http.client.HTTPConnection:
    at = urlsplit(url)
    if at.scheme == "http":
        return http.client.HTTPConnection(at.hostname or "", at.port, timeout=timeout_s)
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return http.client.HTTPSConnection(at.hostname or "", at.port, timeout=timeout_s, context=context)


def _exchange(connection: http.client.HTTPConnection, url: str, until: float) -> bytes:
    # The socket's own timeout begins anew with every byte.
    end = threading.Timer(max(0.0, until - time.monotonic()), _shut_down, [connection.sock])
    end.daemon = True
    end.start()
    try:
        connection.request("GET", urlsplit(url).path, headers={"Connection": "close"})
        response = connection.getresponse()
        if response.status != 200:
            raise Unavailable(f"{url}: status {response.status}")
        body = response.read(_LIMIT + 1)
    finally:
        end.cancel()
    if time.monotonic() >= until:
        raise TimeUp(f"{url}: no answer in time")
    if len(body) > _LIMIT:
        raise Unavailable(f"{url}: the answer is larger than {_LIMIT >> 20} MiB")
    return body


def _shut_down(sock: socket.socket) -> None:
    """Both ways, past TLS: SSLSocket.shutdown would tear down what another thread is reading from."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _unavailable(url: str, wrong: Exception) -> Unavailable:
    if isinstance(wrong, TimeoutError):
        return TimeUp(f"{url}: no answer in time")
    why = (getattr(wrong, "strerror", None) or str(wrong) or type(wrong).__name__).splitlines()[0]
    return Unavailable(f"{url}: {why[:200]}")
