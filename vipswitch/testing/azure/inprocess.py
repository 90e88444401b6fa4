"""A transport for Azure's SDKs that calls the cloud without any network.

    client = NetworkManagementClient(credential, cloud.subscription, transport=InProcessTransport(cloud))

Rules: the SDK's own requests and responses, so that all of its pipeline is tried; a dropped connection is the
error that it would be over a network. For tests that explore thousands of schedules.
"""

from __future__ import annotations

from collections.abc import Iterator
from http.client import responses
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urlsplit

from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.core.rest._http_response_impl import HttpResponseImpl
from azure.core.utils import case_insensitive_dict

from ..armed import Drop
from ..wire import Answer, Request


class Answers(Protocol):
    """A cloud, or what stands before one."""

    def handle(self, asked: Request) -> Answer:
        """Raises Drop where the connection is to be closed without an answer."""
        ...


class InProcessTransport(HttpTransport[HttpRequest, HttpResponse]):
    """Hands requests to a cloud, from `source`."""

    def __init__(self, cloud: Answers, *, source: str = "127.0.0.1") -> None:
        self._cloud = cloud
        self._source = source

    def send(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            answer = self._cloud.handle(_asked(request, self._source))
        except Drop as dropped:
            raise ServiceResponseError(
                "the connection was closed without an answer", error=dropped
            ) from dropped
        return _response(request, answer)

    def open(self) -> None:
        """There is nothing to open."""

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> InProcessTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _asked(request: HttpRequest, source: str) -> Request:
    url = urlsplit(request.url)
    target = f"{url.path}?{url.query}" if url.query else url.path
    headers = {name.lower(): value for name, value in request.headers.items()}
    content = request.content or b""
    body = content if isinstance(content, bytes) else str(content).encode()
    return Request(request.method, target, {"host": url.netloc, **headers}, body, source)


def _response(request: HttpRequest, answer: Answer) -> HttpResponse:
    def stream(*_: object, **__: object) -> Iterator[bytes]:
        return iter([answer.body])

    response = HttpResponseImpl(
        request=request,
        internal_response=BytesIO(answer.body),
        status_code=answer.status,
        reason=responses.get(answer.status, ""),
        content_type=answer.headers.get("Content-Type", ""),
        headers=case_insensitive_dict(answer.headers),
        stream_download_generator=stream,
    )
    response.read()
    return response
