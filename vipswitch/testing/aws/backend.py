"""moto as a function from a request to an answer.

Rules: one request at a time (moto has no locks of its own); an exception inside moto becomes a 500 with its
text, so that a client sees an AWS error and not a lost connection. State is reset and its ids are seeded
through moto's own control paths. Source: docs.getmoto.org, "Server mode".
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from ..wire import Answer, Request
from . import protocol

SEED = 20

# Source: docs.getmoto.org, "Configuration options".
_IMAGES = "MOTO_EC2_LOAD_DEFAULT_AMIS"

_OWN_HEADERS = ("content-length", "connection", "date")


@contextmanager
def without_images() -> Iterator[None]:
    """Spares moto its thousands of machine images, which make each start ten times as long."""
    before = os.environ.get(_IMAGES)
    os.environ[_IMAGES] = "false"
    try:
        yield
    finally:
        os.environ.pop(_IMAGES)
        os.environ |= {_IMAGES: before} if before is not None else {}


class Backend:
    """moto with nothing in it; moto keeps its state in its modules, so a second one empties the first."""

    def __init__(self, *, region: str) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app

        self._app = DomainDispatcherApplication(create_backend_app)
        self.answer(Request("POST", "/moto-api/reset"))
        self.answer(Request("POST", f"/moto-api/seed?a={SEED}"))
        self._warm(region)

    def answer(self, request: Request) -> Answer:
        """Does the work that a request asks for."""
        from werkzeug.test import run_wsgi_app

        try:
            chunks, status, headers = run_wsgi_app(self._app, _environ(request), buffered=True)
        except Exception as exc:  # the last line of defence around moto: unimplemented calls, odd parameters
            return protocol.refusal("ec2", status=500, code="InternalFailure", message=f"moto: {exc!r}")
        kept = {name: value for name, value in headers if name.lower() not in _OWN_HEADERS}
        return Answer(int(status.split()[0]), b"".join(chunks), kept)

    def _warm(self, region: str) -> None:
        """The first call in a region takes a hundred times as long as the others."""
        scope = f"AWS4-HMAC-SHA256 Credential=AKIAVIPSWITCHWARMING/20260101/{region}/ec2/aws4_request,"
        headers = {"authorization": scope, "content-type": "application/x-www-form-urlencoded"}
        self.answer(Request("POST", "/", headers, b"Action=DescribeRouteTables&Version=2016-11-15"))


def _environ(request: Request) -> dict[str, Any]:
    """The request as WSGI wants it (PEP 3333)."""
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path),
        "RAW_URI": request.target,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.source,
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return (
        {"HTTP_HOST": "localhost"}
        | environ
        | {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in request.headers.items()}
    )
