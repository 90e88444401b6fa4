"""Bearer tokens: given out by a metadata service or the login authority, and looked at by Resource Manager.

Rules: a token is opaque here and belongs to one client; one that was not given out here is taken as its own
client, unless `rules.strict_tokens`; one that was ends in time. Texts: Resource Manager's own 401s, which
carry `WWW-Authenticate`.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from .errors import ArmError
from .rules import Rules

LIFETIME_S = 86400.0
AUDIENCE = "https://management.azure.com"


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
            text = f"vipswitch-testing-{next(self._numbers)}"
            self._given[text] = Token(client, self._now() + self.lifetime_s)
            return text

    def expire(self) -> None:
        """Ends all tokens that were given out."""
        with self._lock:
            self._given = {text: Token(token.client, self._now()) for text, token in self._given.items()}

    def client(self, text: str | None) -> str:
        """Whose token it is. Raises ArmError for none, and for one that is not good."""
        if text is None:
            raise _unauthorised(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        with self._lock:
            found = self._given.get(text)
        if found is None and self._rules.strict_tokens:
            raise _unauthorised("InvalidAuthenticationToken", "The access token is invalid.")
        if found is not None and found.expires <= self._now():
            raise expired()
        return found.client if found else _unknown(text)


def _unknown(text: str) -> str:
    """A client's name that does not give away its token."""
    return f"client-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def expired() -> ArmError:
    text = (
        "The access token expiry UTC time '11/24/2026 7:58:17 AM' is earlier than current UTC time"
        " '11/24/2026 8:24:15 AM'."
    )
    return _unauthorised("ExpiredAuthenticationToken", text)


def _unauthorised(code: str, text: str) -> ArmError:
    challenge = (
        'Bearer authorization_uri="https://login.microsoftonline.com/", error="invalid_token",'
        f' error_description="{text}"'
    )
    return ArmError(401, code, text, None, {"WWW-Authenticate": challenge})
