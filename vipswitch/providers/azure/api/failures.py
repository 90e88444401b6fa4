"""Errors of the SDK become ours here; no other module of this cloud catches foreign ones.

How it works: Azure's errors have a code, codes in their details, and an HTTP status; the others have a class.
One table says what each name means; the first row that matches counts, so that a detail that says more comes
before a code that says less. What no row matches is refused if Azure said it, unanswered if the network did.
Source: azure.core.exceptions; Azure Resource Manager RPC, "Error response content"; azure-cli's recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ODataV4Format
from requests import RequestException
from urllib3.exceptions import HTTPError

from vipswitch.errors import VipswitchError
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api import meanings as means
from vipswitch.providers.foreign import innermost, retry_after_s
from vipswitch.providers.meanings import Said, Table, conflict, meant, too_many


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Errors of azure-core, requests and urllib3 that are raised inside leave as ours."""
    try:
        yield
    except (AzureError, RequestException, HTTPError) as exc:
        raise ours(asked, exc) from exc


def ours(asked: Asked, exc: BaseException) -> VipswitchError:
    """What an error of azure-core, requests or urllib3 means."""
    match exc:
        case HttpResponseError(status_code=int(status)) if exc.error or _says_enough(status):
            return meant(TABLE, asked, _said_by(exc, status), means.refused)
        case HttpResponseError():
            return means.unanswered(asked, Said(("",), "what came back is not from Azure"))
        case _:
            return meant(TABLE, asked, Said((type(exc).__name__,), innermost(exc)), means.unanswered)


def names_of(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of an error document: its own, then those of its details."""
    details = error.get("details") or []
    below = [name for each in details if isinstance(each, dict) for name in names_of(each)]
    return (*([str(error["code"])] if error.get("code") else []), *below)


def _says_enough(status: int) -> bool:
    """Whether a status means the same without an error document, which some front ends leave out."""
    return status in (408, 412, 429) or status >= 500


def _said_by(exc: HttpResponseError, status: int) -> Said:
    codes = _codes(exc.error) if exc.error else ()
    message = (exc.error and exc.error.message) or exc.reason or ""
    return Said((*codes, str(status)), " ".join(message.split()), after_s(exc))


def _codes(error: ODataV4Format) -> tuple[str, ...]:
    below = [code for each in error.details for code in _codes(each)]
    return (*([error.code] if error.code else []), *below)


def after_s(exc: HttpResponseError) -> float | None:
    """How long Azure asks us to wait."""
    response: Any = exc.response
    return retry_after_s(response.headers.get("Retry-After", "")) if response is not None else None


TABLE: Table = (
    ("PreconditionFailed* 412", "", conflict),
    ("CanceledAndSuperseded* Canceled OperationPreempted", "", means.undone),
    ("PrivateIPAddressIsAllocated PrivateIPAddressInUse", "", means.address_in_use),
    ("PrivateIPAddressNotInSubnet PrivateIPAddressNotInAnySubnet", "", means.outside_subnet),
    ("PrivateIPAddressInReservedRange", "", means.reserved),
    ("PublicIPAddressInUse", "", means.public_address_in_use),
    ("IpConfigurationsOnSameNicCannotUseDifferentSubnets", "", means.other_subnet),
    ("*Sku* *SKU*", "", means.other_sku),
    ("*QuotaExceeded *LimitExceeded *LimitReached *CountExceeded*", "", too_many),
    ("LinkedAuthorizationFailed LinkedAccessCheckFailed", "", means.linked_denied),
    ("RequestDisallowedByPolicy", "", means.against_policy),
    ("AuthorizationFailed AuthorizationPermissionMismatch Forbidden", "", means.denied),
    ("ScopeLocked", "", means.locked),
    ("AnotherOperationInProgress RetryableError*", "", means.not_yet),
    ("TooManyRequests* *RequestsThrottled 429", "", means.throttled),
    ("Conflict BadRequest", "with the same name already exists", means.other_record),
    ("MissingSubscriptionRegistration SubscriptionNotRegistered", "", means.unregistered),
    ("InvalidResourceReference NotFoundReferencedResource", "", means.unknown_reference),
    ("LinkedInvalidPropertyId InvalidRequestFormat", "", means.unknown_reference),
    ("ResourceNotFound ResourceGroupNotFound ParentResourceNotFound NotFound 404", "", means.not_found),
    ("SubscriptionNotFound InvalidSubscriptionId", "", means.not_found),
    ("InvalidAuthenticationToken* ExpiredAuthenticationToken AuthenticationFailed* 401", "", means.bad_token),
    ("403", "", means.denied),
    ("InternalServerError InternalError ServiceUnavailable GatewayTimeout 408 5??", "", means.failed_inside),
    ("ServiceRequestError SSLError", "CERTIFICATE_VERIFY_FAILED", means.untrusted),
    ("ServiceRequestError SSLError", "certificate verify failed", means.untrusted),
    ("ServiceRequestError SSLError", "doesn't match", means.untrusted),
    ("ServiceRequestError", "Bearer token authentication", means.misconfigured),
    ("SerializationError InvalidURL MissingSchema InvalidSchema LocationValueError", "", means.misconfigured),
)
