"""The instance metadata service of one instance, version 2 only.

Rules: a token is had by PUT with its lifetime in a header (1 to 21600 s, else 400), never through a proxy
(`X-Forwarded-For`: 403); every GET without a valid token is refused (401), so that version 1 is off; a path
that ends in documents lists them. Source: EC2 User Guide, "Use the Instance Metadata Service to access
instance metadata".
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Self

from .. import wire
from ..wire import Answer, Reply, Request
from .instance import Instance, documents

_TTL = "x-aws-ec2-metadata-token-ttl-seconds"
_TOKEN = "x-aws-ec2-metadata-token"
_LONGEST_TTL = 21600


class MetadataServer:
    """Serves one instance's metadata at `url` while it is entered.

    An instance that changes is given as a callable, which is asked at each request that has a token (`live`).
    A bound socket given as `listener` is used, and closed at the end, instead of one bound to host and port.
    """

    def __init__(
        self,
        instance: Instance | Callable[[], Instance],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
    ) -> None:
        self._instance = instance
        self._requests = 0
        self._address = (host, port, listener)
        self._expiries: dict[str, float] = {}
        self._answering = threading.Event()
        self._answering.set()
        self._counting = threading.Lock()
        self._closing = False

    @property
    def requests(self) -> int:
        """How many requests have come, answered or not."""
        return self._requests

    @property
    def url(self) -> str:
        """Where the service answers: a value for `AWS_EC2_METADATA_SERVICE_ENDPOINT`."""
        return self._server.url

    def stall(self) -> None:
        """Takes requests from now on without answering them."""
        self._answering.clear()

    def resume(self) -> None:
        """Answers again, also the requests that came meanwhile."""
        self._answering.set()

    def __enter__(self) -> Self:
        host, port, listener = self._address
        self._server = wire.Server(self._serve, host=host, port=port, listener=listener)
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self.resume()
        self._server.__exit__()

    def _serve(self, request: Request, reply: Reply) -> None:
        with self._counting:
            self._requests += 1
        self._answering.wait()
        if not self._closing:
            reply(self._answer(request))

    def _answer(self, request: Request) -> Answer:
        if request.method == "PUT" and request.path == "/latest/api/token":
            return self._new_token(request)
        if request.method != "GET":
            return _text(405, "Method Not Allowed")
        if self._expiries.get(request.headers.get(_TOKEN, ""), 0.0) <= time.monotonic():
            return _text(401, "Unauthorized")
        instance = self._instance if isinstance(self._instance, Instance) else self._instance()
        return _document(documents(instance, now=datetime.now(UTC)), request.path)

    def _new_token(self, request: Request) -> Answer:
        if "x-forwarded-for" in request.headers:
            return _text(403, "Forbidden")
        ttl = request.headers.get(_TTL, "")
        if not ttl.isdecimal() or not 1 <= int(ttl) <= _LONGEST_TTL:
            return _text(400, "Bad Request")
        token = secrets.token_urlsafe(40)
        self._expiries[token] = time.monotonic() + int(ttl)
        return Answer(200, token.encode(), {"Content-Type": "text/plain", _TTL: ttl})


def _document(found: Mapping[str, str], path: str) -> Answer:
    """The document at a path, or the names below it, directories with a slash at their end."""
    asked = path.removeprefix("/latest/")
    if path.startswith("/latest/") and asked in found:
        return _text(200, found[asked])
    names = _below(found, f"{asked.rstrip('/')}/") if path.startswith("/latest/") else []
    return _text(200, "\n".join(names)) if names else _text(404, "Not Found")


def _below(paths: Iterable[str], directory: str) -> list[str]:
    tails = [path.removeprefix(directory) for path in paths if path.startswith(directory)]
    return sorted({first + slash for first, slash, _ in (tail.partition("/") for tail in tails)})


def _text(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/plain"})
