"""What AWS, its SDK and the network say when a request fails, in our words: one table.

Rules: a write that may have reached AWS and was not clearly refused has an unknown outcome; everything
that was not sent, and every read, may be made again. The first row of the table that matches counts. What
no row matches is refused if AWS said it, unanswered if the network did, a wrong setting if botocore did.
Sources: EC2 API Reference, "Error codes"; STS, "Common errors"; botocore.exceptions; urllib3.exceptions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.aws.asked import Asked

Make = Callable[[Asked, str, str], VipswitchError]

_LOOK = "see with `vipswitch status` who holds it now"


class NoSuchRoute(Refused):
    """The route table has no route to that destination."""


class Permitted(Refused):
    """A dry run, which changes nothing, would have been carried out."""


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Errors of botocore and urllib3 that are raised inside leave as ours."""
    try:
        yield
    except ClientError as exc:
        said = exc.response.get("Error", {})
        raise _ours(asked, said.get("Code") or "Unknown", said.get("Message") or "", _refused) from exc
    except ResponseParserError as exc:
        raise _unanswered(asked, "", "what came back is not from AWS") from exc
    except (HTTPError, HTTPClientError) as exc:
        raise _ours(asked, type(exc).__name__, _innermost(exc), _unanswered) from exc
    except BotoCoreError as exc:
        raise _ours(asked, type(exc).__name__, str(exc), _misconfigured) from exc


def _ours(asked: Asked, name: str, message: str, otherwise: Make) -> VipswitchError:
    rows = (row for row in _TABLE if _matches(row[0], name) and row[1] in message)
    make = next((make for _, _, make in rows), otherwise)
    return make(asked, name, " ".join(message.split()))


def _innermost(exc: BaseException) -> str:
    """What the socket said, below the layers that wrapped it."""
    inner = exc.__cause__ or next((arg for arg in exc.args if isinstance(arg, BaseException)), None)
    if inner is not None:
        return _innermost(inner)
    return (isinstance(exc, OSError) and exc.strerror) or str(exc)


def _matches(patterns: str, name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns.split())


def _throttled(asked: Asked, name: str, _: str) -> VipswitchError:
    return Unavailable(
        f"{asked.subject}: throttled by AWS ({name})",
        hint="the account's API rate is shared; see what else calls it so often",
    )


def _not_yet(asked: Asked, name: str, message: str) -> VipswitchError:
    return Unavailable(f"{asked.subject}: {message.rstrip('.')} ({name})", hint="try again shortly")


def _failed_inside(asked: Asked, name: str, _: str) -> VipswitchError:
    if asked.writes:
        return OutcomeUnknown(
            f"{asked.subject}: AWS failed while carrying out {asked.action} ({name})", hint=_LOOK
        )
    return Unavailable(f"{asked.subject}: AWS failed ({name})", hint="see health.aws.amazon.com")


def _unanswered(asked: Asked, _: str, message: str) -> VipswitchError:
    """The network failed; only what was sent can have had an effect."""
    said = f"{asked.subject}: no answer from {asked.endpoint} to {asked.action}: {message}"
    if asked.sent and asked.writes:
        return OutcomeUnknown(said, hint=_LOOK)
    return Unavailable(
        said, hint="see to DNS, the route and the security groups between this node and the endpoint"
    )


def _denied(asked: Asked, _: str, __: str) -> VipswitchError:
    return PermissionDenied(
        f"{asked.subject}: permission denied for {asked.action}",
        hint=f"allow {asked.action} on {asked.resource}",
    )


def _bad_credentials(_: Asked, name: str, __: str) -> VipswitchError:
    return PermissionDenied(
        f"AWS credentials: refused ({name})",
        hint="renew them, and see whether the clock of this machine is right",
    )


