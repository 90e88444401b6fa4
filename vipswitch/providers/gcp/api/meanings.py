"""What a failure of Google Cloud means to the operator: our error, with its hint.

`failures` says which means what.

What every cloud's failures mean is in `providers.meanings`.
Source: Compute Engine docs, "Troubleshooting resource creation"; Google Cloud APIs, "Errors".
"""

from __future__ import annotations

from vipswitch.errors import (
    ConfigError,
    Conflict,
    Overtaken,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.handover.in_use import InUse
from vipswitch.providers.meanings import LOOK, Cloud, Said

_GOOGLE = Cloud(
    "Google Cloud",
    payer="project",
    state="status.cloud.google.com",
    between="the proxy and the firewall",
    ca="ca_file in [gcp]",
)
throttled = _GOOGLE.throttled
undone = _GOOGLE.undone
failed_inside = _GOOGLE.failed_inside
unanswered = _GOOGLE.unanswered
untrusted = _GOOGLE.untrusted


class Exists(Conflict):
    """What should have been made is there already, by that name."""


class NotReady(Unavailable):
    """An operation is under way on the resource, and it takes no other meanwhile."""


class NotFound(ConfigError):
    """The resource is not there, or not visible to us; `what` is its URL, where that was said."""

    def __init__(self, message: str, *, what: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.what = what


class NotAllowed(PermissionDenied):
    """Google knows who asks, who lacks a permission."""


def exists(asked: Asked, said: Said) -> VipswitchError:
    return Exists(f"{asked.subject}: is there already ({said.code})")


def not_yet(asked: Asked, said: Said) -> VipswitchError:
    return NotReady(
        f"{asked.subject}: another operation is under way ({said.code})",
        hint="try again shortly",
        after_s=said.after_s,
    )


def overtaken(asked: Asked, said: Said) -> VipswitchError:
    return Overtaken(
        f"{asked.subject}: changed before Google carried out {asked.action} ({said.code})", hint=LOOK
    )


def denied(asked: Asked, said: Said) -> VipswitchError:
    """Google names the permission and the resource; the permission may be another than the method's."""
    permission = said.quoted(r"Required '([^']+)' permission") or asked.action
    resource = said.quoted(r"permission for '([^']+)'") or asked.resource
    return NotAllowed(
        f"{asked.subject}: permission denied for {permission}", hint=f"grant {permission} on {resource}"
    )


def switched_off(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}",
        hint="switch the API on with `gcloud services enable compute.googleapis.com dns.googleapis.com`",
    )


def narrow_scopes(asked: Asked, said: Said) -> VipswitchError:
    return NotAllowed(
        f"{asked.subject}: {said.sentence}",
        hint="stop this instance and give it the access scope cloud-platform, or set credentials_file",
    )


def bad_token(_: Asked, said: Said) -> VipswitchError:
    return PermissionDenied(
        f"Google Cloud credentials: refused ({said.code})",
        hint="see whether the service account still exists and is enabled, and to the clock of this machine",
    )


def against_policy(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {said.sentence}",
        hint="except the resource from that organization policy, or from the service perimeter",
    )


def misconfigured(_: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"Google Cloud settings: {said.sentence}", hint="see the [gcp] table")


def not_found(asked: Asked, said: Said) -> VipswitchError:
    """Google names what is missing, which need not be what was asked about."""
    return NotFound(
        f"{asked.subject}: not found: {said.sentence}",
        what=said.quoted(r"resource '([^']+)'"),
        hint="see to its name, its zone or region, and the project",
    )


def invalid(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {said.sentence}", hint="see to the names in the config")


def hides_subnet(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}",
        hint="choose an address outside every subnet of the network, or gcp-alias-ip for one inside",
    )


def in_use(asked: Asked, said: Said) -> VipswitchError:
    """Google names its URL, or says "another resource" and no more."""
    by = said.quoted(r"(?:https://[^\s']+/)?(projects/[\w.:-]+/[\w./-]*\w)")
    owner = f"has it: {by}" if by else "has it"
    return InUse(
        f"{asked.subject}: another resource {owner}",
        by=by,
        hint="take it off there, or name that node in [node.NAME]",
    )


def other_region(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}", hint="an external address is of the region of the nodes"
    )


def outside_range(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}",
        hint="choose a free address of the nodes' subnetwork, and name its secondary range under range",
    )


def refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {said.sentence} ({said.code})",
        hint=f"look {asked.action} up in Google's API reference",
    )
