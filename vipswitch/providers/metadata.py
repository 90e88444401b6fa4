"""One conversation with a cloud's metadata service, which every machine has at an address of its own.

Rules: never through a proxy; two failures end the conversation, so that a service that is not there costs
less than two seconds.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable

_ATTEMPTS = 2
_TIMEOUT_S = 0.8


class Conversation:
    """Requests to the service at `url`. Raises Unavailable; `hint` says what to do without the service."""

    def __init__(self, url: str, deadline: Deadline, *, hint: str) -> None:
        self._address = _address(url, hint)
        self._deadline = deadline
        self._hint = hint
        self._failures = 0

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and body of the answer."""
        while True:
            try:
                return self._once(method, path, headers)
            except (OSError, http.client.HTTPException) as exc:
                self._failures += 1
                if self._failures >= _ATTEMPTS or self._deadline.passed():
                    raise Unavailable("metadata service: unreachable", hint=self._hint) from exc

    def _once(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        host, port = self._address
        timeout = max(self._deadline.capped(_TIMEOUT_S), 0.001)
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request(method, path, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()


def good(status: int, body: str, *, hint: str) -> str:
    """The body of an answer of status 200. Unavailable for any other."""
    if status != 200:
        raise Unavailable(f"metadata service: answered with status {status}", hint=hint)
    return body


def _address(url: str, hint: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or 80
    except ValueError as exc:
        raise ConfigError(f"metadata service: {url} is not a URL", hint=hint) from exc