def _no_credentials(_: Asked, name: str, message: str) -> VipswitchError:
    reason = "none found" if name == "NoCredentialsError" else message.rstrip(".")
    return PermissionDenied(
        f"AWS credentials: {reason}",
        hint="give the instance a profile with a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )


def _no_region(_: Asked, __: str, ___: str) -> VipswitchError:
    return ConfigError("AWS region: not given", hint="set region in [aws] or AWS_DEFAULT_REGION")


def _misconfigured(_: Asked, __: str, message: str) -> VipswitchError:
    return ConfigError(f"AWS settings: {message.rstrip('.')}", hint="see ~/.aws, AWS_* and the [aws] table")


def _untrusted(asked: Asked, _: str, __: str) -> VipswitchError:
    return ConfigError(
        f"{asked.endpoint}: its certificate is not trusted",
        hint="set AWS_CA_BUNDLE where a proxy signs for AWS, and see whether the clock is right",
    )


def _not_found(asked: Asked, _: str, message: str) -> VipswitchError:
    reason = message.rstrip(".") or "not found"
    return ConfigError(f"{asked.subject}: {reason}", hint="see to the id, the region and the account")


def _inside_vpc(asked: Asked, _: str, __: str) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: the VIP lies inside the VPC's address range",
        hint="choose an address outside every CIDR block of the VPC",
    )


def _too_many_routes(asked: Asked, _: str, __: str) -> VipswitchError:
    return Refused(f"{asked.subject}: is full", hint="raise the quota 'Routes per route table'")


def _conflict(asked: Asked, name: str, _: str) -> VipswitchError:
    return Conflict(f"{asked.subject}: changed meanwhile ({name})")


def _no_such_route(asked: Asked, _: str, __: str) -> VipswitchError:
    return NoSuchRoute(f"{asked.subject}: has no such route")


def _permitted(asked: Asked, _: str, __: str) -> VipswitchError:
    return Permitted(f"{asked.subject}: {asked.action} is permitted")


def _refused(asked: Asked, name: str, message: str) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {message.rstrip('.')} ({name})",
        hint="look the code up in the EC2 API Reference, 'Error codes'",
    )


# Names (an error code, or the class of a foreign exception), what the message contains, what it becomes.
_TABLE: tuple[tuple[str, str, Make], ...] = (
    ("DryRunOperation", "", _permitted),
    ("InvalidParameterValue", "There is no route defined", _no_such_route),
    ("InvalidRoute.NotFound", "", _no_such_route),
    ("InvalidParameterValue", "doesn't match any subnet CIDR", _inside_vpc),
    ("RouteAlreadyExists", "", _conflict),
    ("RouteLimitExceeded", "", _too_many_routes),
    ("RequestLimitExceeded EC2Throttled* Throttl* RequestThrottled* TooManyRequests*", "", _throttled),
    ("BandwidthLimitExceeded SlowDown PriorRequestNotComplete", "", _throttled),
    ("InternalError InternalFailure InternalService* Unavailable ServiceUnavailable*", "", _failed_inside),
    ("RequestTimeout* 408 5??", "", _failed_inside),
    ("UnauthorizedOperation AccessDenied AccessDeniedException 403", "", _denied),
    ("AuthFailure RequestExpired ExpiredToken* InvalidClientTokenId", "", _bad_credentials),
    ("InvalidAccessKeyId UnrecognizedClient* OptInRequired MissingAuthenticationToken", "", _bad_credentials),
    ("SignatureDoesNotMatch IncompleteSignature InvalidSignature*", "", _bad_credentials),
    ("NoCredentialsError PartialCredentialsError CredentialRetrievalError", "", _no_credentials),
    ("*SSO* *Token*Error Login* MetadataRetrievalError", "", _no_credentials),
    ("NoRegionError", "", _no_region),
    ("Invalid*.NotFound Invalid*.Malformed", "", _not_found),
    ("Incorrect*State", "", _not_yet),
    ("ProxySchemeUnknown URLSchemeUnknown Location*", "", _misconfigured),
    ("SSLError", "CERTIFICATE_VERIFY_FAILED", _untrusted),
    ("SSLError", "doesn't match", _untrusted),
)
