"""What the cloud knows of a caller and of the resources that a call names, read from moto's state.

Rules: nothing is changed; the cloud must be at rest; what does not exist has no keys.
`ec2:Vpc` and `ec2:Subnet` are ARNs, the other keys plain ids. An instance has more keys than are here.
Source: Service Authorization Reference, "Resource types" and "Condition keys for Amazon EC2".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .references import ASSOCIATION, PUBLIC_IP, Resource, partition
from .request_keys import Keys

_INSTANCE_PROFILE = "arn:{partition}:sts::{account}:assumed-role/vipswitch-node/i-0123456789abcdef0"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose access key it is; `role` is the ARN that a session was given to AssumeRole for."""

    arn: str
    account: str
    role: str | None = None


def node(*, account: str, region: str) -> Caller:
    """A caller that moto knows nothing of, as if it were an instance with a profile."""
    return Caller(_INSTANCE_PROFILE.format(partition=partition(region), account=account), account)


def caller(access_key: str, *, region: str) -> Caller:
    """Who calls with this access key."""
    from moto.iam.models import get_account_id_from
    from moto.sts.models import sts_backends

    account = get_account_id_from(access_key)
    sessions = sts_backends[account][partition(region)]
    session = sessions.get_assumed_role_from_access_key(access_key)
    if session is None:
        return node(account=account, region=region)
    return Caller(session.arn, account, session.role_arn)


class Facts:
    """What one account's region knows."""

    def __init__(self, *, region: str, account: str) -> None:
        from moto.ec2.models import ec2_backends

        self._region = region
        self._account = account
        self._backend = ec2_backends[account][region]

    def resolved(self, resource: Resource) -> tuple[Resource, ...]:
        """The resources that stand behind it; none for an association or an address that is no more."""
        if resource.kind == PUBLIC_IP:
            return tuple(_elastic_ip(each) for each in self._addresses() if each.public_ip == resource.id)
        if resource.kind != ASSOCIATION:
            return (resource,)
        ends = (each for each in self._addresses() if resource.id in (each.association_id, each.public_ip))
        return tuple(end for address in ends for end in _ends(address))

    def keys(self, resource: Resource) -> Keys:
        """The condition keys of a resource."""
        readers = {
            "route-table": self._of_table,
            "network-interface": self._of_interface,
            "elastic-ip": self._of_address,
            "instance": self._of_instance,
        }
        own = readers[resource.kind](resource.id) if resource.kind in readers else {}
        return own | dict(self._tags(resource.id))

    def _tags(self, id_: str) -> Iterator[tuple[str, str]]:
        for key, text in self._backend.tags.get(id_, {}).items():
            yield f"aws:ResourceTag/{key}", text
            yield f"ec2:ResourceTag/{key}", text

    def _of_table(self, id_: str) -> Keys:
        table = self._backend.route_tables.get(id_)
        return {"ec2:RouteTableID": id_, "ec2:Vpc": self._arn("vpc", table.vpc_id)} if table else {}

    def _of_interface(self, id_: str) -> Keys:
        interface = self._backend.enis.get(id_)
        if interface is None:
            return {}
        return {
            "ec2:NetworkInterfaceID": id_,
            "ec2:Subnet": self._arn("subnet", interface.subnet.id),
            "ec2:Vpc": self._arn("vpc", interface.subnet.vpc_id),
            "ec2:AvailabilityZone": interface.subnet.availability_zone,
        }

    def _of_address(self, id_: str) -> Keys:
        address = next((each for each in self._addresses() if each.allocation_id == id_), None)
        if address is None:
            return {}
        return {
            "ec2:AllocationId": id_,
            "ec2:PublicIpAddress": address.public_ip,
            "ec2:Domain": address.domain,
        }

    def _of_instance(self, id_: str) -> Keys:
        instance = self._backend.get_instance_by_id(id_)
        if instance is None:
            return {}
        return {
            "ec2:InstanceID": id_,
            "ec2:InstanceType": instance.instance_type,
            "ec2:AvailabilityZone": instance.placement.zone,
        }

    def _addresses(self) -> list[Any]:
        return list(self._backend.addresses)

    def _arn(self, kind: str, id_: str) -> str:
        return Resource(kind, id_).arn(region=self._region, account=self._account)


def _elastic_ip(address: Any) -> Resource:
    return Resource("elastic-ip", address.allocation_id)


def _ends(address: Any) -> Iterator[Resource]:
    """The address and the interface of an association."""
    if address.association_id is not None:
        yield _elastic_ip(address)
    if address.eni is not None:
        yield Resource("network-interface", address.eni.id)
