"""The login authority: tokens for service principals.

Rules: `/{tenant}/v2.0/.well-known/openid-configuration` says where tokens are asked for, and
`/{tenant}/oauth2/v2.0/token` gives them to a client with its secret, or with an assertion that it has signed
(taken without looking at the signature). Codes and texts: "Microsoft Entra authentication and authorization
error codes". Source: "OAuth 2.0 client credentials flow".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from ..wire import Answer, Request
from .answers import Json, json_answer
from .tokens import Tokens

TENANT = "00000000-0000-0000-0000-0000000000ee"


@dataclass(frozen=True, slots=True)
class Principal:
    """A service principal, or a managed identity without a secret."""

    client_id: str
    secret: str | None = None


class Login:
    """The authority of one tenant."""

    def __init__(self, tokens: Tokens) -> None:
        self.tenant = TENANT
        self.principals: dict[str, Principal] = {}
        self._tokens = tokens
        self._status: int | None = None

    def add(self, client_id: str, secret: str) -> None:
        """Makes a client known."""
        self.principals[client_id.lower()] = Principal(client_id, secret)

    def respond(self, status: int | None) -> None:
        """Answers everything with 429, 500 or another status from now on; None: as it should."""
        self._status = status

    def handle(self, asked: Request) -> Answer:
        """Answers a request that is not Resource Manager's."""
        if self._status is not None:
            return json_answer(self._status, {"error": "temporarily_unavailable", "error_codes": [90033]})
        tenant, _, rest = asked.path.strip("/").partition("/")
        base = f"https://{asked.headers.get('host', 'login.microsoftonline.com')}"
        if asked.path.endswith("/discovery/instance"):
            return json_answer(
                200, {"tenant_discovery_endpoint": _discovery(base, self.tenant), "metadata": []}
            )
        if rest.endswith(".well-known/openid-configuration"):
            return json_answer(200, _configuration(base, tenant))
        if rest.endswith("oauth2/v2.0/token") and asked.method == "POST":
            return self._token(tenant, dict(parse_qsl(asked.body.decode())))
        return json_answer(404, {"error": "not_found"})

    def _token(self, tenant: str, form: Mapping[str, str]) -> Answer:
        if tenant.lower() != self.tenant:
            return _refused(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
        principal = self.principals.get(form.get("client_id", "").lower())
        if principal is None:
            text = f"Application with identifier '{form.get('client_id')}' was not found in the directory."
            return _refused(400, "unauthorized_client", 700016, text)
        if form.get("client_secret") != principal.secret and not form.get("client_assertion"):
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        life = int(self._tokens.lifetime_s)
        token = self._tokens.give(principal.client_id)
        return json_answer(
            200, {"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token}
        )


def _discovery(base: str, tenant: str) -> str:
    return f"{base}/{tenant}/v2.0/.well-known/openid-configuration"


def _configuration(base: str, tenant: str) -> Json:
    return {
        "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/devicecode",
        "issuer": f"{base}/{tenant}/v2.0",
    }


def _refused(status: int, error: str, code: int, text: str) -> Answer:
    description = f"AADSTS{code}: {text}"
    return json_answer(status, {"error": error, "error_description": description, "error_codes": [code]})
