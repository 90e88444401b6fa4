"""A transport for `requests`, and so for google-auth's sessions, that calls the cloud without any network.

    session = AuthorizedSession(credentials)
    session.mount("https://", InProcessAdapter(cloud))

Rules: the client's own requests and responses, so that all of it is tried; a dropped connection is the error
that it would be over a network. For tests that explore thousands of schedules.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import RemoteDisconnected, responses
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as Disconnected
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ProtocolError

from ..armed import Drop
from ..wire import Answer, Request


class Answers(Protocol):
    """A cloud, or what stands before one."""

    def handle(self, asked: Request) -> Answer:
        """Raises Drop where the connection is to be closed without an answer."""
        ...


class InProcessAdapter(BaseAdapter):
    """Hands requests to a cloud, or to a metadata server, from `source`."""

    def __init__(self, cloud: Answers, *, source: str = "127.0.0.1") -> None:
        super().__init__()
        self._cloud = cloud
        self._source = source

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        try:
            answer = self._cloud.handle(_asked(request, self._source))
        except Drop as dropped:
            reason = RemoteDisconnected("Remote end closed connection without response")
            raise Disconnected(ProtocolError("Connection aborted.", reason), request=request) from dropped
        return _response(request, answer)

    def close(self) -> None:
        """There is nothing to close."""


def _asked(request: PreparedRequest, source: str) -> Request:
    url = urlsplit(str(request.url))
    target = f"{url.path}?{url.query}" if url.query else url.path
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    content = request.body or b""
    body = content if isinstance(content, bytes) else str(content).encode()
    return Request(str(request.method), target, {"host": url.netloc, **headers}, body, source)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _response(request: PreparedRequest, answer: Answer) -> Response:
    response = Response()
    response.status_code = answer.status
    response.reason = responses.get(answer.status, "")
    response.headers = CaseInsensitiveDict(answer.headers)
    response.raw = BytesIO(answer.body)
    response.encoding = "utf-8"
    response.url = str(request.url)
    response.request = request
    response.content  # noqa: B018  # reads it
    return response
