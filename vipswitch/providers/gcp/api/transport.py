"""Sending requests to Google's APIs over pooled connections, within the deadline of what they are for.

Rules: nothing is retried and no redirect followed, so that a token goes nowhere but to the host it was meant
for. A token that was kept and is refused is asked for anew, once: a request that Google did not let in has
changed nothing. A token is asked for once as well: google-auth itself would sleep and ask again where an
answer says that it may, so such an answer does not get back to it.
Source: google-auth docs, AuthorizedSession, google.auth.transport.Request.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
from google.auth import transport
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import BaseAdapter

import vipswitch
from vipswitch.errors import Unavailable
from vipswitch.providers.asked import current
from vipswitch.providers.foreign import retry_after_s
from vipswitch.providers.gcp.api.failures import translated
from vipswitch.providers.http_adapter import mounted

ANSWER_S = 15.0
"""Compute Engine takes a write and answers in a second or two."""


def plain(ca_file: Path | None, through: BaseAdapter | None) -> requests.Session:
    """A session that knows no token; thread-safe. ConfigError for a file that has no certificates."""
    session = requests.Session()
    if through is None:
        mounted(session, ca_file, answer_s=ANSWER_S, section="gcp")
    else:
        session.mount("https://", through)
    return session


def authorized(credentials: Credentials, once: Once) -> AuthorizedSession:
    """A session whose requests carry a token, over the connections that the tokens are asked for over."""
    session = AuthorizedSession(credentials, max_refresh_attempts=1, auth_request=once)
    session.trust_env = False
    session.adapters = once.session.adapters
    session.headers["User-Agent"] = f"vipswitch/{vipswitch.__version__}"
    return session


class Once(transport.Request):
    """What google-auth asks for tokens through. Raises our errors where another attempt might help."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Response:
        asked = current()
        with translated(asked):
            answer = self.session.request(method, url, data=body, headers=headers, allow_redirects=False)
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise Unavailable(
                f"{asked.subject}: {asked.endpoint} answered with status {answer.status_code}",
                hint="try again shortly",
                after_s=retry_after_s(answer.headers.get("Retry-After", "")),
            )
        return _Response(answer)


class _Response(transport.Response):
    """An answer as google-auth wants it."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content
