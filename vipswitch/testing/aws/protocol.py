"""What a request asks of which AWS service, and refusals in the words of that service.

EC2 and STS speak the Query protocol: `Action`, `Version` and flat parameters, form-encoded. Route 53 is a
REST service (`route53`). Region and service stand in the credential scope of the signature; Route 53's region
is us-east-1. EC2 refuses in a `Response` document, the others in an `ErrorResponse`; Route 53 does so for
InvalidChangeBatch too, although its model has another document, from which botocore reads neither code nor
text.
Sources: EC2 API Reference, "Query requests" and "Error codes"; Route 53 API Reference, "Common errors"; AWS
General Reference, "Signature Version 4"; an InvalidChangeBatch in github.com/boto/boto/issues/2887.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

from ..wire import Answer, Request
from . import route53
from .route53 import ApiCall, RecordChange

ROUTE53 = "route53"

_READS = ("Describe", "Get", "List", "Assume", "Decode")
_SCOPE = re.compile(
    r"Credential=(?P<access_key>[^/,]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_ABOUT = ("RouteTableId", "NetworkInterfaceId", "AllocationId", "AssociationId", "HostedZoneId")
_CODE = re.compile(rb"<Code>([^<]+)</Code>")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One signed call; `params` are flat, as on the wire, without `Action` and `Version`.

    A Route 53 call has its path's, query's and body's parameters under their API names: `HostedZoneId`,
    `StartRecordName`, `VPC.VPCId`, `AddTags.1.Key`; GetChange has `Id`. A change batch has `HostedZoneId`,
    `Comment` and, from 1 on, `Changes.1.Action`, `.Name` (as sent), `.Type`, `.TTL`, `.Values` (joined by a
    comma and a space) and `.SetIdentifier`; the same is in `changes`, typed and with IAM's
    `normalized_name`.
    """

    service: str
    region: str
    action: str
    params: Mapping[str, str]
    source: str
    access_key: str = ""
    changes: tuple[RecordChange, ...] = ()

    @property
    def resource(self) -> str:
        """The id of what it is about, as far as faults ask for it."""
        return next((self.params[name] for name in _ABOUT if name in self.params), "")

    @property
    def mutating(self) -> bool:
        """Whether success changes something; a dry run never does."""
        return not self.action.startswith(_READS) and self.params.get("DryRun", "false").lower() != "true"


def parse(request: Request) -> ApiRequest | None:
    """The call in a request, or None for what is not a signed call (moto's own `/moto-api`, say)."""
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    if scope is None:
        return None
    call = route53.parse(request) if scope["service"] == ROUTE53 else _query(request)
    if call is None:
        return None
    return ApiRequest(
        scope["service"],
        scope["region"],
        call.action,
        MappingProxyType(dict(call.params)),
        request.source,
        scope["access_key"],
        call.changes,
    )


def refusal(service: str, *, status: int, code: str, message: str) -> Answer:
    """An error answer that botocore reads as this code and message."""
    error = f"<Code>{code}</Code><Message>{_escaped(message)}</Message>"
    id_ = uuid.uuid4()
    if service == "ec2":
        xml = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{id_}</RequestID></Response>"
    else:
        fault = f"<Type>{'Sender' if status < 500 else 'Receiver'}</Type>"
        xml = f"<ErrorResponse><Error>{fault}{error}</Error><RequestId>{id_}</RequestId></ErrorResponse>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'
    return Answer(status, body.encode(), {"Content-Type": "text/xml"})


def error_code(answer: Answer) -> str | None:
    """The error code that an answer carries, None if it is a success."""
    found = _CODE.search(answer.body) if answer.status >= 400 else None
    return found[1].decode() if found else None


def _query(request: Request) -> ApiCall | None:
    """A call of the Query protocol."""
    params = dict(parse_qsl(request.body.decode(errors="replace") or request.query, keep_blank_values=True))
    action = params.pop("Action", None)
    params.pop("Version", None)
    return None if action is None else ApiCall(action, params)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
