"""Refusals, as Azure words them.

Rules: an `ArmError` is raised where something is found to be wrong, and becomes the answer at the edge. The
body is `{"error": {"code", "message"}}`, with `details` where the service has them; Azure DNS alone leaves
`error` out (`flat`). Texts are those of public recordings and of Azure's own documentation, so that what
reads them can be tried here. Source: "Common API response details", Azure REST API reference; "Troubleshoot
common Azure deployment errors".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..wire import Answer
from . import answers
from .answers import Json


@dataclass(slots=True)
class ArmError(Exception):
    """One refusal; `details` are further codes with their texts, None for a body without that list."""

    status: int
    code: str
    message: str
    details: Sequence[tuple[str, str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    flat: bool = False

    def answer(self) -> Answer:
        error = body(self.code, self.message, self.details)
        return answers.json_answer(self.status, error if self.flat else {"error": error}, self.headers)


def body(code: str, message: str, details: Sequence[tuple[str, str]] | None = None) -> Json:
    """An error as it stands in an answer, or in an operation that failed."""
    error: Json = {"code": code, "message": message}
    if details is not None:
        error["details"] = [{"code": code, "message": message} for code, message in details]
    return error


def bad_request(code: str, message: str) -> ArmError:
    """How the network service refuses what cannot be."""
    return ArmError(400, code, message, ())


def retryable(code: str, message: str, retry_after: int | None) -> ArmError:
    """How the network service asks to come again: the reason is in the details."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return ArmError(429, "RetryableError", "A retryable error occured.", [(code, message)], headers)


def missing(type_: str, name: str, group: str) -> ArmError:
    text = (
        f"The Resource '{type_}/{name}' under resource group '{group}' was not found. For more details please"
        " go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", text)


def missing_child(id_: str) -> ArmError:
    return ArmError(404, "NotFound", f"Resource {id_} not found.", ())


def missing_parent(parent: str) -> ArmError:
    text = (
        f"Failed to perform 'write' on resource(s) because the parent resource '{parent}' could not be found."
    )
    return ArmError(404, "ParentResourceNotFound", text)


def etag_mismatch(sent: str, present: str, id_: str) -> ArmError:
    text = (
        f"Etag provided in if-match header {sent} does not match etag {present} of resource {id_} in NRP data"
        " store."
    )
    return ArmError(
        412, "PreconditionFailed", "Precondition failed.", [("PreconditionFailedEtagMismatch", text)]
    )


def exists(id_: str) -> ArmError:
    text = f"Resource {id_} exists already and If-None-Match was given as *."
    return ArmError(
        412, "PreconditionFailed", "Precondition failed.", [("PreconditionFailedResourceExists", text)]
    )


def throttled(retry_after: int | None) -> ArmError:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return ArmError(429, "TooManyRequests", "The request is being throttled.", None, headers)
