"""The local Google Cloud: Compute Engine, Cloud DNS and the token services over HTTPS, with a certificate of
its own authority.

Rules: a call meets the barrier and the faults before its work, does its work alone, is told to the journal's
listeners, meets the faults after its work, and only then is answered. Held calls do their work when they are
released, whether or not their client still waits: that is how a write of a dead process reaches the cloud
late. A cloud begins empty but for one project with one region, and gives out the same ids each time.
"""

from __future__ import annotations

import json
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from .. import ca, wire
from ..armed import Drop
from ..ticking import often
from ..wire import Answer, Reply, Request
from . import lists, request, routes, seeds
from .answers import Json, copied
from .api import Api
from .faults import Faults
from .journal import Journal
from .login import Login
from .metadata import MetadataServer
from .roles import Roles
from .rules import Rules

PROJECT = "vipswitch-test"
NUMBER = "123456789012"
REGION = "europe-west1"
_HOSTS = ("127.0.0.1", "::1", "localhost", "169.254.169.254", "metadata.google.internal")
_EPOCH = 1_767_225_600.0


class GcpCloud:
    """A cloud that serves its APIs at `url` while it is entered; `handle` needs no entering.

    An operation ends after `operation_gets` looks at it, or after `operation_s` seconds of the clock `now` if
    that is given; times in answers go by `now` too, if it is given. `hosts` are further names and addresses
    that the certificate is to be good for. A bound socket given as `listener` is used, and closed at the end,
    instead of one bound to host and port. `barrier` is called with every request before it is handled, on the
    request's own thread, and may wait.
    """

    project = PROJECT
    number = NUMBER
    region = REGION

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
        self.api = Api(now=clock, wall=wall, operation_gets=operation_gets, operation_s=operation_s)
        self.login = Login(self.api.tokens, self.api.roles)
        self._address = (host, port, listener)
        self._hosts = (*_HOSTS, host, *hosts)
        self._stack = ExitStack()
        self._server: wire.Server | None = None
        self.metadata_url = ""
        self.barrier: Callable[[Request], object] | None = None
        self.add_project(PROJECT, NUMBER)

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

    def path(self, name: str) -> str:
        """A resource's path, from `projects/` on; an instance may be named `ZONE/NAME`."""
        if name.startswith("projects/") or "://" in name:
            return self.api.store.path(name, PROJECT)
        zone, _, instance = name.partition("/")
        if "-" in zone and "/" not in instance:
            return f"projects/{PROJECT}/zones/{zone}/instances/{instance}"
        return f"projects/{PROJECT}/{name}"

    def link(self, name: str) -> str:
        """A resource's URL, as the API now tells it."""
        found: str = self.api.store.shown({"selfLink": self.path(name)})["selfLink"]
        return found

    def get(self, name: str) -> Json:
        """A resource as the API would now tell it, past faults and the like; nothing is looked at.

        Raises GcpError if there is none.
        """
        with self.api.working:
            path = self.path(name)
            return lists.shown(self.api.store, path.split("/")[-2], self.api.store.get(path))

    def in_effect(self, name: str) -> Json | None:
        """What of a resource is in effect: what packets follow while an operation still runs.

        Links in it are paths; an instance's `macs` are by its NICs' names.
        """
        with self.api.working:
            self.api.store.operations.settle()
            path = self.path(name)
            found = self.api.store.find(path)
            return {**copied(found), **self.api.store.hidden.get(path, {})} if found else None

    def routes(self, network: str = "global/networks/vpc") -> list[Json]:
        """The routes of a network that are there, the best first; those in effect have no such warning."""
        with self.api.working:
            self.api.store.operations.settle()
            wanted, store = self.path(network), self.api.store
            found = [
                routes.show(store, one) for _, one in store.of_kind("routes") if one["network"] == wanted
            ]
            return sorted(found, key=lambda one: (one["priority"], one["name"]))

    def next_hops(self, destination: str, network: str = "global/networks/vpc") -> list[str]:
        """The instances that now get a destination's packets, by their paths; several share them."""
        with self.api.working:
            self.api.store.operations.settle()
            return routes.effective(self.api.store, self.path(network), ip_network(destination))

    def served(self, zone: str) -> dict[tuple[str, str], Json]:
        """A zone's record sets by name and type, as its name servers now answer."""
        with self.api.working:
            self.api.store.operations.settle()
            found = self.api.store.hidden.get(f"{self.path(f'managedZones/{zone}')}/served", {})
            return {(one["name"], one["type"]): copied(one) for one in found.values()}

    def write(self, method: str, name: str, body: Mapping[str, Any] | None = None, **query: str) -> None:
        """Does a write of somebody's at once, past faults, tokens and permissions: `POST global/routes`,
        `DELETE global/routes/NAME`, `PATCH ZONE/NAME/updateNetworkInterface`.

        Raises GcpError as the service would refuse it, also inside the operation.
        """
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        target = f"/compute/v1/{self._written(name)}?{asked}"
        data = b"" if body is None else json.dumps(body).encode()
        self.api.seed(request.parse(Request(method, target, {}, data)))

    def _written(self, name: str) -> str:
        """The path of a method: of an instance that is named `ZONE/NAME`, or of anything else."""
        first, _, last = name.rpartition("/")
        return f"{self.path(first)}/{last}" if "-" in first.partition("/")[0] else self.path(name)

    def records(self, zone: str, *sets: tuple[str, str, int, Sequence[str]]) -> None:
        """Makes these record sets (name, type, ttl, data) those of their names and types; no data: none."""
        with self.api.working:
            seeds.records(self.api.store, self.path(f"managedZones/{zone}"), sets)

    def add_project(self, project: str, number: str) -> None:
        """Makes a project with one region of three zones, to be a host project perhaps."""
        with self.api.working:
            seeds.project(self.api.store, project, number, REGION)

    def add_network(self, name: str, *, project: str = PROJECT) -> str:
        """Makes a network; returns its path."""
        with self.api.working:
            return seeds.network(self.api.store, project, name)

    def add_subnetwork(
        self,
        name: str,
        network: str,
        cidr: str,
        *,
        ipv6_cidr: str | None = None,
        secondary: Mapping[str, str] | None = None,
    ) -> str:
        """Makes a subnetwork in the network's project; returns its path."""
        with self.api.working:
            return seeds.subnetwork(
                self.api.store, name, self.path(network), REGION, cidr, ipv6_cidr, secondary or {}
            )

    def add_instance(self, name: str, *nics: seeds.Nic, **more: Any) -> str:
        """Makes an instance `ZONE/NAME` of NICs; returns its path. See `seeds.instance` for what more."""
        with self.api.working:
            return seeds.instance(self.api.store, self.path(name), nics, **more)

    def add_address(self, name: str, address: str, *, subnetwork: str | None = None) -> str:
        """Reserves an external address, or an internal one in a subnetwork; returns its path."""
        with self.api.working:
            path = self.path(f"regions/{REGION}/addresses/{name}")
            return seeds.address(self.api.store, path, address, subnetwork)

    def add_zone(self, name: str, dns_name: str, *, private: bool = False) -> str:
        """Makes a managed zone; returns its path."""
        with self.api.working:
            return seeds.zone(self.api.store, self.path(f"managedZones/{name}"), dns_name, private=private)

    def use_address(self, name: str, user: str) -> None:
        """Lets something that is no instance use an address."""
        with self.api.working:
            path = self.path(f"regions/{REGION}/addresses/{name}")
            self.api.store.hidden[path] = {"users": [self.path(user)]}

    def set_instance(self, name: str, **values: Any) -> None:
        """Gives an instance other values at once: `status="TERMINATED"`, `canIpForward=False`, `labels=`."""
        path = self.path(name)
        with self.api.working:
            self.api.store.change(path, **values)
            self.api.store.operations.tell(path)

    def remove(self, name: str) -> None:
        """Takes a resource away at once."""
        path = self.path(name)
        with self.api.working:
            self.api.store.remove(path)
            self.api.store.operations.tell(path)

    def settle(self) -> None:
        """Ends the operations whose time is over; every request does so first."""
        with self.api.working:
            self.api.store.operations.settle()

    def finish(self, *, stuck: bool = False) -> None:
        """Ends all operations that run, those that are stuck only if told so."""
        with self.api.working:
            for operation in self.api.store.operations.running():
                operation.fate = None if operation.stuck and stuck else operation.fate
                self.api.store.operations.finish(operation)

    def subscribe(self, listener: Callable[[str], object]) -> Callable[[], None]:
        """Calls `listener` with the path of each route, instance or zone's `rrsets` that has changed.

        It may look at `in_effect` and the like, and must not wait for a request. Returns what ends that.
        """
        return self.api.store.operations.subscribe(listener)

    def token(self, client: str = "test") -> str:
        """A new token of a client."""
        return self.api.tokens.give(client)

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
