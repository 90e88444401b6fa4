"""The instance metadata service of one virtual machine.

Rules: every request needs `Metadata: true`, an api-version, and must not have come through a proxy; the
network part follows what the NICs now have; the NICs' ids are not told. A machine without an identity is told
so; with one it may be asked for without its client id; with several the client id must be given. `respond`
makes it unwell. Source: "Azure Instance Metadata Service"; "Use managed identities on a VM to acquire an
access token".
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl

from .. import wire
from ..wire import Answer, Reply, Request
from .answers import Json, json_answer
from .machine_documents import balancer, instance

if TYPE_CHECKING:
    from .server import AzureCloud

_NEWEST = ["2023-11-15", "2021-12-13", "2021-11-15"]


class MetadataServer:
    """Serves one machine's metadata at `url` while it is entered.

    `identities` are the client ids of the machine's identities. A bound socket given as `listener` is used,
    and closed at the end, instead of one bound to host and port.
    """

    def __init__(
        self,
        cloud: AzureCloud,
        machine_id: str,
        *,
        identities: tuple[str, ...],
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
    ) -> None:
        self.identities = identities
        self.requests: list[Request] = []
        self._cloud = cloud
        self._machine_id = machine_id
        self._address = (host, port, listener)
        self._status: int | None = None
        self._answering = threading.Event()
        self._answering.set()
        self._closing = False

    @property
    def url(self) -> str:
        """Where the service answers: a value for `AZURE_POD_IDENTITY_AUTHORITY_HOST`."""
        return self._server.url

    def respond(self, status: int | None) -> None:
        """Answers everything with 404, 410, 429, 500 or another status from now on; None: as it should."""
        self._status = status

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
        self.requests.append(request)
        self._answering.wait()
        if not self._closing:
            reply(self.handle(request))

    def handle(self, request: Request) -> Answer:
        """Answers a request."""
        if self._status is not None:
            return json_answer(self._status, {"error": "the metadata service is unwell"})
        if request.headers.get("metadata", "").lower() != "true" or "x-forwarded-for" in request.headers:
            return json_answer(400, {"error": "Bad request. Required metadata header not specified"})
        query = dict(parse_qsl(request.query))
        if "api-version" not in query:
            text = "Bad request. api-version was not specified in the request"
            return json_answer(400, {"error": text, "newest-versions": _NEWEST})
        if request.path == "/metadata/identity/oauth2/token":
            return self._token(query)
        if request.path.rstrip("/") == "/metadata/instance":
            return json_answer(200, instance(self._cloud, self._machine_id))
        if request.path.rstrip("/") == "/metadata/loadbalancer":
            found = balancer(self._cloud, self._machine_id)
            return json_answer(200, found) if found else json_answer(404, {"error": "Not found"})
        return json_answer(404, {"error": "Not found"})

    def _token(self, query: Mapping[str, str]) -> Answer:
        asked = query.get("client_id")
        if "resource" not in query:
            return _refused("Required query variable 'resource' is missing")
        if not self.identities or (asked and asked not in self.identities):
            return _refused("Identity not found")
        if asked is None and len(self.identities) > 1:
            text = (
                "Multiple user assigned identities exist, please specify the clientId / resourceId of the"
                " identity in the token request"
            )
            return _refused(text)
        client = asked or self.identities[0]
        return json_answer(200, _document(self._cloud, client, query["resource"]))


def _document(cloud: AzureCloud, client: str, resource: str) -> Json:
    """A token of a client; all values are text."""
    life, now = int(cloud.arm.tokens.lifetime_s), int(time.time())
    return {
        "access_token": cloud.token(client),
        "client_id": client,
        "expires_in": str(life),
        "expires_on": str(now + life),
        "ext_expires_in": str(life),
        "not_before": str(now),
        "resource": resource,
        "token_type": "Bearer",
    }


def _refused(text: str) -> Answer:
    return json_answer(400, {"error": "invalid_request", "error_description": text})
