"""Credentials of a role in another account, got and renewed with this node's own.

botocore asks a session's `credential_provider` for credentials, and these credentials to renew themselves
when they are about to expire. What goes wrong is told as a matter of the role, whatever request was on its
way when it did. Source: STS API Reference, AssumeRole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError

from vipswitch.providers.asked import Asked, asking, current
from vipswitch.providers.aws.api.failures import translated

if TYPE_CHECKING:
    from botocore.session import Session

_SESSION_NAME = "vipswitch"


class Role:
    """A credential provider for one session: the role to assume, with the credentials of `own`."""

    def __init__(
        self, arn: str, own: Session, *, external_id: str | None, tags: Sequence[tuple[str, str]]
    ) -> None:
        self._arn = arn
        self._own = own
        self._given: dict[str, object] = {"RoleSessionName": _SESSION_NAME}
        if external_id:
            self._given["ExternalId"] = external_id
        if tags:
            self._given["Tags"] = [{"Key": key, "Value": value} for key, value in tags]

    def load_credentials(self) -> DeferredRefreshableCredentials:
        """Credentials that ask STS when they are used first, and again before they expire."""
        source = self._own.get_credentials()
        if source is None:
            raise NoCredentialsError
        self._fetcher = AssumeRoleCredentialFetcher(
            self._own.create_client, source, self._arn, extra_args=self._given
        )
        return DeferredRefreshableCredentials(self._fetch, "assume-role")

    def _fetch(self) -> dict[str, str]:
        asked = Asked("sts:AssumeRole", f"role {self._arn}", current().deadline, self._on)
        with asking(asked), translated(asked):
            return self._fetcher.fetch_credentials()

    @property
    def _on(self) -> str:
        return f"{self._arn}, and allow this node in the role's trust policy"
