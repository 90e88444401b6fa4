"""The local Azure: Resource Manager and the login authority over HTTPS, with a certificate of its own
authority.

Rules: a call meets the barrier and the faults before its work, does its work alone, is told to the journal's
listeners, meets the faults after its work, and only then is answered. Held calls do their work when they are
released, whether or not their client still waits: that is how a write of a dead process reaches the cloud
late. A cloud begins empty but for one resource group, and gives out the same ids and etags each time.
"""

from __future__ import annotations

import json
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from .. import ca, wire
from ..armed import Drop
from ..ticking import often
from ..wire import Answer, Reply, Request
from . import answers, machines, request
from .answers import Json
from .arm import Arm
from .faults import Faults
from .ids import parse
from .journal import Journal
from .login import Login
from .metadata import MetadataServer
from .roles import Roles
from .rules import Rules

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000aa"
GROUP = "rg-vipswitch"
LOCATION = "westeurope"
_HOSTS = ("127.0.0.1", "::1", "localhost", "169.254.169.254")


class AzureCloud:
    """A cloud that serves Resource Manager at `url` while it is entered; `handle` needs no entering.

    An operation ends after `operation_gets` looks at it, or after `operation_s` seconds of the clock `now` if
    that is given. `hosts` are further names and addresses that the certificate is to be good for. A bound
    socket given as `listener` is used, and closed at the end, instead of one bound to host and port.
    `barrier` is called with every request before it is handled, on the request's own thread, and may wait.
    """

    subscription = SUBSCRIPTION
    group = GROUP
    location = LOCATION

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        hosts: Sequence[str] = (),
        now: Callable[[], float] = time.monotonic,
        operation_gets: int = 1,
        operation_s: float | None = None,
    ) -> None:
        self.arm = Arm(SUBSCRIPTION, now=now, operation_gets=operation_gets, operation_s=operation_s)
        self.login = Login(self.arm.tokens)
        self._address = (host, port, listener)
        self._hosts = (*_HOSTS, host, *hosts)
        self._stack = ExitStack()
        self._server: wire.Server | None = None
        self.metadata_url = ""
        self.barrier: Callable[[Request], object] | None = None
        self.add_group(GROUP)

    @property
    def rules(self) -> Rules:
        """The switches for what real clouds do one way or another."""
        return self.arm.rules

    @property
    def faults(self) -> Faults:
        return self.arm.faults

    @property
    def journal(self) -> Journal:
        return self.arm.journal

    @property
    def roles(self) -> Roles:
        return self.arm.roles

    @property
    def url(self) -> str:
        """Where the cloud answers: the endpoint, and the authority of the tenant `login.tenant`."""
        assert self._server, "the cloud is not entered"
        return self._server.url

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that clients are to trust."""
        return self._authority.ca_file

    def serve_also(self, listener: socket.socket) -> str:
        """Serves a further bound socket, in another network namespace perhaps; returns its URL."""
        server = wire.Server(self._serve, listener=listener, tls=self._authority.context())
        return self._stack.enter_context(server).url

    def metadata(
        self, machine_id: str, *, identities: tuple[str, ...], listener: socket.socket | None = None
    ) -> MetadataServer:
        """The metadata service of a machine; it is started if the cloud is entered, and ends with it."""
        service = MetadataServer(self, machine_id, identities=identities, listener=listener)
        return self._stack.enter_context(service) if self.entered else service

    @property
    def entered(self) -> bool:
        """Whether the cloud serves a network."""
        return self._server is not None

    def handle(self, asked: Request) -> Answer:
        """Answers one request. Raises Drop where the connection is to be closed without an answer."""
        if self.barrier is not None:
            self.barrier(asked)
        if asked.path.lower().startswith("/subscriptions"):
            return self.arm.handle(asked)
        return self.login.handle(asked)

    def add_group(self, name: str) -> None:
        """Makes a resource group."""
        self.arm.groups[name.lower()] = name

    def id(self, type_: str, *names: str, group: str = GROUP) -> str:
        """The id of a resource, from its type (`Microsoft.Network/routeTables`) and its names."""
        provider, *types = type_.split("/")
        pairs = "".join(f"/{kind}/{name}" for kind, name in zip(types, names, strict=True))
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}{pairs}"

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Makes or replaces a resource past faults, tokens and permissions, and at once.

        An operation that runs on it is superseded. Raises ArmError as the service would refuse it.
        """
        return self._seed("PUT", path, json.dumps(body).encode())

    def get(self, path: str) -> Json:
        """A resource as it now is, past faults and the like; running operations do not notice.

        Raises ArmError if there is none.
        """
        return self._seed("GET", path)

    def in_effect(self, path: str) -> Json | None:
        """What of a resource was last carried out: what packets follow while an operation still runs."""
        with self.arm.working:
            self.arm.operations.settle()
            found = self.arm.store.find(path)
            return answers.copied(found.effective) if found else None

    def delete(self, path: str) -> None:
        """Takes a resource away at once, past faults and the like."""
        self._seed("DELETE", path)

    def add_machine(self, name: str, nics: Sequence[str], *, zone: str = "1", group: str = GROUP) -> str:
        """Makes a virtual machine of NICs, by their ids, the first of which is primary; returns its id."""
        target = parse(self.id("Microsoft.Compute/virtualMachines", name, group=group))
        assert target
        with self.arm.working:
            return machines.seed(self.arm.store, target, LOCATION, list(nics), zone=zone).id

    def deallocate(self, machine_id: str) -> None:
        """Stops a machine; its NICs can still be written."""
        found = self.arm.store.find(machine_id)
        assert found
        machines.deallocate(found)

    def auto_register(self, path: str) -> None:
        """Makes a private record set one that belongs to a machine."""
        found = self.arm.store.find(path)
        assert found
        found.fixed["isAutoRegistered"] = True

    def settle(self) -> None:
        """Ends the operations whose time is over; every request does so first."""
        with self.arm.working:
            self.arm.operations.settle()

    def finish(self, *, stuck: bool = False) -> None:
        """Ends all operations that run, those that are stuck only if told so."""
        with self.arm.working:
            for operation in self.arm.operations.running():
                operation.fate = None if operation.stuck and stuck else operation.fate
                self.arm.operations.finish(operation)

    def subscribe(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Calls `listener` with the id of each NIC, table or other resource whose operation has ended.

        It may look at `in_effect` and `get`, and must not wait for a request. Returns what ends that.
        """
        return self.arm.operations.subscribe(listener)

    def token(self, client: str = "test") -> str:
        """A new token of a client."""
        return self.arm.tokens.give(client)

    def __enter__(self) -> Self:
        host, port, listener = self._address
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vipswitch-azure-"))
            self._authority = ca.issue(Path(folder), self._hosts)
            tls: ssl.SSLContext = self._authority.context()
            server = wire.Server(self._serve, host=host, port=port, listener=listener, tls=tls)
            self._server = stack.enter_context(server)
            if self.arm.operations.seconds is not None:
                stack.enter_context(often(self.settle))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.faults.close()
        self._stack.close()
        self._server = None

    def _serve(self, asked: Request, reply: Reply) -> None:
        try:
            answer = self.handle(asked)
        except Drop:
            return
        reply(answer)

    def _seed(self, method: str, path: str, body: bytes = b"") -> Json:
        found: Json = answers.read(self.arm.seed(request.parse(Request(method, path, {}, body)))) or {}
        return found
