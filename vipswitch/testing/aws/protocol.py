"""What a request asks of which AWS service, and refusals in the words of that service.

EC2 and STS speak the Query protocol: `Action`, `Version` and flat parameters, form-encoded; region and
service stand in the credential scope of the signature. EC2 refuses in a `Response` document, the others in an
`ErrorResponse`.
Sources: EC2 API Reference, "Query requests" and "Error codes"; AWS General Reference, "Signature Version 4".
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

from .wire import Answer, Request

_READS = ("Describe", "Get", "List", "Assume", "Decode")
_SCOPE = re.compile(r"Credential=[^/,]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CODE = re.compile(rb"<Code>([^<]+)</Code>")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One signed call; `params` are flat, as on the wire, without `Action` and `Version`."""

    service: str
    region: str
    action: str
    params: Mapping[str, str]
    source: str

    @property
    def mutating(self) -> bool:
        """Whether success changes something; a dry run never does."""
        return not self.action.startswith(_READS) and self.params.get("DryRun", "false").lower() != "true"


def parse(request: Request) -> ApiRequest | None:
    """The call in a request, or None for what is not a signed Query call (moto's own `/moto-api`, say).

    A REST service (Route 53) would be told by its path, here.
    """
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    params = dict(parse_qsl(request.body.decode(errors="replace") or request.query, keep_blank_values=True))
    action = params.pop("Action", None)
    if scope is None or action is None:
        return None
    params.pop("Version", None)
    return ApiRequest(scope["service"], scope["region"], action, MappingProxyType(params), request.source)


def refusal(service: str, *, status: int, code: str, message: str) -> Answer:
    """An error answer that botocore reads as this code and message."""
    error = f"<Code>{code}</Code><Message>{_escaped(message)}</Message>"
    id_ = uuid.uuid4()
    if service == "ec2":
        xml = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{id_}</RequestID></Response>"
    else:
        xml = f"<ErrorResponse><Error>{error}</Error><RequestId>{id_}</RequestId></ErrorResponse>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def error_code(answer: Answer) -> str | None:
    """The error code that an answer carries, None if it is a success."""
    found = _CODE.search(answer.body) if answer.status >= 400 else None
    return found[1].decode() if found else None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
