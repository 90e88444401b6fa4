"""What AWS, its SDK and the network say when a request fails, in our words: one table.

Rules: the first row of the table that matches counts. What no row matches is refused if AWS said it,
unanswered if the network did, a wrong setting if botocore did.
Sources: EC2 API Reference, "Error codes"; STS, "Common errors"; Route 53 API Reference,
ChangeResourceRecordSets; botocore.exceptions; urllib3.exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from vipswitch.errors import VipswitchError
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api import meanings as means
from vipswitch.providers.foreign import innermost
from vipswitch.providers.meanings import Said, Table, conflict, meant


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Errors of botocore and urllib3 that are raised inside leave as ours."""
    try:
        yield
    except _FOREIGN as exc:
        raise ours(asked, exc) from exc


def ours(asked: Asked, exc: BaseException) -> VipswitchError:
    """What an error of botocore or urllib3 means."""
    match exc:
        case ClientError():
            return meant(_TABLE, asked, said(exc.response), means.refused)
        case ResponseParserError():
            return means.unanswered(asked, Said((), "what came back is not from AWS"))
        case HTTPError() | HTTPClientError():
            return meant(_TABLE, asked, Said((type(exc).__name__,), innermost(exc)), means.unanswered)
        case _:
            return meant(
                _TABLE, asked, Said((type(exc).__name__,), " ".join(str(exc).split())), means.misconfigured
            )


_FOREIGN = (ClientError, ResponseParserError, HTTPError, HTTPClientError, BotoCoreError)


def said(response: Mapping[str, Any]) -> Said:
    """Route 53 has a document of its own for a refused batch, which has no code."""
    error, batch = response.get("Error", {}), response.get("Messages")
    code = "InvalidChangeBatch" if batch is not None else error.get("Code") or "Unknown"
    message = str(batch) if batch is not None else error.get("Message") or ""
    return Said((code,), " ".join(message.split()))


_TABLE: Table = (
    ("DryRunOperation", "", means.permitted),
    ("InvalidParameterValue", "There is no route defined", means.no_such_route),
    ("InvalidRoute.NotFound", "", means.no_such_route),
    ("InvalidParameterValue", "doesn't match any subnet CIDR", means.inside_vpc),
    ("InvalidParameterValue", "does not fall within the subnet", means.outside_subnet),
    ("InvalidParameterValue", "reserved address range", means.reserved),
    ("InvalidParameterValue", "secondary-addresses", means.someones_primary),
    ("InvalidParameterValue", "move is not allowed", conflict),
    ("InvalidParameterValue", "are not assigned to interface", means.not_assigned),
    ("PrivateIpAddressLimitExceeded", "", means.interface_full),
    ("RouteAlreadyExists", "", conflict),
    ("RouteLimitExceeded", "", means.too_many_routes),
    ("TagLimitExceeded", "", means.too_many_tags),
    ("InvalidAssociationID.NotFound", "", conflict),
    ("InvalidAllocationID.NotFound InvalidAddress*.NotFound", "", means.unknown_elastic_ip),
    ("AuthFailure", "does not belong to you", means.unknown_elastic_ip),
    ("Gateway.NotAttached", "", means.no_gateway),
    ("Resource.AlreadyAssociated", "", means.in_use),
    ("InvalidParameterValue", "rivate IP address", means.not_on_interface),
    ("InvalidParameter* InvalidNetworkBorderGroup*", "order group", means.other_border_group),
    ("UnsupportedOperation", "order group", means.other_border_group),
    ("InvalidChangeBatch", "but it was not found", conflict),
    ("InvalidChangeBatch", "do not match the current values", conflict),
    ("InvalidChangeBatch", "but it already exists", conflict),
    ("InvalidChangeBatch", "conflicting RRSet of type CNAME", means.no_place_for_it),
    ("InvalidChangeBatch", "is not permitted in zone", means.no_place_for_it),
    ("InvalidChangeBatch", "DomainLabel", means.no_place_for_it),
    ("InvalidChangeBatch", "FATAL problem", means.no_place_for_it),
    ("InvalidChangeBatch", "", means.batch_refused),
    ("NoSuchHostedZone InvalidDomainName", "", means.not_found),
    ("PriorRequestNotComplete", "", means.not_yet),
    ("RequestLimitExceeded EC2Throttled* Throttl* RequestThrottled* TooManyRequests*", "", means.throttled),
    ("BandwidthLimitExceeded SlowDown", "", means.throttled),
    ("InternalError InternalFailure InternalService*", "", means.failed_inside),
    ("Unavailable ServiceUnavailable* RequestTimeout* 408 5??", "", means.failed_inside),
    ("UnauthorizedOperation AccessDenied AccessDeniedException 403", "", means.denied),
    ("AuthFailure RequestExpired ExpiredToken* InvalidClientTokenId", "", means.bad_credentials),
    ("InvalidAccessKeyId UnrecognizedClient* OptInRequired", "", means.bad_credentials),
    ("MissingAuthenticationToken SignatureDoesNotMatch", "", means.bad_credentials),
    ("IncompleteSignature InvalidSignature*", "", means.bad_credentials),
    ("NoCredentialsError PartialCredentialsError CredentialRetrievalError", "", means.no_credentials),
    ("*SSO* *Token*Error Login* MetadataRetrievalError", "", means.no_credentials),
    ("NoRegionError", "", means.no_region),
    ("InvalidNetworkInterfaceID.NotFound", "", means.no_such_interface),
    ("Invalid*.NotFound Invalid*.Malformed", "", means.not_found),
    ("Incorrect*State", "", means.not_yet),
    ("ProxySchemeUnknown URLSchemeUnknown Location*", "", means.misconfigured),
    ("SSLError", "CERTIFICATE_VERIFY_FAILED", means.untrusted),
    ("SSLError", "doesn't match", means.untrusted),
)
