"""What a failure of AWS means to the operator: our error, with its hint. `failures` says which means what.

What every cloud's failures mean is in `providers.meanings`.
"""

from __future__ import annotations

from vipswitch.errors import (
    ConfigError,
    Conflict,
    PermissionDenied,
    Refused,
    Unavailable,
    VipswitchError,
)
from vipswitch.providers.asked import Asked
from vipswitch.providers.meanings import Cloud, Said

_AWS = Cloud(
    "AWS",
    payer="account",
    state="health.aws.amazon.com",
    between="the route and the security groups",
    ca="AWS_CA_BUNDLE",
)
throttled = _AWS.throttled
failed_inside = _AWS.failed_inside
unanswered = _AWS.unanswered
untrusted = _AWS.untrusted

WITHIN_ITS_SUBNET = (
    "a private address moves only within its subnet, hence its zone: choose one of the subnet,"
    " or aws-route-table for several zones"
)


class NoSuchRoute(Refused):
    """The route table has no route to that destination."""


class NotAssigned(Conflict):
    """The network interface does not have the address that was to be taken off it."""


class InUse(Refused):
    """The Elastic IP, or the private address that it was to map to, is in an association that was to stay."""


class NotOnInterface(ConfigError):
    """The network interface does not have the private address."""


class Permitted(Refused):
    """A dry run, which changes nothing, would have been carried out."""


def not_yet(asked: Asked, said: Said) -> VipswitchError:
    return Unavailable(f"{asked.subject}: {said.sentence} ({said.code})", hint="try again shortly")


def denied(asked: Asked, said: Said) -> VipswitchError:
    """AWS names the resource; one that a request needs beside its subject is in no other place."""
    named = said.quoted(r"on resource: (arn:\S+)")
    beside = named.rpartition(":")[2] not in asked.resource
    return PermissionDenied(
        f"{asked.subject}: permission denied for {asked.action}",
        hint=f"allow {asked.action} on {named if beside else asked.resource}",
    )


def bad_credentials(_: Asked, said: Said) -> VipswitchError:
    return PermissionDenied(
        f"AWS credentials: refused ({said.code})",
        hint="renew them, and see whether the clock of this machine is right",
    )


def no_credentials(_: Asked, said: Said) -> VipswitchError:
    reason = "none found" if said.code == "NoCredentialsError" else said.sentence
    return PermissionDenied(
        f"AWS credentials: {reason}",
        hint="give the instance a profile with a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    )


def no_region(_: Asked, __: Said) -> VipswitchError:
    return ConfigError("AWS region: not given", hint="set region in [aws] or AWS_DEFAULT_REGION")


def misconfigured(_: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"AWS settings: {said.sentence}", hint="see ~/.aws, AWS_* and the [aws] table")


def not_found(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(f"{asked.subject}: {said.sentence}", hint="see to the id, the region and the account")


def no_such_interface(asked: Asked, said: Said) -> VipswitchError:
    """One that is gone has no address to be taken off it, either."""
    taking_off = asked.action.startswith("ec2:Unassign")
    return (not_assigned if taking_off else not_found)(asked, said)


def inside_vpc(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: the VIP lies inside the VPC's address range",
        hint="choose an address outside every CIDR block of the VPC",
    )


def outside_subnet(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: is outside the subnet of {_last_part(asked)}", hint=WITHIN_ITS_SUBNET
    )


def someones_primary(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: is the primary address of a network interface, which never moves",
        hint="choose a free address of the subnet",
    )


def reserved(asked: Asked, _: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: is reserved: AWS keeps a subnet's first four addresses and its last",
        hint="choose a free address of the subnet",
    )


def interface_full(asked: Asked, _: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {_last_part(asked)} has as many private addresses as its instance type allows",
        hint="take an address off it that is not needed, or choose a larger instance type",
    )


def not_assigned(asked: Asked, _: Said) -> VipswitchError:
    return NotAssigned(f"{asked.subject}: {_last_part(asked)} does not have it")


def _last_part(asked: Asked) -> str:
    """The id of the resource that was written."""
    return asked.resource.rpartition("/")[2]


def too_many_routes(asked: Asked, _: Said) -> VipswitchError:
    return Refused(f"{asked.subject}: is full", hint="raise the quota 'Routes per route table'")


def too_many_tags(asked: Asked, _: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: has as many tags as EC2 allows, 50", hint="take off one that nobody needs"
    )


def unknown_elastic_ip(asked: Asked, _: Said) -> VipswitchError:
    return no_elastic_ip(asked.subject)


def no_elastic_ip(subject: str) -> ConfigError:
    """An Elastic IP that is not there, or not here."""
    hint = "see to its id, the region and the account: an Elastic IP belongs to one region"
    return ConfigError(f"{subject}: not found", hint=hint)


def no_gateway(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {said.message.rstrip('.') or 'the VPC has no internet gateway'}",
        hint="attach an internet gateway to the VPC, and route the nodes' subnets to it",
    )


def in_use(asked: Asked, said: Said) -> VipswitchError:
    return InUse(
        f"{asked.subject}: may not be taken over: {said.sentence}",
        hint="see with `aws ec2 describe-addresses` who has it; a NAT gateway keeps its own",
    )


def not_on_interface(asked: Asked, said: Said) -> VipswitchError:
    return NotOnInterface(
        f"{asked.subject}: {said.sentence}",
        hint="assign the address to the network interface, or correct private_address",
    )


def other_border_group(asked: Asked, _: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: belongs to another network border group than the network interface",
        hint="allocate the Elastic IP in the border group of the nodes' zones (a Local Zone has its own)",
    )


def no_such_route(asked: Asked, _: Said) -> VipswitchError:
    return NoSuchRoute(f"{asked.subject}: has no such route")


def permitted(asked: Asked, _: Said) -> VipswitchError:
    return Permitted(f"{asked.subject}: {asked.action} is permitted")


def no_place_for_it(asked: Asked, said: Said) -> VipswitchError:
    return ConfigError(
        f"{asked.subject}: {said.message.strip('[]').rstrip('.')}",
        hint="see to `name` and `zones`, and to what else stands at that name",
    )


def batch_refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: Route 53 refused the change: {said.message.strip('[]').rstrip('.')}",
        hint="see what protects or contradicts the record; `vipswitch check` looks at it",
    )


def refused(asked: Asked, said: Said) -> VipswitchError:
    return Refused(
        f"{asked.subject}: {asked.action} refused: {said.sentence} ({said.code})",
        hint="look the code up in the EC2 API Reference, 'Error codes'",
    )
