"""Calls that vipswitch may make, and what IAM wants for each. Source: Service Authorization Reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.aws.restricted import (
    ACTIONS,
    IN_REGION,
    IN_ROUTE53,
    NAMES,
    NO_KEYS,
    TYPES,
    VIP,
    Keys,
    Need,
    Site,
    batch,
)
from vipswitch.testing.aws import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/failover"
_TAG = {"Key": "vip", "Value": "released"}

Arguments = Callable[[Site], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Case:
    """A call, what it needs, and what an administrator does before it."""

    service: str
    operation: str
    arguments: Arguments
    needs: Callable[[Site], list[Need]]
    before: Callable[[Site], object] = lambda _: None

    def __str__(self) -> str:
        return f"{self.service} {self.operation}"

    def call(self, site: Site) -> object:
        client = getattr(site.clients, self.service)
        return getattr(client, self.operation)(**self.arguments(site))


def _nothing(_: Site) -> Mapping[str, object]:
    return {}


def _route(site: Site) -> Mapping[str, object]:
    return {"RouteTableId": site.table, "DestinationCidrBlock": VIP}


def _to_node(site: Site) -> Mapping[str, object]:
    return {**_route(site), "NetworkInterfaceId": site.node.interface_id}


def _new_route(site: Site) -> Mapping[str, object]:
    return {**_to_node(site), "DestinationCidrBlock": "10.99.0.51/32"}


def _ipv4(site: Site) -> Mapping[str, object]:
    return {"NetworkInterfaceId": site.node.interface_id, "PrivateIpAddresses": [site.address]}


def _ipv6(site: Site) -> Mapping[str, object]:
    return {"NetworkInterfaceId": site.node.interface_id, "Ipv6Addresses": [site.ipv6]}


def _check(site: Site) -> Mapping[str, object]:
    return {"NetworkInterfaceId": site.node.interface_id, "SourceDestCheck": {"Value": False}}


def _described(site: Site) -> Mapping[str, object]:
    return {"NetworkInterfaceId": site.node.interface_id, "Description": {"Value": "a node"}}


def _association(site: Site) -> Mapping[str, object]:
    return {"AssociationId": site.admin.describe_addresses()["Addresses"][0]["AssociationId"]}


def _tagging(site: Site) -> Mapping[str, object]:
    return {"Resources": [site.table, site.node.interface_id], "Tags": [_TAG]}


def _tagged(action: str) -> Callable[[Site], list[Need]]:
    keys: Keys = {"aws:RequestTag/vip": "released", "aws:TagKeys": ["vip"]}
    return lambda s: [s.on_table(action, keys), s.on_interface(action, keys)]


def _both_ends(action: str) -> Callable[[Site], list[Need]]:
    return lambda s: [s.on_elastic_ip(action), s.on_interface(action)]


def _attribute(name: str, value: str) -> Callable[[Site], list[Need]]:
    keys = {"ec2:Attribute": name, f"ec2:Attribute/{name}": value}
    return lambda s: [s.on_interface("ec2:ModifyNetworkInterfaceAttribute", keys)]


def _session(_: Site) -> Mapping[str, object]:
    return {"RoleArn": ROLE, "RoleSessionName": "vipswitch", "ExternalId": "shared"}


def _tagged_session(site: Site) -> Mapping[str, object]:
    return {**_session(site), "Tags": [_TAG], "TransitiveTagKeys": ["vip"]}


def _assuming(*actions: str, more: Keys = NO_KEYS) -> Callable[[Site], list[Need]]:
    keys = {**IN_REGION, "sts:ExternalId": "shared", "sts:RoleSessionName": "vipswitch", **more}
    return lambda _: [Need(action, ROLE, keys) for action in actions]


def _in_zone(site: Site) -> Mapping[str, object]:
    return {"HostedZoneId": site.zone}


def _record(site: Site) -> Mapping[str, object]:
    return {"HostedZoneId": site.zone, "ChangeBatch": batch("*.VIP.Example.com.", "UPSERT")}


def _recording(site: Site) -> list[Need]:
    changed: Keys = {NAMES: ["\\052.vip.example.com"], TYPES: ["A"], ACTIONS: ["UPSERT"]}
    return [site.on_zone("route53:ChangeResourceRecordSets", changed)]


def _describing(noun: str) -> Callable[[Site], list[Need]]:
    return lambda _: [Need(f"ec2:Describe{noun}")]


CASES = [
    Case("ec2", "describe_addresses", _nothing, _describing("Addresses")),
    Case("ec2", "describe_instances", _nothing, _describing("Instances")),
    Case("ec2", "describe_network_interfaces", _nothing, _describing("NetworkInterfaces")),
    Case("ec2", "describe_route_tables", _nothing, _describing("RouteTables")),
    Case("ec2", "describe_subnets", _nothing, _describing("Subnets")),
    Case("ec2", "describe_tags", _nothing, _describing("Tags")),
    Case("ec2", "describe_vpcs", _nothing, _describing("Vpcs")),
    Case("ec2", "create_route", _new_route, lambda s: [s.on_table("ec2:CreateRoute")]),
    Case("ec2", "replace_route", _to_node, lambda s: [s.on_table("ec2:ReplaceRoute")]),
    Case("ec2", "delete_route", _route, lambda s: [s.on_table("ec2:DeleteRoute")]),
    Case(
        "ec2",
        "assign_private_ip_addresses",
        _ipv4,
        lambda s: [s.on_interface("ec2:AssignPrivateIpAddresses")],
    ),
    Case(
        "ec2",
        "unassign_private_ip_addresses",
        _ipv4,
        lambda s: [s.on_interface("ec2:UnassignPrivateIpAddresses")],
        before=lambda s: s.admin.assign_private_ip_addresses(**_ipv4(s)),  # type: ignore[arg-type]
    ),
    Case("ec2", "assign_ipv6_addresses", _ipv6, lambda s: [s.on_interface("ec2:AssignIpv6Addresses")]),
    Case(
        "ec2",
        "unassign_ipv6_addresses",
        _ipv6,
        lambda s: [s.on_interface("ec2:UnassignIpv6Addresses")],
        before=lambda s: s.admin.assign_ipv6_addresses(**_ipv6(s)),  # type: ignore[arg-type]
    ),
    Case("ec2", "modify_network_interface_attribute", _check, _attribute("SourceDestCheck", "false")),
    Case("ec2", "modify_network_interface_attribute", _described, _attribute("Description", "a node")),
    Case(
        "ec2",
        "associate_address",
        lambda s: {"AllocationId": s.allocation, "NetworkInterfaceId": s.node.interface_id},
        _both_ends("ec2:AssociateAddress"),
    ),
    Case(
        "ec2",
        "associate_address",
        lambda s: {"PublicIp": s.public_ip, "NetworkInterfaceId": s.node.interface_id},
        _both_ends("ec2:AssociateAddress"),
    ),
    Case(
        "ec2",
        "associate_address",
        lambda s: {"AllocationId": s.allocation, "InstanceId": s.node.instance_id},
        lambda s: [s.on_elastic_ip("ec2:AssociateAddress"), s.on_instance("ec2:AssociateAddress")],
    ),
    Case(
        "ec2",
        "disassociate_address",
        _association,
        _both_ends("ec2:DisassociateAddress"),
        before=Site.associate,
    ),
    Case(
        "ec2",
        "disassociate_address",
        lambda s: {"PublicIp": s.public_ip},
        _both_ends("ec2:DisassociateAddress"),
        before=Site.associate,
    ),
    Case("ec2", "create_tags", _tagging, _tagged("ec2:CreateTags")),
    Case("ec2", "delete_tags", _tagging, _tagged("ec2:DeleteTags")),
    Case("sts", "assume_role", _session, _assuming("sts:AssumeRole")),
    Case(
        "sts",
        "assume_role",
        lambda s: {**_session(s), "SourceIdentity": "node1"},
        _assuming("sts:AssumeRole", "sts:SetSourceIdentity", more={"sts:SourceIdentity": "node1"}),
    ),
    Case(
        "sts",
        "assume_role",
        _tagged_session,
        _assuming(
            "sts:AssumeRole",
            "sts:TagSession",
            more={
                "aws:RequestTag/vip": "released",
                "aws:TagKeys": ["vip"],
                "sts:TransitiveTagKeys": ["vip"],
            },
        ),
    ),
    Case("route53", "change_resource_record_sets", _record, _recording),
    Case(
        "route53",
        "list_resource_record_sets",
        _in_zone,
        lambda s: [s.on_zone("route53:ListResourceRecordSets")],
    ),
    Case(
        "route53", "get_hosted_zone", lambda s: {"Id": s.zone}, lambda s: [s.on_zone("route53:GetHostedZone")]
    ),
    Case(
        "route53",
        "list_tags_for_resource",
        lambda s: {"ResourceType": "hostedzone", "ResourceId": s.zone},
        lambda s: [s.on_zone("route53:ListTagsForResource")],
    ),
    Case(
        "route53",
        "get_change",
        lambda s: {"Id": s.change},
        lambda s: [Need("route53:GetChange", f"arn:aws:route53:::change/{s.change}", IN_ROUTE53)],
    ),
    Case(
        "route53", "list_hosted_zones", _nothing, lambda _: [Need("route53:ListHostedZones", "*", IN_ROUTE53)]
    ),
    Case(
        "route53",
        "list_hosted_zones_by_name",
        _nothing,
        lambda _: [Need("route53:ListHostedZonesByName", "*", IN_ROUTE53)],
    ),
]
