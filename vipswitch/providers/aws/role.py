"""Credentials of a role in another account, got and renewed with this node's own.

botocore asks a session's `credential_provider` for credentials, and these credentials to renew themselves
when they are about to expire. What goes wrong is told as a matter of the role, whatever request was on its
way when it did. Source: STS API Reference, AssumeRole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError

from vipswitch.providers.aws.asked import Asked, asking, current
from vipswitch.providers.aws.failures import translated

if TYPE_CHECKING:
    from botocore.session import Session

_SESSION_NAME = "vipswitch"


class Role:
    """A credential provider for one session: the role to assume, with the credentials of `own`."""

    def __init__(self, arn: str, external_id: str | None, own: Session) -> None:
        self._arn = arn
        self._external_id = external_id
        self._own = own

    def load_credentials(self) -> DeferredRefreshableCredentials:
        """Credentials that ask STS when they are used first, and again before they expire."""
        source = self._own.get_credentials()
        if source is None:
            raise NoCredentialsError
        external_id = {"ExternalId": self._external_id} if self._external_id else {}
        self._fetcher = AssumeRoleCredentialFetcher(
            self._own.create_client,
            source,
            self._arn,
            extra_args={"RoleSessionName": _SESSION_NAME, **external_id},
        )
        return DeferredRefreshableCredentials(self._fetch, "assume-role")

    def _fetch(self) -> dict[str, str]:
        asked = Asked("sts:AssumeRole", f"role {self._arn}", current().deadline, self._on)
        with asking(asked), translated(asked):
            return self._fetcher.fetch_credentials()

    @property
    def _on(self) -> str:
        return f"{self._arn}, and allow this node in the role's trust policy"
