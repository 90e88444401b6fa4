"""Refusals, as Google Cloud words them.

Rules: a `GcpError` is raised where something is found to be wrong, and becomes the answer at the edge, or the
error inside an operation, where the same thing is told by another code. Texts are those of public recordings
and issue reports, so that what reads them can be tried here. Sources: "Troubleshooting API errors", Compute
Engine; "Errors", Cloud DNS API; the recordings of k8s-config-connector; for single texts see the functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import responses

from ..wire import Answer
from .answers import Json, json_answer

_CODES = {
    "alreadyExists": "RESOURCE_ALREADY_EXISTS",
    "conditionNotMet": "CONDITION_NOT_MET",
    "notFound": "RESOURCE_NOT_FOUND",
    "resourceNotReady": "RESOURCE_NOT_READY",
    "invalid": "INVALID_FIELD_VALUE",
    "badRequest": "UNSUPPORTED_OPERATION",
    "forbidden": "PERMISSIONS_ERROR",
    "quotaExceeded": "QUOTA_EXCEEDED",
}


@dataclass(slots=True)
class GcpError(Exception):
    """One refusal: `reason` in the answer to a request, `code` inside an operation."""

    status: int
    reason: str
    message: str
    code: str = ""
    domain: str = "global"
    more: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Answer:
        """As the answer to a request."""
        first = {"message": self.message, "domain": self.domain, "reason": self.reason}
        error = {"code": self.status, "message": self.message, "errors": [{**first, **_located(self.more)}]}
        status = {"status": self.more["status"]} if "status" in self.more else {}
        return json_answer(self.status, {"error": {**error, **status}}, self.headers)

    def inside(self) -> Json:
        """As an operation has it."""
        code = self.code or _CODES.get(self.reason, "INTERNAL_ERROR")
        return failure(code, self.message, self.status)


def failure(code: str, message: str, status: int) -> Json:
    """What an operation that failed has more than others."""
    return {
        "error": {"errors": [{"code": code, "message": message}]},
        "httpErrorStatusCode": status,
        "httpErrorMessage": responses.get(status, "").upper(),
    }


def not_found(path: str) -> GcpError:
    return GcpError(404, "notFound", f"The resource '{path}' was not found")


def exists(path: str) -> GcpError:
    return GcpError(409, "alreadyExists", f"The resource '{path}' already exists")


def not_ready(path: str) -> GcpError:
    """Source: google-cloud-java, issue 9312."""
    return GcpError(400, "resourceNotReady", f"The resource '{path}' is not ready")


def invalid(field_: str, value: object, why: str = "") -> GcpError:
    """A field that has not got a value that could be."""
    text = f"Invalid value for field '{field_}': '{value}'."
    return GcpError(400, "invalid", f"{text} {why}".rstrip())


def required(field_: str) -> GcpError:
    return GcpError(400, "required", f"Required field '{field_}' not specified")


def bad_request(message: str) -> GcpError:
    return GcpError(400, "badRequest", message)


def unknown_field(name: str, at: str) -> GcpError:
    """How the front end refuses what no message type has; `at` is where, `''` for the top."""
    where = f" at '{at}'" if at else ""
    return GcpError(400, "badRequest", f'Invalid JSON payload received. Unknown name "{name}"{where}:'
                    " Cannot find field.")  # fmt: skip


def stale(path: str) -> GcpError:
    """A fingerprint of earlier. Source: NetworkInterface, `fingerprint`: 412 Precondition Failed."""
    text = f"Invalid fingerprint for the network interface of '{path}'."
    return GcpError(412, "conditionNotMet", text)


def in_use(address: str) -> GcpError:
    """An alias address that somebody else has. Source: compute-image-tools, pull request 659."""
    text = f"IP '{address}' is already being used by another resource."
    return GcpError(400, "invalid", text, "IP_IN_USE_BY_ANOTHER_RESOURCE")


def external_in_use(address: str) -> GcpError:
    text = f"External IP address: {address} is already in-use."
    return GcpError(400, "invalid", text, "EXTERNAL_IP_ADDRESS_IN_USE")


def forbidden(permission: str, path: str) -> GcpError:
    return GcpError(403, "forbidden", f"Required '{permission}' permission for '{path}'")


def throttled(status: int, retry_after: int | None) -> GcpError:
    """403 rateLimitExceeded, or the 429 that newer front ends send."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    text = "Rate Limit Exceeded"
    return GcpError(status, "rateLimitExceeded", text, domain="usageLimits", headers=headers)


def quota(metric: str, limit: int) -> GcpError:
    text = f"Quota '{metric}' exceeded.  Limit: {limit}.0 globally."
    return GcpError(403, "quotaExceeded", text, "QUOTA_EXCEEDED", domain="usageLimits")


def unavailable(status: int) -> GcpError:
    reason = "internalError" if status == 500 else "backendError"
    text = "Internal error" if status == 500 else "Backend Error. Please try again later."
    return GcpError(status, reason, text)


def _located(more: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in more.items() if name != "status"}
