"""Tokens for Google's APIs: whose, and how they are got, within the deadline of the request that needs one.

Rules: the file of the config, else that of GOOGLE_APPLICATION_CREDENTIALS, else the service account of this
instance; whichever it is, acting as another service account where the config says so. A token is kept in
memory until shortly before its end, for all requests of the process, and never written down. The file of the
config is one that only its owner can read.

The instance's token is asked for at the metadata service directly: google-auth looks for the service first
where it is not told of a file, asks two questions for one token, by a name that needs DNS, and repeats each
for 15 s. Everything else is google-auth's, over our connections.
Source: google-auth docs, "User Guide"; Google Cloud docs, "How Application Default Credentials works".
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport import Request

from vipswitch.errors import ConfigError, PermissionDenied, TimeUp, VipswitchError
from vipswitch.providers.asked import Asked, asking, current
from vipswitch.providers.gcp.api.failures import ours
from vipswitch.providers.gcp.node import metadata
from vipswitch.providers.gcp.settings import Account
from vipswitch.providers.secret_file import secret_in

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

_SUBJECT = "Google Cloud credentials"
_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_LIFE_S = 3600


class Tokens(Credentials):
    """A credential for AuthorizedSession, over the one that is configured; thread-safe.

    Whoever needs a token while another thread is getting one has that one. Raises PermissionDenied,
    ConfigError, Unavailable.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._account = account
        self._getting = threading.Lock()
        self._source: Credentials | None = None

    def refresh(self, request: Request) -> None:
        """Another token than the one that is kept now."""
        spent = self.token
        with self._getting:
            if self.token == spent:
                self._refresh(request)

    def apply(self, headers: dict[str, str], token: str | None = None) -> None:
        """The header with the token, and whatever else belongs to the credential."""
        if self._source is not None:
            self._source.apply(headers, token)

    def who(self) -> str:
        """As whom the requests are made, when a token was got for it."""
        of_instance = isinstance(self._source, OfInstance)
        email = metadata.account(current().deadline) if of_instance else self._account.impersonate
        email = email or getattr(self._source, "service_account_email", None)
        return f"service account {email}" if email else f"the account in {_file(self._account)}"

    def _refresh(self, request: Request) -> None:
        """A token request is one of its own: whether it was sent says nothing of the one that needs it."""
        asked = Asked("signing in", _SUBJECT, current().deadline)
        if asked.deadline.passed():
            raise TimeUp(f"{_SUBJECT}: the deadline passed before {asked.action}")
        with asking(asked):
            source = self._source = self._source or _source(self._account)
            try:
                source.refresh(request)
            except RefreshError as exc:
                raise _not_signed_in(self._account, exc) from exc
            except GoogleAuthError as exc:
                raise ours(asked, exc) from exc
        self.token, self.expiry = source.token, source.expiry


class OfInstance(Credentials):
    """The service account of this instance."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def refresh(self, request: Request) -> None:
        found = metadata.token(current().deadline)
        self.token = found.secret
        self.expiry = datetime.fromtimestamp(found.expires_at, UTC).replace(tzinfo=None)


def _source(account: Account) -> Credentials:
    """The credential that is configured. ConfigError for a file that cannot be used."""
    file = _file(account)
    source = _in(file, private=account.credentials_file is not None) if file else OfInstance()
    return _impersonating(account, source) if account.impersonate else source


def _file(account: Account) -> Path | None:
    given = os.environ.get(_VARIABLE)
    return account.credentials_file or (Path(given) if given else None)


def _in(file: Path, *, private: bool) -> Credentials:
    try:
        raw = secret_in(file, see="credentials_file") if private else file.read_bytes()
        document = json.loads(raw)
        return _loaded(document)
    except OSError as exc:
        raise ConfigError(f"{file}: {exc.strerror}", hint=f"see {_VARIABLE}") from exc
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError) as exc:
        raise ConfigError(
            f"{file}: holds no credentials of Google Cloud",
            hint="create it with `gcloud iam service-accounts keys create`, or"
            " `gcloud iam workload-identity-pools create-cred-config`",
        ) from exc


def _loaded(document: Mapping[str, Any]) -> Credentials:
    """By the type that the file says of itself; each module is imported only where it is needed."""
    module, maker, scopes = _MAKERS[_kind(document)]
    make = getattr(import_module(f"google.{module}").Credentials, maker)
    found: Credentials = make(document, **({"scopes": [SCOPE]} if scopes else {}))
    return found


def _kind(document: Mapping[str, Any]) -> str:
    """Of external accounts there are several; told apart as google-auth does."""
    kind = str(document["type"])
    if kind != "external_account":
        return kind
    if document["subject_token_type"] == "urn:ietf:params:aws:token-type:aws4_request":
        return "external_account of AWS"
    program = (document.get("credential_source") or {}).get("executable")
    return "external_account of a program" if program else kind


_MAKERS = {
    "service_account": ("oauth2.service_account", "from_service_account_info", True),
    "authorized_user": ("oauth2.credentials", "from_authorized_user_info", False),
    "impersonated_service_account": (
        "auth.impersonated_credentials",
        "from_impersonated_service_account_info",
        True,
    ),
    "external_account": ("auth.identity_pool", "from_info", True),
    "external_account of AWS": ("auth.aws", "from_info", True),
    "external_account of a program": ("auth.pluggable", "from_info", True),
}
"""The module of google-auth for each kind of file, its class's constructor, and whether that takes scopes."""


def _impersonating(account: Account, source: Credentials) -> Credentials:
    from google.auth import impersonated_credentials

    who = account.impersonate
    url = f"{account.root('iamcredentials')}/v1/projects/-/serviceAccounts/{who}:generateAccessToken"
    return impersonated_credentials.Credentials(
        source, who, [SCOPE], lifetime=_LIFE_S, iam_endpoint_override=url
    )


def _not_signed_in(account: Account, exc: RefreshError) -> VipswitchError:
    """What Google said; for whom it may be told as well, where one acts as another."""
    hint = "see whether the service account and its key still exist, and to the clock of this machine"
    if account.impersonate:
        hint = f"grant roles/iam.serviceAccountTokenCreator on {account.impersonate} to the account below it"
    return PermissionDenied(f"{_SUBJECT}: {_told(exc)}", hint=hint)


def _told(exc: RefreshError) -> str:
    """The message, and the one inside the answer that came with it."""
    message, *more = [str(arg) for arg in exc.args] or ["refused"]
    try:
        inner = json.loads(more[0])["error"]["message"] if more else ""
    except (ValueError, KeyError, TypeError):
        inner = ""
    return ": ".join(filter(None, (" ".join(message.split()).rstrip("."), str(inner).rstrip("."))))
