"""A request, parsed: which method is meant, on what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from ..wire import Request
from . import fields, methods
from .answers import Json
from .errors import GcpError
from .methods import Method

_OF_INSTANCES = ("updateNetworkInterface", "addAccessConfig", "deleteAccessConfig", "setLabels")
_VERBS = frozenset(("wait", "testIamPermissions", *_OF_INSTANCES))
_VERSION = re.compile(r"/(compute|dns)/v1/")


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `names` are those in its path."""

    verb: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source: str
    method: Method | None
    names: Mapping[str, str]

    @property
    def action(self) -> str:
        """The method, as the discovery document calls it."""
        return self.method.id if self.method else ""

    @property
    def resource(self) -> str:
        """The path of what is read or written, from `projects/` on; for an insert, of what is to be."""
        path = _VERSION.sub("", self.path, count=1)
        if self.action == "compute.routes.insert":
            return f"{path}/{self._name()}"
        last = path.replace(":", "/").rpartition("/")
        return last[0] if last[2] in _VERBS else path

    @property
    def mutating(self) -> bool:
        return self.method is not None and self.method.mutating

    @property
    def token(self) -> str | None:
        """The bearer token, None without one."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" and token.strip() else None

    def json(self) -> Json:
        """The body, of the type that the method takes. Raises GcpError for another."""
        try:
            body = json.loads(self.body) if self.body else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise GcpError(400, "parseError", "Parse Error")
        if self.method and self.method.takes:
            fields.check(body, self.method.takes)
        return body

    def _name(self) -> str:
        try:
            return str(json.loads(self.body).get("name", ""))
        except (ValueError, AttributeError):
            return ""


def parse(request: Request) -> Call:
    """Never fails: the method may stay unknown."""
    found = methods.find(request.method, request.path)
    method, names = found or (None, {})
    names = {name: unquote(value) for name, value in names.items()}
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    path = unquote(request.path)
    return Call(request.method, path, query, request.headers, request.body, request.source, method, names)
