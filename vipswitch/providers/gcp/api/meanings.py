"""What a failure of Google Cloud means to the operator: our error, with its hint.

`failures` says which means what.

A write that may have reached Google and was not clearly refused has an unknown outcome; everything that was
not sent, and every read, may be made again. Each function takes what was asked, and what was said to it.
Source: Compute Engine docs, "Troubleshooting resource creation"; Google Cloud APIs, "Errors".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
    Overtaken,
    PermissionDenied,
    Refused,
    Unavailable,
    Undone,
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.handover.in_use import InUse


@dataclass(frozen=True, slots=True)
class Said:
    """What a failure says of itself: its reason or code, or the class of a foreign exception; its message.

    `names` are all the reasons and codes it has, then the HTTP status; `after_s` is how long Google asks us
    to wait.
    """

    names: tuple[str, ...]
    message: str
    after_s: float | None = None

    @property
    def code(self) -> str:
        """The first of its names."""
        return self.names[0] if self.names else ""


Make = Callable[[Asked, Said], VipswitchError]

_LOOK = "see with `vipswitch status` who holds it now"


class Exists(Conflict):
    """What should have been made is there already, by that name."""


class NotReady(Unavailable):
    """An operation is under way on the resource, and it takes no other meanwhile."""


class NotFound(ConfigError):
    """The resource is not there, or not visible to us; `what` is its URL, where that was said."""

    def __init__(self, message: str, *, what: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.what = what


def conflict(asked: Asked, said: Said) -> VipswitchError:
    return Conflict(f"{asked.subject}: changed meanwhile ({said.code})")


def exists(asked: Asked, said: Said) -> VipswitchError:
    return Exists(f"{asked.subject}: is there already ({said.code})")


def throttled(asked: Asked, said: Said) -> VipswitchError:
    return Unavailable(
        f"{asked.subject}: throttled by Google Cloud ({said.code})",
        hint="the API rate is shared by the project; see what else calls it so often",
        after_s=said.after_s,
    )


def not_yet(asked: Asked, said: Said) -> VipswitchError:
    return NotReady(
        f"{asked.subject}: another operation is under way ({said.code})",
        hint="try again shortly",
        after_s=said.after_s,
    )


def undone(asked: Asked, said: Said) -> VipswitchError:
    return Undone(
        f"{asked.subject}: Google took {asked.action} and did not carry it out ({said.code})", hint=_LOOK
    )


def overtaken(asked: Asked, said: Said) -> VipswitchError:
    return Overtaken(
        f"{asked.subject}: changed before Google carried out {asked.action} ({said.code})", hint=_LOOK
    )


def failed_inside(asked: Asked, said: Said) -> VipswitchError:
    if asked.writes:
        return OutcomeUnknown(
            f"{asked.subject}: Google failed while carrying out {asked.action} ({said.code})", hint=_LOOK
        )
    return Unavailable(
        f"{asked.subject}: Google failed ({said.code})",
        hint="see status.cloud.google.com",
        after_s=said.after_s,
    )


def unanswered(asked: Asked, said: Said) -> VipswitchError:
    """The network failed, or what answered is not Google; only what was sent can have had an effect."""
    told = f"{asked.subject}: no answer from {asked.endpoint} to {asked.action}: {said.message}"
    if asked.sent and asked.writes:
        return OutcomeUnknown(told, hint=_LOOK)
    return Unavailable(told, hint="see to DNS, the proxy and the firewall between this node and the endpoint")


def denied(asked: Asked, said: Said) -> VipswitchError:
    """Google names the permission and the resource; the permission may be another than the method's."""
    permission = _quoted(r"Required '([^']+)' permission", said) or asked.action
    resource = _quoted(r"permission for '([^']+)'", said) or asked.resource
    return PermissionDenied(
        f"{asked.subject}: permission denied for {permission}", hint=f"grant {permission} on {resource}"
    )


def switched_off(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}",
        hint="switch the API on with `gcloud services enable compute.googleapis.com dns.googleapis.com`",
    )


def narrow_scopes(asked: Asked, said: Said) -> VipswitchError:
    return PermissionDenied(
        f"{asked.subject}: {_sentence(said)}",
        hint="stop this instance and give it the access scope cloud-platform, or set credentials_file",
    )


def bad_token(_: Asked, said: Said) -> VipswitchError:
    return PermissionDenied(
        f"Google Cloud credentials: refused ({said.code})",
        hint="see whether the service account still exists and is enabled, and to the clock of this machine",
    )


def against_policy(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {_sentence(said)}",
        hint="except the resource from that organization policy, or from the service perimeter",
    )


def misconfigured(_: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"Google Cloud settings: {_sentence(said)}", hint="see the [gcp] table")


def untrusted(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.endpoint}: its certificate is not trusted",
        hint="set ca_file in [gcp] where a proxy signs for Google, and see whether the clock is right",
    )


def not_found(asked: Asked, said: Said) -> VipswitchError:
    """Google names what is missing, which need not be what was asked about."""
    return NotFound(
        f"{asked.subject}: not found: {_sentence(said)}",
        what=_quoted(r"resource '([^']+)'", said),
        hint="see to its name, its zone or region, and the project",
    )


def invalid(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {_sentence(said)}", hint="see to the names in the config")


def hides_subnet(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}",
        hint="choose an address outside every subnet of the network, or gcp-alias-ip for one inside",
    )


def too_many(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {_sentence(said)}", hint="take off what nobody needs, or have the quota raised"
    )


def in_use(asked: Asked, said: Said) -> VipswitchError:
    """Google names its URL, or says "another resource" and no more."""
    by = _quoted(r"(?:https://[^\s']+/)?(projects/[\w.:-]+/[\w./-]*\w)", said)
    owner = f"has it: {by}" if by else "has it"
    return InUse(
        f"{asked.subject}: another resource {owner}",
        by=by,
        hint="take it off there, or name that node in [node.NAME]",
    )


def other_region(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}", hint="an external address is of the region of the nodes"
    )


def outside_range(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}",
        hint="choose a free address of the nodes' subnetwork, and name its secondary range under range",
    )


def refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {_sentence(said)} ({said.code})",
        hint=f"look {asked.action} up in Google's API reference",
    )


def _sentence(said: Said) -> str:
    return said.message.rstrip(".") or said.code


def _quoted(pattern: str, said: Said) -> str:
    found = re.search(pattern, said.message)
    return found[1] if found else ""
