"""A request to Resource Manager, parsed: what it is about and what it would do there.

Rules: the action is that of role definitions (`Microsoft.Network/routeTables/routes/write`); the tags of a
resource are a resource of their own below it. Source: "Azure permissions for Networking".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from ..wire import Request
from . import ids
from .answers import Json
from .errors import ArmError
from .ids import Target

_VERBS = {
    "GET": "read",
    "HEAD": "read",
    "PUT": "write",
    "PATCH": "write",
    "DELETE": "delete",
    "POST": "action",
}
_TAGS = "/providers/microsoft.resources/tags/default"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `scope` is the resource whose tags are meant, where it is about tags."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source: str
    target: Target | None
    scope: Target | None = None

    @property
    def action(self) -> str:
        """What a role must allow."""
        type_ = self.target.type if self.target else "Microsoft.Resources/subscriptions/resourceGroups"
        return f"{type_}/{_VERBS.get(self.method, 'action')}"

    @property
    def resource(self) -> str:
        """The id of what is read or written."""
        target = self.scope or self.target
        return target.id if target else self.path

    @property
    def base(self) -> str:
        """The address at which the client asked."""
        return f"https://{self.headers.get('host', 'management.azure.com')}"

    @property
    def mutating(self) -> bool:
        return self.method in ("PUT", "PATCH", "DELETE")

    @property
    def token(self) -> str | None:
        """The bearer token, None without one."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" and token.strip() else None

    def json(self) -> Json:
        """The body. Raises ArmError for what is not a JSON object."""
        try:
            body = json.loads(self.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            text = "The request content was invalid and could not be deserialized: expected a JSON object."
            raise ArmError(400, "InvalidRequestContent", text)
        return body


def parse(request: Request) -> Call:
    """Never fails: what it is about may stay None."""
    path = unquote(request.path)
    query = {name.lower(): value for name, value in parse_qsl(request.query)}
    scope = None
    target = ids.parse(path)
    if path.lower().endswith(_TAGS):
        scope = ids.parse(path[: -len(_TAGS)])
        target = Target(scope.subscription, scope.group, ids.TAGS, ("default",)) if scope else None
    return Call(request.method, path, query, request.headers, request.body, request.source, target, scope)
