"""Sending one signed request of botocore over a pooled connection, within the deadline of what it is for.

How it works: botocore emits `before-send` and takes an answer from whoever has one. `Sender` does; it
replaces botocore's own HTTP session, whose timeouts and sockets are fixed when a client is made.
Source: botocore docs, "Events".
"""

from __future__ import annotations

import ssl
from typing import Any

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path
from botocore.utils import get_environ_proxies

from vipswitch.errors import ConfigError
from vipswitch.providers import sockets

ANSWER_S = 8.0
"""EC2 answers a route change in well under a second; later it is better to read than to wait."""


class Sender:
    """A `before-send` handler with its own connections; thread-safe. Raises urllib3's errors and TimeUp."""

    def __init__(self, *, ca_bundle: str | None) -> None:
        self._ca_bundle = ca_bundle
        self._managers: dict[tuple[bool, str | None], urllib3.PoolManager] = {}

    def __call__(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Send it and read the whole answer."""
        asked = sockets.begin(request.url)
        answer = self._manager(request.url).urlopen(
            request.method,
            request.url,
            body=request.body,
            headers=request.headers,
            timeout=sockets.timeout(asked, answer_s=ANSWER_S),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            enforce_content_length=True,
        )
        response = AWSResponse(request.url, answer.status, answer.headers, answer)  # type: ignore[arg-type]  # any mapping
        response.content  # noqa: B018  # reads it
        return response

    def _manager(self, url: str) -> urllib3.PoolManager:
        proxies = ProxyConfiguration(get_environ_proxies(url))
        proxy, tls = proxies.proxy_url_for(url), url.startswith("https:")
        if (tls, proxy) not in self._managers:
            made = self._new_manager(tls, proxy, proxies.proxy_headers_for(proxy) if proxy else None)
            return self._managers.setdefault((tls, proxy), made)
        return self._managers[tls, proxy]

    def _new_manager(self, tls: bool, proxy: str | None, headers: Any) -> urllib3.PoolManager:
        """One TLS context for all connections: reading the bundle of CAs takes longer than connecting."""
        settings: dict[str, Any] = {"maxsize": sockets.KEPT, "socket_options": sockets.OPTIONS}
        if tls:
            settings["ssl_context"] = _trusting(self._ca_bundle or get_cert_path(True))
        return sockets.pooled(
            urllib3.ProxyManager(proxy, proxy_headers=headers, **settings)
            if proxy
            else urllib3.PoolManager(**settings)
        )


def _trusting(bundle: str | None) -> ssl.SSLContext:
    """As botocore's own; urllib3 compares the host name."""
    context: ssl.SSLContext = create_urllib3_context()
    try:
        context.load_verify_locations(cafile=bundle)
    except OSError as exc:
        wrong = f"{bundle}: not a bundle of CA certificates"
        raise ConfigError(wrong, hint="see AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE and ~/.aws/config") from exc
    return context
