"""Errors of Google's APIs and of what carries them become ours here.

How it works: an answer that is an error has reasons, a status, and an HTTP status; an operation that failed
has codes, and an HTTP status of its own; everything else has a class. One table says what each name means,
for all of them; the first row that matches counts. What no row matches is refused if Google said it,
unanswered if the network did.
Source: Compute Engine API reference, "Operation"; Google Cloud APIs, "Errors"; Cloud DNS API, "Errors".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.auth.exceptions import GoogleAuthError
from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from vipswitch.errors import VipswitchError
from vipswitch.providers.asked import Asked
from vipswitch.providers.foreign import innermost, retry_after_s
from vipswitch.providers.gcp.api import meanings as means
from vipswitch.providers.meanings import Said, Table, conflict, meant, too_many


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Errors of requests, urllib3 and google-auth that are raised inside leave as ours."""
    try:
        yield
    except (RequestException, HTTPError, GoogleAuthError) as exc:
        raise ours(asked, exc) from exc


def ours(asked: Asked, exc: BaseException) -> VipswitchError:
    """What an error of requests, urllib3 or google-auth means."""
    return meant(TABLE, asked, Said((type(exc).__name__,), innermost(exc)), means.unanswered)


def answered(asked: Asked, answer: Response) -> dict[str, Any]:
    """The document of an answer, empty where it has none; raises what an error means."""
    document, status = _document(answer), answer.status_code
    if status >= 400 and (document is not None or _says_enough(status)):
        raise meant(TABLE, asked, _said_by(answer, document or {}), means.refused)
    if status >= 300 or document is None:
        raise means.unanswered(asked, Said(("",), "what came back is not from Google"))
    return document


def ended(error: Mapping[str, Any], operation: Mapping[str, Any]) -> Said:
    """What the error of an operation says."""
    errors = error.get("errors") or []
    names = [str(each["code"]) for each in errors if each.get("code")]
    status = str(operation.get("httpErrorStatusCode") or "")
    message = "; ".join(str(each["message"]) for each in errors if each.get("message"))
    return Said((*names, *_infos(errors, "errorDetails"), status), " ".join(message.split()))


def code_of(answer: Response) -> str:
    """What an answer is counted as: `ok`, or what Google calls the error."""
    return "ok" if answer.status_code < 400 else _said_by(answer, _document(answer) or {}).code


def _document(answer: Response) -> dict[str, Any] | None:
    """None for what is not a JSON object; a page that some gateway shows instead is none."""
    if not answer.content:
        return {}
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _says_enough(status: int) -> bool:
    """Whether a status means the same without an error document, which some front ends leave out."""
    return status in (401, 408, 412, 429) or status >= 500


def _said_by(answer: Response, document: Mapping[str, Any]) -> Said:
    raw = document.get("error")
    error: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    reasons = [str(each["reason"]) for each in error.get("errors") or () if each.get("reason")]
    infos = [str(each["reason"]) for each in error.get("details") or () if each.get("reason")]
    status = [str(error["status"])] if error.get("status") else []
    message = " ".join(str(error.get("message") or answer.reason or "").split())
    after_s = retry_after_s(answer.headers.get("Retry-After", ""))
    return Said((*reasons, *infos, *status, str(answer.status_code)), message, after_s)


def _infos(errors: list[Mapping[str, Any]], key: str) -> list[str]:
    """The reasons in google.rpc.ErrorInfo, which is among the details of an error."""
    details = [detail for each in errors for detail in each.get(key) or ()]
    infos = [detail.get("errorInfo") or {} for detail in details]
    return [str(info["reason"]) for info in infos if info.get("reason")]


TABLE: Table = (
    ("conditionNotMet CONDITION_NOT_MET 412", "onstraint constraints/", means.against_policy),
    ("conditionNotMet CONDITION_NOT_MET 412", "", conflict),
    ("*", "Invalid fingerprint", conflict),
    ("cnameResourceRecordSetConflict", "", conflict),
    ("notFound", "entity.change.deletions", conflict),
    ("alreadyExists RESOURCE_ALREADY_EXISTS ALREADY_EXISTS", "", means.exists),
    ("rateLimitExceeded userRateLimitExceeded RATE_LIMIT_EXCEEDED 429", "", means.throttled),
    ("quotaExceeded QUOTA_EXCEEDED QUOTA_LIMIT_EXCEEDED LIMIT_EXCEEDED limitExceeded", "", too_many),
    ("resourceNotReady RESOURCE_NOT_READY operationInProgress", "", means.not_yet),
    ("*RESOURCE_OPERATION_RATE_EXCEEDED", "", means.throttled),
    ("IP_IN_USE_BY_ANOTHER_RESOURCE IP_ADDRESS_IN_USE EXTERNAL_IP_ADDRESS_IN_USE", "", means.in_use),
    ("*", "already being used by", means.in_use),
    ("*", "is already in-use", means.in_use),
    ("*", "At most one access config", conflict),
    ("*", "does not exist on network interface", conflict),
    ("*", "was not found in region", means.other_region),
    ("invalid INVALID_FIELD_VALUE", "aliasIpRanges", means.outside_range),
    ("resourceInUseByAnotherResource RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "try again", means.not_yet),
    ("resourceInUseByAnotherResource RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "", means.in_use),
    ("*", "hides the address space of the network", means.hides_subnet),
    ("invalid INVALID_FIELD_VALUE", "cannot be found", means.invalid),
    ("accessNotConfigured SERVICE_DISABLED", "", means.switched_off),
    ("ACCESS_TOKEN_SCOPE_INSUFFICIENT insufficientPermissions", "scope", means.narrow_scopes),
    ("CONDITION_VIOLATED conditionViolated *POLICY_VIOLATED", "", means.against_policy),
    ("vpcServiceControls *", "VPC Service Controls", means.against_policy),
    ("authError invalidCredentials UNAUTHENTICATED ACCOUNT_STATE_INVALID 401", "", means.bad_token),
    ("forbidden PERMISSIONS_ERROR PERMISSION_DENIED IAM_PERMISSION_DENIED 403", "", means.denied),
    ("notFound RESOURCE_NOT_FOUND NOT_FOUND", "", means.not_found),
    ("backendError internalError INTERNAL_ERROR BACKEND_ERROR SERVICE_UNAVAILABLE", "", means.failed_inside),
    ("408 5??", "", means.failed_inside),
    ("SSLError", "CERTIFICATE_VERIFY_FAILED", means.untrusted),
    ("SSLError", "certificate verify failed", means.untrusted),
    ("SSLError", "doesn't match", means.untrusted),
    ("InvalidURL MissingSchema InvalidSchema LocationValueError", "", means.misconfigured),
)
