"""Tokens for ARM: whose, and how they are got, within the deadline of the request that needs one.

Rules: the service principal of the config, else what azure-identity finds in the environment, else the
identity of this machine. A token is kept in memory until shortly before its end, for all clients of the
process, and never written down. A secret is read from a file that only its owner can read.

The machine's identity is asked for at the metadata service directly: azure-identity costs 50 ms to import
and repeats a question that nobody answers for 24 s. Everything else is azure-identity's, over our
connections.
Source: azure-identity docs, "Environment variables"; azure-core, SupportsTokenInfo.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.core.credentials import AccessTokenInfo
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.pipeline.transport import HttpTransport

from vipswitch.errors import ConfigError, PermissionDenied, TimeUp, Unavailable, VipswitchError
from vipswitch.providers.asked import Asked, asking, current
from vipswitch.providers.azure.api.failures import after_s, ours
from vipswitch.providers.azure.node.metadata import token
from vipswitch.providers.azure.settings import SOVEREIGN, Account
from vipswitch.providers.secret_file import secret_in

if TYPE_CHECKING:
    from azure.core.credentials import SupportsTokenInfo

_RENEWED_BEFORE_S = 300.0
_SUBJECT = "Azure credentials"
_ELSEWHERE = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "AZURE_FEDERATED_TOKEN_FILE")
"""Where one of these is set, the machine's identity is not at the metadata service."""
_PRINCIPAL = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_PASSWORD")
_AUTHORITIES = ("https://login.microsoftonline.com", *(each.authority for each in SOVEREIGN.values()))

Get = Callable[[str], AccessTokenInfo]


class Tokens:
    """A credential of azure-core; thread-safe. Raises PermissionDenied, ConfigError, Unavailable."""

    def __init__(self, account: Account, transport: HttpTransport[Any, Any]) -> None:
        self._account = account
        self._transport = transport
        self._getting = threading.Lock()
        self._get: Get | None = None
        self._token: AccessTokenInfo | None = None
        self._got_for: Asked | None = None

    def get_token_info(self, *scopes: str, options: object = None) -> AccessTokenInfo:
        """The token for ARM, the kept one while it is good."""
        with self._getting:
            if self._token is None or self._token.expires_on - time.time() < _RENEWED_BEFORE_S:
                self._token, self._got_for = self._new(), current()
            return self._token

    def refused(self, secret: str) -> bool:
        """Azure did not accept that token. Whether another may help: not if it was got for this request."""
        with self._getting:
            fresh = self._got_for is current()
            if self._token is not None and self._token.token == secret:
                self._token = None
            return not fresh

    def who(self) -> str:
        """As whom the requests are made, as far as that is said here."""
        account = self._account
        if account.tenant:
            return f"service principal {account.client_id}"
        if _in_environment(account):
            return f"service principal {os.environ.get('AZURE_CLIENT_ID', '')} of the environment"
        return f"managed identity {account.client_id or 'of this machine'}"

    def _new(self) -> AccessTokenInfo:
        """A token request is one of its own: whether it was sent says nothing of the one that needs it."""
        asked = Asked("signing in", _SUBJECT, current().deadline)
        if asked.deadline.passed():
            raise TimeUp(f"{_SUBJECT}: the deadline passed before {asked.action}")
        with asking(asked):
            try:
                self._get = self._get or self._way()
                return self._get(f"{self._account.audience}/.default")
            except ClientAuthenticationError as exc:
                raise _not_signed_in(asked, exc) from exc
            except AzureError as exc:
                raise ours(asked, exc) from exc

    def _way(self) -> Get:
        account = self._account
        if account.tenant or _in_environment(account) or any(os.environ.get(name) for name in _ELSEWHERE):
            return _credential(account, self._transport).get_token_info
        return self._of_this_machine

    def _of_this_machine(self, _: str) -> AccessTokenInfo:
        account = self._account
        found = token(account.audience, account.client_id, current().deadline)
        return AccessTokenInfo(found.secret, int(found.expires_at))


def _in_environment(account: Account) -> bool:
    """Whether the environment has a service principal; a client id in the config is another identity."""
    return account.client_id is None and any(os.environ.get(name) for name in _PRINCIPAL)


def _credential(account: Account, transport: HttpTransport[Any, Any]) -> SupportsTokenInfo:
    """What azure-identity has for it, retrying nothing. ConfigError for what it cannot use."""
    try:
        from azure import identity
    except ModuleNotFoundError as exc:
        raise ConfigError("azure-identity: not installed", hint="pip install 'vipswitch[azure]'") from exc
    common: dict[str, Any] = {"transport": transport, "retry_total": 0}
    given = {**common, **_authority(account)}
    client, tenant = account.client_id or "", account.tenant or ""
    try:
        if account.secret_file:
            secret = _secret(account.secret_file).decode(errors="replace").strip()
            return identity.ClientSecretCredential(tenant, client, secret, **given)
        if account.certificate_file:
            certificate = _secret(account.certificate_file)
            return identity.CertificateCredential(tenant, client, certificate_data=certificate, **given)
        if _in_environment(account):
            return identity.EnvironmentCredential(**given)
        return identity.ManagedIdentityCredential(client_id=account.client_id, **common)
    except (ValueError, OSError) as exc:
        raise ConfigError(f"{_SUBJECT}: {exc}", hint="see the [azure] table and AZURE_*") from exc


def _secret(file: Path) -> bytes:
    return secret_in(file, see="secret_file and certificate_file")


def _authority(account: Account) -> dict[str, Any]:
    """A stranger among the authorities is not asked about at Microsoft's."""
    given = account.gives_tokens or os.environ.get("AZURE_AUTHORITY_HOST")
    if not given:
        return {}
    known = f"https://{given.removeprefix('https://').rstrip('/')}" in _AUTHORITIES
    return {"authority": given, "disable_instance_discovery": not known}


def _not_signed_in(asked: Asked, exc: ClientAuthenticationError) -> VipswitchError:
    """What the authority said, without its trace ids; azure-identity calls everything else that, too."""
    if isinstance(exc.__cause__, VipswitchError):
        return exc.__cause__
    if isinstance(exc.__cause__, AzureError) and not isinstance(exc.__cause__, HttpResponseError):
        return ours(asked, exc.__cause__)
    said = " ".join(exc.message.split()).partition(" Trace ID:")[0].rstrip(".")
    if exc.status_code in (408, 429) or (exc.status_code or 0) >= 500:
        return Unavailable(f"{_SUBJECT}: {said}", hint="try again shortly", after_s=after_s(exc))
    return PermissionDenied(
        f"{_SUBJECT}: {said}",
        hint="renew the secret or certificate, and see to client_id and tenant in [azure]",
    )
