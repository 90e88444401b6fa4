"""What the tests of Azure's base and of its route tables share: machines, deadlines, a stand-in for ARM."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from vipswitch.deadline import Clock, Deadline, SystemClock
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.node.identity import Home
from vipswitch.providers.azure.settings import Account
from vipswitch.testing import ca, wire

T = TypeVar("T")

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000aa"
TABLE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network/routeTables/rt"
MAC = "00:0d:3a:00:00:01"


def soon(seconds: float = 10.0, clock: Clock | None = None) -> Deadline:
    """A deadline from now on."""
    return Deadline(seconds, clock or SystemClock())


@dataclass(frozen=True, slots=True)
class StubMachine:
    """A machine whose VIP interface has this MAC; `given` is the node id in its config."""

    folder: Path
    address: str = MAC
    given: NodeId | None = None
    others: tuple[NodeId, ...] = ()

    def mac(self) -> str:
        return self.address

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        return make()

    def cache(self) -> Path:
        return self.folder

    def node(self) -> NodeId | None:
        return self.given

    def nodes(self) -> tuple[NodeId, ...]:
        return self.others


def answer(status: int, document: object = None, **headers: str) -> wire.Answer:
    """As ARM answers; underscores in the names of headers are hyphens."""
    body = b"" if document is None else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return wire.Answer(status, body, {"Content-Type": "application/json", **named})


def refused(
    status: int, code: str, message: str = "", *details: tuple[str, str], **headers: str
) -> wire.Answer:
    """An error as ARM words it."""
    error: dict[str, Any] = {"code": code, "message": message}
    if details:
        error["details"] = [{"code": name, "message": text} for name, text in details]
    return answer(status, {"error": error}, **headers)


@dataclass
class Arm:
    """A stand-in for ARM over HTTPS that says what a test has told it to, and notes what it was asked.

    The last of the answers is given for ever; None closes the connection.
    """

    url: str = ""
    ca_file: Path = Path()
    answers: list[wire.Answer | None] = field(default_factory=list)
    requests: list[wire.Request] = field(default_factory=list)
    before: Callable[[wire.Request], object] = lambda _: None

    def serve(self, request: wire.Request, reply: wire.Reply) -> None:
        self.requests.append(request)
        self.before(request)
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if given is not None:
            reply(given)

    def says(self, *answers: wire.Answer | None) -> None:
        """From now on."""
        self.answers[:] = answers

    def account(self, **more: Any) -> Account:
        """The config's keys that lead here."""
        given = {"subscription": SUBSCRIPTION, "endpoint": self.url, "ca_file": self.ca_file}
        return Account(**{**given, **more})

    def clients(self, folder: Path, **more: Any) -> Clients:
        """Clients that ask here."""
        return Clients(self.account(**more), Home(StubMachine(folder)))


@contextmanager
def arm_in(folder: Path, *, hosts: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[Arm]:
    """A stand-in whose certificate is for these hosts."""
    authority = ca.issue(folder, hosts)
    arm = Arm(ca_file=authority.ca_file)
    arm.says(answer(200, {}))
    tls: ssl.SSLContext = authority.context()
    with wire.Server(arm.serve, tls=tls) as server:
        arm.url = server.url
        yield arm


class Imds:
    """A stand-in for the metadata service's tokens: each is another; `says` is answered instead, if given."""

    def __init__(self) -> None:
        self.requests: list[wire.Request] = []
        self.says: wire.Answer | None = None
        self.life_s = 86400
        self.slow_s = 0.0

    def serve(self, request: wire.Request, reply: wire.Reply) -> None:
        self.requests.append(request)
        time.sleep(self.slow_s)
        token = {"access_token": f"token-{len(self.requests)}", "expires_in": str(self.life_s)}
        reply(self.says or answer(200, token))


def reading(deadline: Deadline | None = None, **more: Any) -> Asked:
    """A question about a route table."""
    return Asked("Microsoft.Network/routeTables/read", "route table rt", deadline or soon(), TABLE, **more)


def writing(deadline: Deadline | None = None) -> Asked:
    """A change of a route table."""
    asked = reading(deadline, writes=True)
    asked.action = "Microsoft.Network/routeTables/write"
    return asked


def read(clients: Clients, deadline: Deadline | None = None) -> str | None:
    """A route table's etag, by the SDK."""
    with clients.network(reading(deadline)) as network:
        return network.route_tables.get("g", "rt").etag


def write(clients: Clients, deadline: Deadline | None = None) -> None:
    """A change of a route table, by the SDK."""
    from azure.mgmt.network.models import RouteTable

    with clients.network(writing(deadline)) as network:
        network.route_tables.begin_create_or_update(
            "g", "rt", RouteTable(location="x"), headers={"If-Match": "W/1"}, polling=False
        )


def shown(headers: Mapping[str, str]) -> str:
    """The token that a request came with."""
    return headers.get("authorization", "").removeprefix("Bearer ")
