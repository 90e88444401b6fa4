"""What a session of `requests` sends through: pooled connections of ours, within the deadline of the request.

Rules: who the server is, is always verified; proxies are those of the environment, and none for plain HTTP,
which only a metadata service speaks. A session with these adapters has `trust_env` off: a ~/.netrc would
replace the token.
Source: requests docs, "Transport Adapters".
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.util import create_urllib3_context

from vipswitch.errors import ConfigError
from vipswitch.providers import sockets


class Adapter(HTTPAdapter):
    """Connections that write nothing after the deadline, all with one TLS context.

    Reading the bundle of CAs takes longer than connecting. An answer is waited for at most `answer_s`.
    """

    def __init__(self, context: ssl.SSLContext | None, *, answer_s: float) -> None:
        self._own: dict[str, Any] = {"socket_options": sockets.OPTIONS, "ssl_context": context}
        self._answer_s = answer_s
        super().__init__(pool_maxsize=sockets.KEPT)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **{**more, **self._own})
        sockets.pooled(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return sockets.pooled(super().proxy_manager_for(proxy, **kwargs, **self._own))

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        return super().build_connection_pool_key_attributes(*args, **kwargs)[0], {}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The context has been told whom to trust."""

    def send(self, request: requests.PreparedRequest, *_: Any, **kwargs: Any) -> requests.Response:
        url = request.url or ""
        asked = sockets.begin(url)
        return super().send(
            request,
            stream=kwargs.get("stream", False),
            timeout=sockets.timeout(asked, answer_s=self._answer_s),  # type: ignore[arg-type]  # what it makes of a pair
            proxies=get_environ_proxies(url, no_proxy=None) if url.startswith("https://") else None,
        )


def mounted(session: requests.Session, ca_file: Path | None, *, answer_s: float, section: str) -> None:
    """Let the session send through adapters of this kind. ConfigError for a file without certificates.

    `section` is that of the config in which `ca_file` stands.
    """
    session.trust_env = False
    session.mount("https://", Adapter(_trusting(ca_file, section), answer_s=answer_s))
    session.mount("http://", Adapter(None, answer_s=answer_s))


def _trusting(ca_file: Path | None, section: str) -> ssl.SSLContext:
    """As requests would: the CAs of the config, of the environment, or the public ones."""
    environment = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    bundle = str(ca_file or environment or certifi.where())
    context = create_urllib3_context()
    try:
        if os.path.isdir(bundle):
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(cafile=bundle)
    except OSError as exc:
        wrong = f"{bundle}: not a bundle of CA certificates"
        raise ConfigError(wrong, hint=f"see ca_file in [{section}] and REQUESTS_CA_BUNDLE") from exc
    return context
