"""The local Google Cloud: Compute Engine, Cloud DNS and the token services over HTTPS, with a certificate of
its own authority.

Rules: a call meets the barrier and the faults before its work, does its work alone, is told to the journal's
listeners, meets the faults after its work, and only then is answered. Held calls do their work when they are
released, whether or not their client still waits: that is how a write of a dead process reaches the cloud
late. A cloud begins empty but for one project with one region, and gives out the same ids each time.
"""

from __future__ import annotations

import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from .. import ca, wire
from ..armed import Drop
from ..ticking import often
from ..wire import Answer, Reply, Request
from .api import Api
from .faults import Faults
from .ground import PROJECT, Ground
from .journal import Journal
from .login import Login
from .metadata import MetadataServer
from .roles import Roles
from .rules import Rules

_HOSTS = ("127.0.0.1", "::1", "localhost", "169.254.169.254", "metadata.google.internal")
_EPOCH = 1_767_225_600.0


class GcpCloud(Ground):
    """A cloud that serves its APIs at `url` while it is entered; `handle` needs no entering.

    An operation ends after `operation_gets` looks at it, or after `operation_s` seconds of the clock `now` if
    that is given; times in answers go by `now` too, if it is given. `hosts` are further names and addresses
    that the certificate is to be good for. A bound socket given as `listener` is used, and closed at the end,
    instead of one bound to host and port. `barrier` is called with every request before it is handled, on the
    request's own thread, and may wait.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        hosts: Sequence[str] = (),
        now: Callable[[], float] | None = None,
        operation_gets: int = 1,
        operation_s: float | None = None,
    ) -> None:
        wall = (lambda: _EPOCH + now()) if now else time.time
        clock = now or time.monotonic
        super().__init__(Api(now=clock, wall=wall, operation_gets=operation_gets, operation_s=operation_s))
        self.login = Login(self.api.tokens, self.api.roles)
        self._address = (host, port, listener)
        self._hosts = (*_HOSTS, host, *hosts)
        self._stack = ExitStack()
        self._server: wire.Server | None = None
        self.metadata_url = ""
        self.barrier: Callable[[Request], object] | None = None

    @property
    def rules(self) -> Rules:
        """The switches for what real clouds do one way or another."""
        return self.api.rules

    @property
    def faults(self) -> Faults:
        return self.api.faults

    @property
    def journal(self) -> Journal:
        return self.api.journal

    @property
    def roles(self) -> Roles:
        return self.api.roles

    @property
    def url(self) -> str:
        """Where the cloud answers: the endpoint of both services, of `/token` and of IAM's credentials."""
        assert self._server, "the cloud is not entered"
        return self._server.url

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that clients are to trust."""
        return self._authority.ca_file

    @property
    def metadata_host(self) -> str:
        """The first node's metadata server, as a value for `GCE_METADATA_HOST`."""
        return self.metadata_url.removeprefix("http://")

    def serve_also(self, listener: socket.socket) -> str:
        """Serves a further bound socket, in another network namespace perhaps; returns its URL."""
        server = wire.Server(self._serve, listener=listener, tls=self._authority.context())
        return self._stack.enter_context(server).url

    def metadata(
        self, instance: str, *, account: str, listener: socket.socket | None = None
    ) -> MetadataServer:
        """The metadata server of an instance; it is started if the cloud is entered, and ends with it."""
        service = MetadataServer(self, self.path(instance), account=account, listener=listener)
        self.login.accounts.add(account)
        return self._stack.enter_context(service) if self.entered else service

    @property
    def entered(self) -> bool:
        """Whether the cloud serves a network."""
        return self._server is not None

    def handle(self, asked: Request) -> Answer:
        """Answers one request. Raises Drop where the connection is to be closed without an answer."""
        if self.barrier is not None:
            self.barrier(asked)
        if self.login.serves(asked.path):
            return self.login.handle(asked)
        return self.api.handle(asked)

    def key_file(self, folder: Path, email: str = "outside@vipswitch-test.iam.gserviceaccount.com") -> Path:
        """Makes a service account's key in a folder, for a `credentials_file`."""
        return self.login.key_file(folder, email, project=PROJECT, token_uri=f"{self.url}/token")

    def __enter__(self) -> Self:
        host, port, listener = self._address
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vipswitch-gcp-"))
            self._authority = ca.issue(Path(folder), self._hosts)
            tls: ssl.SSLContext = self._authority.context()
            server = wire.Server(self._serve, host=host, port=port, listener=listener, tls=tls)
            self._server = stack.enter_context(server)
            if self.api.store.operations.seconds is not None:
                stack.enter_context(often(self.settle))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.api.closing.set()
        self.faults.close()
        self._stack.close()
        self._server = None

    def _serve(self, asked: Request, reply: Reply) -> None:
        try:
            answer = self.handle(asked)
        except Drop:
            return
        reply(answer)
