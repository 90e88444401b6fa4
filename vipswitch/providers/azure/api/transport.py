"""Sending one request of azure-core over a pooled connection, within the deadline of what it is for.

Rules: nothing is retried and no redirect followed, so that a token goes nowhere but to the host it was meant
for; who the server is, is always verified. Proxies are those of the environment; a ~/.netrc is not looked at,
because it would replace the token.

How it works: azure-core's own transport over requests, with an adapter whose connections are ours.
Source: azure-core, RequestsTransport; requests docs, "Transport Adapters".
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import certifi
import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.util import create_urllib3_context

from vipswitch.errors import ConfigError
from vipswitch.providers import sockets

ANSWER_S = 15.0
"""ARM takes a write and answers in a second or two; it has been seen to take ten."""


def transport(ca_file: Path | None) -> RequestsTransport:
    """One for all clients; thread-safe. ConfigError for a file that has no certificates."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _Adapter(_trusting(ca_file)))
    session.mount("http://", _Adapter(None))
    return RequestsTransport(session=session, session_owner=False)


class _Adapter(HTTPAdapter):
    """Connections that write nothing after the deadline, all with one TLS context.

    Reading the bundle of CAs takes longer than connecting.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._own: dict[str, Any] = {"socket_options": sockets.OPTIONS, "ssl_context": context}
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
        asked = sockets.begin(request.url or "")
        return super().send(
            request,
            stream=kwargs.get("stream", False),
            timeout=sockets.timeout(asked, answer_s=ANSWER_S),  # type: ignore[arg-type]  # what it makes of a pair
            proxies=get_environ_proxies(request.url or "", no_proxy=None),
        )


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
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
        raise ConfigError(wrong, hint="see ca_file in [azure] and REQUESTS_CA_BUNDLE") from exc
    return context
