"""The metadata server of one instance.

Rules: every request needs `Metadata-Flavor: Google` (403 without), every answer has it, and none may have
come through a proxy; a directory is asked for with its slash, or as JSON with `recursive=true`. The account's
token is in no recursive answer. `respond` makes it unwell. Source: "About VM metadata" and "View and query VM
metadata", Compute Engine.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, unquote

from .. import wire
from ..wire import Answer, Reply, Request
from . import metadata_tree

if TYPE_CHECKING:
    from .server import GcpCloud

_ROOT = "/computeMetadata/v1"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class MetadataServer:
    """Serves one instance's metadata at `url` while it is entered.

    `account` is the instance's service account, none if empty. A bound socket given as `listener` is used,
    and closed at the end, instead of one bound to host and port.
    """

    def __init__(
        self,
        cloud: GcpCloud,
        instance: str,
        *,
        account: str,
        scopes: tuple[str, ...] = SCOPES,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
    ) -> None:
        self.account = account
        self.scopes = scopes
        self.requests: list[Request] = []
        self._cloud = cloud
        self._instance = instance
        self._address = (host, port, listener)
        self._status: int | None = None
        self._answering = threading.Event()
        self._answering.set()
        self._closing = False

    @property
    def url(self) -> str:
        """Where the server answers."""
        return self._server.url

    @property
    def host(self) -> str:
        """The same as a value for `GCE_METADATA_HOST`."""
        return self.url.removeprefix("http://")

    def respond(self, status: int | None) -> None:
        """Answers everything with 404, 429, 500 or another status from now on; None: as it should."""
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
            return _text(self._status, "the metadata server is unwell")
        if request.path in ("", "/"):
            return _text(200, "computeMetadata/\n")
        flavored = request.headers.get("metadata-flavor", "").lower() == "google"
        if not flavored or "x-forwarded-for" in request.headers:
            return _text(403, "Missing Metadata-Flavor:Google header.", flavor=False)
        path = unquote(request.path)
        if path.rstrip("/") != _ROOT and not path.startswith(f"{_ROOT}/"):
            return _text(404, "Not Found")
        query = dict(parse_qsl(request.query))
        return self._answer(path, [part for part in path[len(_ROOT) :].split("/") if part], query)

    def _answer(self, path: str, parts: list[str], query: Mapping[str, str]) -> Answer:
        root = self._tree()
        if parts[-1:] == ["token"] and self._has(root, parts[:-1]):
            return _json(200, self._token())
        try:
            found = metadata_tree.at(root, parts)
        except (LookupError, TypeError, ValueError):
            return _text(404, "Not Found")
        if not isinstance(found, dict | list):
            return _json(200, found) if query.get("alt") == "json" else _text(200, str(found))
        if query.get("recursive", "").lower() == "true":
            return _json(200, metadata_tree.camel(found))
        if parts[-1:] in (["scopes"], ["aliases"], ["tags"]):
            return _text(200, "\n".join(found))
        if not path.endswith("/"):
            return Answer(301, b"", {"Location": f"{path}/", **_FLAVOR})
        return _text(200, metadata_tree.listing(found))

    def _tree(self) -> metadata_tree.Tree:
        cloud = self._cloud
        with cloud.api.working:
            cloud.api.store.operations.settle()
            return metadata_tree.tree(
                cloud.api.store,
                self._instance,
                account=self.account,
                scopes=self.scopes,
                project=self._instance.split("/")[1],
            )

    def _has(self, root: metadata_tree.Tree, parts: list[str]) -> bool:
        return (
            parts[:2] == ["instance", "service-accounts"] and parts[2] in root["instance"]["service-accounts"]
        )

    def _token(self) -> dict[str, Any]:
        life = int(self._cloud.api.tokens.lifetime_s)
        token = self._cloud.token(self.account)
        return {"access_token": token, "expires_in": life, "token_type": "Bearer"}


_FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}


def _text(status: int, text: str, *, flavor: bool = True) -> Answer:
    headers = {"Content-Type": "application/text", **_tagged(text)}
    return Answer(status, text.encode(), {**headers, **(_FLAVOR if flavor else {})})


def _json(status: int, found: object) -> Answer:
    text = json.dumps(found)
    return Answer(status, text.encode(), {"Content-Type": "application/json", **_tagged(text), **_FLAVOR})


def _tagged(text: str) -> dict[str, str]:
    return {"ETag": hashlib.sha256(text.encode()).hexdigest()[:16]}
