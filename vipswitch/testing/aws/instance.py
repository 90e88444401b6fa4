"""What the metadata service of one instance knows: the instance, and the documents made from it.

Source: EC2 User Guide, "Instance metadata categories" and "Instance identity documents".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_CREDENTIALS_LAST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A public address of an instance, an Elastic IP for example, and the private one it stands for."""

    public: IPv4Address
    private: IPv4Address


@dataclass(frozen=True, slots=True)
class Interface:
    """One network interface of an instance.

    The first of `local_ipv4s` is the primary one, the first of `vpc_cidrs` the VPC's primary block.
    """

    mac: str
    interface_id: str
    subnet_id: str
    vpc_id: str
    subnet_cidr: IPv4Network
    vpc_cidrs: tuple[IPv4Network, ...]
    local_ipv4s: tuple[IPv4Address, ...]
    device_number: int = 0
    ipv6s: tuple[IPv6Address, ...] = ()
    subnet_ipv6_cidrs: tuple[IPv6Network, ...] = ()
    vpc_ipv6_cidrs: tuple[IPv6Network, ...] = ()
    publics: tuple[PublicAddress, ...] = ()

    @property
    def public_ipv4(self) -> IPv4Address | None:
        """The public address of the primary private one."""
        return next((one.public for one in self.publics if one.private == self.local_ipv4s[0]), None)


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance; the first interface is the primary one. Without a role it has no credentials."""

    instance_id: str
    region: str
    availability_zone: str
    account: str
    interfaces: tuple[Interface, ...]
    role: str | None = "vipswitch-node"


def documents(instance: Instance, *, now: datetime) -> Mapping[str, str]:
    """All documents by their path below `/latest/`."""
    primary = instance.interfaces[0]
    found = {
        "dynamic/instance-identity/document": _identity(instance, now),
        "meta-data/instance-id": instance.instance_id,
        "meta-data/mac": primary.mac,
        "meta-data/local-ipv4": str(primary.local_ipv4s[0]),
        "meta-data/placement/region": instance.region,
        "meta-data/placement/availability-zone": instance.availability_zone,
    }
    if primary.public_ipv4:
        found["meta-data/public-ipv4"] = str(primary.public_ipv4)
    if instance.role:
        found[f"meta-data/iam/security-credentials/{instance.role}"] = _credentials(now)
    for interface in instance.interfaces:
        below = f"meta-data/network/interfaces/macs/{interface.mac}"
        found |= {f"{below}/{name}": text for name, text in _of(interface, instance.account).items() if text}
    return found


def _of(interface: Interface, account: str) -> Mapping[str, str]:
    return {
        "device-number": str(interface.device_number),
        "interface-id": interface.interface_id,
        "ipv6s": _lines(interface.ipv6s),
        "local-ipv4s": _lines(interface.local_ipv4s),
        "mac": interface.mac,
        "owner-id": account,
        "public-ipv4s": _lines(tuple(one.public for one in interface.publics)),
        "subnet-id": interface.subnet_id,
        "subnet-ipv4-cidr-block": str(interface.subnet_cidr),
        "subnet-ipv6-cidr-blocks": _lines(interface.subnet_ipv6_cidrs),
        "vpc-id": interface.vpc_id,
        "vpc-ipv4-cidr-block": str(interface.vpc_cidrs[0]),
        "vpc-ipv4-cidr-blocks": _lines(interface.vpc_cidrs),
        "vpc-ipv6-cidr-blocks": _lines(interface.vpc_ipv6_cidrs),
        **{f"ipv4-associations/{one.public}": str(one.private) for one in interface.publics},
    }


def _lines(values: tuple[object, ...]) -> str:
    return "\n".join(str(value) for value in values)


def _identity(instance: Instance, now: datetime) -> str:
    document = {
        "accountId": instance.account,
        "architecture": "x86_64",
        "availabilityZone": instance.availability_zone,
        "imageId": "ami-0123456789abcdef0",
        "instanceId": instance.instance_id,
        "instanceType": "t3.medium",
        "pendingTime": _time(now),
        "privateIp": str(instance.interfaces[0].local_ipv4s[0]),
        "region": instance.region,
        "version": "2017-09-30",
    }
    return json.dumps(document, indent=2)


def _credentials(now: datetime) -> str:
    document = {
        "Code": "Success",
        "LastUpdated": _time(now),
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIAVIPSWITCHTESTING",
        "SecretAccessKey": "vipswitch",
        "Token": "vipswitch-session-token",
        "Expiration": _time(now + _CREDENTIALS_LAST),
    }
    return json.dumps(document, indent=2)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
