"""Which resources a call names, and with which condition keys IAM sees it: one table.

Rules: what the table does not know is unknown, never guessed. Everything here is read from the request alone;
what only the cloud knows of a resource (its VPC, its tags, what an association stands for) is in `facts`. An
action that names no resource is authorised on `*`.
Source: Service Authorization Reference, "Actions, resources, and condition keys for" Amazon EC2, Amazon
Route 53 and AWS STS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import request_keys
from .conditions import Context
from .protocol import ApiRequest
from .request_keys import Keys

ASSOCIATION = "association"
"""The kind of an AssociationId, or of the public address of an association: not a resource itself."""

PUBLIC_IP = "public-ip"
"""The kind of the public address of an Elastic IP, given instead of its allocation."""

FREE = ("sts:GetCallerIdentity",)
"""What no policy can forbid. Source: STS API Reference, GetCallerIdentity."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that a call names; `kind` is what stands before the id in its ARN."""

    kind: str
    id: str

    @property
    def itself(self) -> bool:
        """Whether this is a resource, and not something that leads to one."""
        return self.kind not in (ASSOCIATION, PUBLIC_IP)

    def arn(self, *, region: str, account: str) -> str:
        """Its name in a policy."""
        if self.kind == "role":
            return self.id
        if self.kind in ("hostedzone", "healthcheck", "change"):
            return f"arn:{partition(region)}:route53:::{self.kind}/{self.id}"
        return f"arn:{partition(region)}:ec2:{region}:{account}:{self.kind}/{self.id}"


def partition(region: str) -> str:
    """The part of AWS that a region is in. Source: IAM User Guide, "IAM ARNs"."""
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


def action(api: ApiRequest) -> str:
    """What a policy calls the call."""
    return f"{api.service}:{api.action}"


def actions(api: ApiRequest) -> tuple[str, ...]:
    """Every action that the call needs: tags and a source identity of a session are actions beside it."""
    assumes = action(api) == "sts:AssumeRole"
    beside = {"sts:TagSession": "Tags.member.1.Key", "sts:SetSourceIdentity": "SourceIdentity"}
    return (action(api), *(name for name, given in beside.items() if assumes and given in api.params))


def known(api: ApiRequest) -> bool:
    """Whether the table has the call."""
    return action(api) in _TABLE


def named(api: ApiRequest) -> tuple[Resource, ...]:
    """The resources that the call names; none for a call that the table does not know."""
    return tuple(
        Resource(kind or _kind(id_, api), id_)
        for parameter, kind in _row(api).names.items()
        for id_ in request_keys.numbered(api.params, parameter)
    )


def context(api: ApiRequest) -> Context:
    """The condition keys that the request itself gives."""
    return request_keys.of_region(api) | _row(api).keys(api)


def _kind(id_: str, api: ApiRequest) -> str:
    """The kind of a resource that is only given by its id."""
    prefix = id_.partition("-")[0]
    return api.params.get("ResourceType") or _KINDS.get(prefix, prefix)


def _row(api: ApiRequest) -> _Row:
    return _TABLE.get(action(api), _ON_NOTHING)


def _no_keys(_: ApiRequest) -> Keys:
    return {}


@dataclass(frozen=True, slots=True)
class _Row:
    """Parameters that name resources, with their kind (empty: the id tells), and the keys of the request."""

    names: Mapping[str, str] = field(default_factory=dict)
    keys: Callable[[ApiRequest], Keys] = _no_keys


_ON_NOTHING = _Row()
_ON_ROUTE_TABLE = _Row({"RouteTableId": "route-table"})
_ON_INTERFACE = _Row({"NetworkInterfaceId": "network-interface"})
_ON_ZONE = _Row({"HostedZoneId": "hostedzone"})
_ON_TAGGED = _Row({"ResourceId": ""}, request_keys.of_tags)

_TABLE: Mapping[str, _Row] = {
    "ec2:DescribeAddresses": _ON_NOTHING,
    "ec2:DescribeInstanceTypes": _ON_NOTHING,
    "ec2:DescribeInstances": _ON_NOTHING,
    "ec2:DescribeNetworkInterfaces": _ON_NOTHING,
    "ec2:DescribeRouteTables": _ON_NOTHING,
    "ec2:DescribeSubnets": _ON_NOTHING,
    "ec2:DescribeTags": _ON_NOTHING,
    "ec2:DescribeVpcs": _ON_NOTHING,
    "ec2:CreateRoute": _ON_ROUTE_TABLE,
    "ec2:DeleteRoute": _ON_ROUTE_TABLE,
    "ec2:ReplaceRoute": _ON_ROUTE_TABLE,
    # Not sure: whether AllowReassignment is authorised on the interface that loses the address, too.
    "ec2:AssignPrivateIpAddresses": _ON_INTERFACE,
    "ec2:AssignIpv6Addresses": _ON_INTERFACE,
    "ec2:UnassignPrivateIpAddresses": _ON_INTERFACE,
    "ec2:UnassignIpv6Addresses": _ON_INTERFACE,
    # Not sure: the reference lists `instance` as well; it is taken to be for Attachment, which is not here.
    "ec2:ModifyNetworkInterfaceAttribute": _Row(
        {"NetworkInterfaceId": "network-interface", "SecurityGroupId": "security-group"},
        request_keys.of_attribute,
    ),
    # Not sure: whether an instance that is named is authorised on its primary interface, too; and whether an
    # interface or an address that is in use is, on the other end of the association that goes.
    "ec2:AssociateAddress": _Row(
        {
            "AllocationId": "elastic-ip",
            "PublicIp": PUBLIC_IP,
            "NetworkInterfaceId": "network-interface",
            "InstanceId": "instance",
        }
    ),
    "ec2:DisassociateAddress": _Row({"AssociationId": ASSOCIATION, "PublicIp": ASSOCIATION}),
    "ec2:CreateTags": _ON_TAGGED,
    "ec2:DeleteTags": _ON_TAGGED,
    "sts:AssumeRole": _Row({"RoleArn": "role"}, request_keys.of_session),
    "sts:GetCallerIdentity": _ON_NOTHING,
    "route53:ChangeResourceRecordSets": _Row({"HostedZoneId": "hostedzone"}, request_keys.of_changes),
    "route53:GetChange": _Row({"Id": "change"}),
    "route53:GetHostedZone": _ON_ZONE,
    "route53:ListHostedZones": _ON_NOTHING,
    "route53:ListHostedZonesByName": _ON_NOTHING,
    "route53:ListResourceRecordSets": _ON_ZONE,
    "route53:ListTagsForResource": _Row({"ResourceId": ""}),
}

_KINDS = {
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "rtb": "route-table",
    "sg": "security-group",
}
