"""What the tests of Google Cloud's base share: machines, deadlines, a stand-in for the APIs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from vipswitch.deadline import Clock, Deadline, SystemClock
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.gcp.api.client import Clients
from vipswitch.providers.gcp.settings import Account
from vipswitch.testing import ca, wire

T = TypeVar("T")

PROJECT = "vipswitch-test"
ROUTE = f"projects/{PROJECT}/global/routes/r"
MAC = "42:01:0a:01:00:02"


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
    """As Google answers; underscores in the names of headers are hyphens."""
    body = b"" if document is None else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return wire.Answer(status, body, {"Content-Type": "application/json; charset=UTF-8", **named})


def refused(status: int, reason: str, message: str = "", **headers: str) -> wire.Answer:
    """An error as Compute Engine words it."""
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
    }
    return answer(status, {"error": error}, **headers)


def operation(status: str = "RUNNING", *, code: str = "", message: str = "", http: int = 0) -> dict[str, Any]:
    """An operation of the project; with a code, one that failed."""
    made: dict[str, Any] = {"kind": "compute#operation", "name": "operation-1", "status": status}
    if code:
        made["error"] = {"errors": [{"code": code, "message": message}]}
        made["httpErrorStatusCode"] = http
    return made


@dataclass
class Google:
    """A stand-in for the APIs over HTTPS that says what a test has told it to, and notes what it was asked.

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
        given = {"project": PROJECT, "endpoint": self.url, "ca_file": self.ca_file}
        return Account(**{**given, **more})

    def clients(self, **more: Any) -> Clients:
        """Clients that ask here."""
        return Clients(self.account(**more))


@contextmanager
def google_in(folder: Path, *, hosts: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[Google]:
    """A stand-in whose certificate is for these hosts."""
    authority = ca.issue(folder, hosts)
    google = Google(ca_file=authority.ca_file)
    google.says(answer(200, {}))
    with wire.Server(google.serve, tls=authority.context()) as server:
        google.url = server.url
        yield google


class Metadata:
    """A stand-in for the metadata service's tokens: each is another; `says` is answered instead, if given."""

    def __init__(self) -> None:
        self.requests: list[wire.Request] = []
        self.says: wire.Answer | None = None
        self.life_s = 3599
        self.slow_s = 0.0

    def serve(self, request: wire.Request, reply: wire.Reply) -> None:
        self.requests.append(request)
        time.sleep(self.slow_s)
        if request.path.endswith("/email"):
            reply(wire.Answer(200, b"db@vipswitch-test.iam.gserviceaccount.com"))
            return
        token = {"access_token": f"token-{len(self.requests)}", "expires_in": self.life_s}
        reply(self.says or answer(200, {**token, "token_type": "Bearer"}))


def reading(deadline: Deadline | None = None, **more: Any) -> Asked:
    """A question about a route."""
    return Asked("compute.routes.get", "route r", deadline or soon(), ROUTE, **more)


def writing(deadline: Deadline | None = None) -> Asked:
    """A change of a route."""
    asked = reading(deadline, writes=True)
    asked.action = "compute.routes.insert"
    return asked


def read(clients: Clients, deadline: Deadline | None = None) -> dict[str, Any]:
    """A route."""
    with clients.compute(reading(deadline)) as compute:
        return compute.get(ROUTE)


def write(clients: Clients, deadline: Deadline | None = None) -> dict[str, Any]:
    """A new route."""
    with clients.compute(writing(deadline)) as compute:
        return compute.post(f"projects/{PROJECT}/global/routes", {"name": "r"})


def shown(headers: Mapping[str, str]) -> str:
    """The token that a request came with."""
    return headers.get("authorization", "").removeprefix("Bearer ")
