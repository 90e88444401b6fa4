"""What a failure of Azure means to the operator: our error, with its hint. `failures` says which means what.

What every cloud's failures mean is in `providers.meanings`.
Source: Azure Resource Manager docs, "Common Azure deployment errors", "Throttling".
"""

from __future__ import annotations

from vipswitch.errors import (
    ConfigError,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.handover.in_use import InUse
from vipswitch.providers.meanings import Cloud, Said

_AZURE = Cloud(
    "Azure",
    payer="subscription",
    state="status.azure.com",
    between="the proxy and the security groups",
    ca="ca_file in [azure]",
)
throttled = _AZURE.throttled
undone = _AZURE.undone
failed_inside = _AZURE.failed_inside
unanswered = _AZURE.unanswered
untrusted = _AZURE.untrusted


class AddressInUse(InUse):
    """A private address that something else has."""


class PublicAddressInUse(InUse):
    """A public IP that something else has."""


class NotFound(ConfigError):
    """The resource, or what it is a part of, is not there, or not visible to us; `code` tells these apart."""

    def __init__(self, message: str, *, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


def not_yet(asked: Asked, said: Said) -> VipswitchError:
    return Unavailable(
        f"{asked.subject}: another operation is under way ({said.code})",
        hint="try again shortly",
        after_s=said.after_s,
    )


def denied(asked: Asked, said: Said) -> VipswitchError:
    """Azure names the action and the scope; the action may be another than was asked."""
    action = said.quoted(r"perform action '([^']+)'") or asked.action
    scope = said.quoted(r"over scope '([^']+)'") or asked.resource
    return PermissionDenied(
        f"{asked.subject}: permission denied for {action}", hint=f"allow {action} on {scope}"
    )


def linked_denied(asked: Asked, said: Said) -> VipswitchError:
    """A write that joins something needs a right on that as well."""
    action = said.quoted(r"perform action\(?s?\)? '([^']+)' on the linked") or "the linked action"
    scope = said.quoted(r"linked scope\(s\) '([^']+)'") or "what it refers to"
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
    return ConfigError(f"Azure settings: {said.sentence}", hint="see the [azure] table and AZURE_*")


def not_found(asked: Asked, said: Said) -> VipswitchError:
    return NotFound(
        f"{asked.subject}: not found ({said.code})",
        code=said.code,
        hint="see to its name, the resource group and the subscription, and whether our identity may read it",
    )


def unknown_reference(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {said.sentence}", hint="see to the names in the config")


def other_record(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}",
        hint="delete it, or choose a name that vipswitch may have for itself",
    )


def unregistered(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.sentence}",
        hint="register the resource provider with `az provider register --namespace Microsoft.Network`",
    )


def locked(asked: Asked, said: Said) -> VipswitchError:
    return Refused(f"{asked.subject}: {said.sentence}", hint="take the lock off")


def against_policy(asked: Asked, said: Said) -> VipswitchError:
    return Refused(f"{asked.subject}: {said.sentence}", hint="except the resource from that Azure Policy")


def address_in_use(asked: Asked, said: Said) -> VipswitchError:
    return _in_use(AddressInUse, asked, said, "choose a free address of the subnet")


def public_address_in_use(asked: Asked, said: Said) -> VipswitchError:
    return _in_use(PublicAddressInUse, asked, said, "take it off there")


def _in_use(kind: type[InUse], asked: Asked, said: Said, remedy: str) -> InUse:
    by = said.quoted(r"already allocated to resource (\S+)").rstrip(".")
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
    return ConfigError(f"{asked.subject}: {said.sentence}", hint="a network interface is in one subnet")


def other_sku(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {said.sentence}",
        hint="a public IP goes only with what is of its SKU and in its region and zone",
    )


def refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {said.sentence} ({said.code})",
        hint="look the code up in Azure's docs, 'Common Azure deployment errors'",
    )
