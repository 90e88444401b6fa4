"""A threaded HTTP/1.1 server whose application may also choose not to answer.

Rules: connections are kept alive, because a warm client must meet a warm server (werkzeug's own server always
sends `Connection: close`); an answer leaves in one segment with its Content-Length; a request that waits
blocks no other; on close every connection is cut and every thread has ended. With a TLS context it speaks
HTTPS; a client that does not trust the certificate is one that went away.
The application calls `reply` once; when it returns without calling it, the connection is closed unanswered.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole; header names are lower case, `source` is the client's address."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: str = ""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        return urlsplit(self.target).query


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Reply = Callable[[Answer], None]
Application = Callable[[Request, Reply], None]


class Server:
    """Serves an application on a listening socket, one thread for each connection.

    A socket given as `listener` becomes the server's own and is closed with it; it may have been bound in
    another network namespace.
    """

    def __init__(
        self,
        application: Application,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.application = application
        self._tls = tls
        self._listener = listener or _bound(host, port)
        self._listener.listen(128)
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="cloud-accept", daemon=True)

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()[:2]
        scheme = "https" if self._tls else "http"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        for thread in self._cut():
            thread.join()

    def _cut(self) -> list[threading.Thread]:
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            return list(self._connections.values())

    def _accept(self) -> None:
        for accepted, source in _accepted(self._listener):
            with contextlib.suppress(OSError):
                self._start(self._secured(accepted), source)

    def _start(self, connection: socket.socket, source: str) -> None:
        thread = threading.Thread(target=self._serve, args=(connection, source), name="cloud-connection")
        thread.daemon = True
        with self._lock:
            self._connections[connection] = thread
        thread.start()

    def _secured(self, accepted: socket.socket) -> socket.socket:
        """Shakes no hands yet: a client that is slow about it must not keep others waiting."""
        if self._tls is None:
            return accepted
        return self._tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)

    def _serve(self, connection: socket.socket, source: str) -> None:
        try:
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                if isinstance(connection, ssl.SSLSocket):
                    connection.do_handshake()
                _Connection(connection, (source, 0), self)  # type: ignore[arg-type]  # typed for socketserver
        finally:
            with self._lock:
                del self._connections[connection]
                connection.close()


class _Connection(BaseHTTPRequestHandler):
    """The requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server  # type: ignore[assignment]  # typed for socketserver

    def log_message(self, *_: object) -> None:
        """Say nothing: stdout and stderr belong to whoever runs the server."""

    def _answer(self) -> None:
        self.close_connection = True
        self.server.application(self._request(), self._reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def _request(self) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = int(headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionAbortedError("the client went away within its request")
        return Request(self.command, self.path, headers, body, self.client_address[0])

    def _reply(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer.body)
        self.wfile.flush()
        self.close_connection = self._client_closes()

    def _client_closes(self) -> bool:
        wish = self.headers.get("Connection", "").lower()
        return wish == "close" or (self.request_version < "HTTP/1.1" and wish != "keep-alive")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _accepted(listener: socket.socket) -> Iterator[tuple[socket.socket, str]]:
    """Connections with their clients' addresses, until the listener is shut down."""
    while True:
        try:
            connection, address = listener.accept()
        except OSError:
            return
        yield connection, address[0]
