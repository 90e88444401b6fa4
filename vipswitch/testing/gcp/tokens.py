"""Access tokens: given out by the metadata server, the token endpoint or IAM, and looked at by the APIs.

Rules: a token is opaque here and belongs to one client, a service account's address; one that was not given
out here is taken as its own client, unless `rules.strict_tokens`; one that was ends in time. Texts: Google's
front end.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .errors import GcpError
from .rules import Rules

LIFETIME_S = 3599.0


@dataclass(frozen=True, slots=True)
class Token:
    """Whose a token is, and until when (by the cloud's clock)."""

    client: str
    expires: float


class Tokens:
    """The tokens of one cloud; may be asked from any thread."""

    def __init__(self, rules: Rules, now: Callable[[], float]) -> None:
        self.lifetime_s = LIFETIME_S
        self._rules = rules
        self._now = now
        self._given: dict[str, Token] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def give(self, client: str) -> str:
        """A new token of a client."""
        with self._lock:
            text = f"ya29.vipswitch-testing-{next(self._numbers)}"
            self._given[text] = Token(client, self._now() + self.lifetime_s)
            return text

    def expire(self) -> None:
        """Ends all tokens that were given out."""
        with self._lock:
            self._given = {text: Token(token.client, self._now()) for text, token in self._given.items()}

    def client(self, text: str | None) -> str:
        """Whose token it is. Raises GcpError for none, and for one that is not good."""
        if text is None:
            raise _unauthorised("required", "Request is missing required authentication"
                                " credential. Expected OAuth 2 access token, login cookie or other valid"
                                " authentication credential.")  # fmt: skip
        with self._lock:
            found = self._given.get(text)
        if found is None and self._rules.strict_tokens:
            raise expired()
        if found is not None and found.expires <= self._now():
            raise expired()
        return found.client if found else _unknown(text)


def _unknown(text: str) -> str:
    """A client's name that does not give away its token."""
    return f"client-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def expired() -> GcpError:
    text = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other"
        " valid authentication credential."
    )
    return _unauthorised("authError", text)


def _unauthorised(reason: str, text: str) -> GcpError:
    where = {"location": "Authorization", "locationType": "header", "status": "UNAUTHENTICATED"}
    headers = {"WWW-Authenticate": f'Bearer realm="https://accounts.google.com/", error="{reason}"'}
    return GcpError(401, reason, text, more=where, headers=headers)
