"""What a failure of Azure means to the operator: our error, with its hint. `failures` says which means what.

A write that may have reached ARM and was not clearly refused has an unknown outcome; everything that was not
sent, and every read, may be made again. Each function takes what was asked, and what was said to it.
Source: Azure Resource Manager docs, "Common Azure deployment errors", "Throttling".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from vipswitch.errors import (
    ConfigError,
    Conflict,
    OutcomeUnknown,
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
    """What a failure says of itself: its code, or the class of a foreign exception; its message.

    `names` are all the codes it has, its own first, then those of its details, then the HTTP status;
    `after_s` is how long the cloud asks us to wait.
    """

    names: tuple[str, ...]
    message: str
    after_s: float | None = None

    @property
    def code(self) -> str:
        """The first of its names."""
        return self.names[0]


Make = Callable[[Asked, Said], VipswitchError]

_LOOK = "see with `vipswitch status` who holds it now"


class AddressInUse(InUse):
    """A private address that something else has."""


class PublicAddressInUse(InUse):
    """A public IP that something else has."""


class NotFound(ConfigError):
    """The resource, or what it is a part of, is not there, or not visible to us; `code` tells these apart."""

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


def conflict(asked: Asked, said: Said) -> VipswitchError:
    return Conflict(f"{asked.subject}: changed meanwhile ({said.code})")


def throttled(asked: Asked, said: Said) -> VipswitchError:
    return Unavailable(
        f"{asked.subject}: throttled by Azure ({said.code})",
        hint="the API rate is shared by the subscription; see what else calls it so often",
        after_s=said.after_s,
    )


def not_yet(asked: Asked, said: Said) -> VipswitchError:
    return Unavailable(
        f"{asked.subject}: another operation is under way ({said.code})",
        hint="try again shortly",
        after_s=said.after_s,
    )


def undone(asked: Asked, said: Said) -> VipswitchError:
    return Undone(
        f"{asked.subject}: Azure took {asked.action} and did not carry it out ({said.code})", hint=_LOOK
    )


def failed_inside(asked: Asked, said: Said) -> VipswitchError:
    if asked.writes:
        return OutcomeUnknown(
            f"{asked.subject}: Azure failed while carrying out {asked.action} ({said.code})", hint=_LOOK
        )
    return Unavailable(
        f"{asked.subject}: Azure failed ({said.code})", hint="see status.azure.com", after_s=said.after_s
    )


def unanswered(asked: Asked, said: Said) -> VipswitchError:
    """The network failed, or what answered is not Azure; only what was sent can have had an effect."""
    told = f"{asked.subject}: no answer from {asked.endpoint} to {asked.action}: {said.message}"
    if asked.sent and asked.writes:
        return OutcomeUnknown(told, hint=_LOOK)
    return Unavailable(
        told, hint="see to DNS, the proxy and the security groups between this node and the endpoint"
    )


def denied(asked: Asked, said: Said) -> VipswitchError:
    """Azure names the action and the scope; the action may be another than was asked."""
    action = _quoted(r"perform action '([^']+)'", said) or asked.action
    scope = _quoted(r"over scope '([^']+)'", said) or asked.resource
    return PermissionDenied(
        f"{asked.subject}: permission denied for {action}", hint=f"allow {action} on {scope}"
    )


def linked_denied(asked: Asked, said: Said) -> VipswitchError:
    """A write that joins something needs a right on that as well."""
    action = _quoted(r"perform action\(?s?\)? '([^']+)' on the linked", said) or "the linked action"
    scope = _quoted(r"linked scope\(s\) '([^']+)'", said) or "what it refers to"
    return PermissionDenied(
        f"{asked.subject}: permission denied for {action}, which {asked.action} needs as well",
        hint=f"allow {action} on {scope}",
    )


def bad_token(_: Asked, said: Said) -> VipswitchError:
    return PermissionDenied(
        f"Azure credentials: refused ({said.code})",
        hint="see whether the identity still exists, in this tenant, and to the clock of this machine",
    )


def misconfigured(_: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"Azure settings: {_sentence(said)}", hint="see the [azure] table and AZURE_*")


def untrusted(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.endpoint}: its certificate is not trusted",
        hint="set ca_file in [azure] where a proxy signs for Azure, and see whether the clock is right",
    )


def not_found(asked: Asked, said: Said) -> VipswitchError:
    return NotFound(
        f"{asked.subject}: not found ({said.code})",
        code=said.code,
        hint="see to its name, the resource group and the subscription, and whether our identity may read it",
    )


def unknown_reference(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {_sentence(said)}", hint="see to the names in the config")


def other_record(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}",
        hint="delete it, or choose a name that vipswitch may have for itself",
    )


def unregistered(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {_sentence(said)}",
        hint="register the resource provider with `az provider register --namespace Microsoft.Network`",
    )


def locked(asked: Asked, said: Said) -> VipswitchError:
    return Refused(f"{asked.subject}: {_sentence(said)}", hint="take the lock off")


def against_policy(asked: Asked, said: Said) -> VipswitchError:
    return Refused(f"{asked.subject}: {_sentence(said)}", hint="except the resource from that Azure Policy")


def too_many(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {_sentence(said)}", hint="take off what nobody needs, or have the quota raised"
    )


def address_in_use(asked: Asked, said: Said) -> VipswitchError:
    return _in_use(AddressInUse, asked, said, "choose a free address of the subnet")


def public_address_in_use(asked: Asked, said: Said) -> VipswitchError:
    return _in_use(PublicAddressInUse, asked, said, "take it off there")


def _in_use(kind: type[InUse], asked: Asked, said: Said, remedy: str) -> InUse:
    by = _quoted(r"already allocated to resource (\S+)", said).rstrip(".")
    owner = f"has it: {by}" if by else "has it"
    hint = f"{remedy}, or name that node in [node.NAME]"
    return kind(f"{asked.subject}: another resource {owner}", by=by, hint=hint)


def outside_subnet(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: is outside the subnet of this node",
        hint="choose a free address of the subnet, or azure-route-table for several subnets",
    )


def reserved(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: is reserved: Azure keeps a subnet's first four addresses and its last",
        hint="choose a free address of the subnet",
    )


def other_subnet(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {_sentence(said)}", hint="a network interface is in one subnet")


def other_sku(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {_sentence(said)}",
        hint="a public IP goes only with what is of its SKU and in its region and zone",
    )


def refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {_sentence(said)} ({said.code})",
        hint="look the code up in Azure's docs, 'Common Azure deployment errors'",
    )


def _sentence(said: Said) -> str:
    return said.message.rstrip(".") or said.code


def _quoted(pattern: str, said: Said) -> str:
    found = re.search(pattern, said.message)
    return found[1] if found else ""
