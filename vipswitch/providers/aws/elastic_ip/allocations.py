"""EC2 Elastic IPs: what is asked of them, and what they answer, in our types.

Source: EC2 API Reference, DescribeAddresses, AssociateAddress, DisassociateAddress.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict
from vipswitch.model import NodeId
from vipswitch.providers.asked import Asked
from vipswitch.providers.aws.api.client import Clients
from vipswitch.providers.aws.api.meanings import InUse, Permitted
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.providers.tags import Tag

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import AddressTypeDef


@dataclass(frozen=True, slots=True)
class Association:
    """What an Elastic IP maps to: a private address of a network interface. Each move makes a new id."""

    id: str
    interface: NodeId
    private: IPv4Address


@dataclass(frozen=True, slots=True)
class ElasticIp:
    """One Elastic IP: its public address, and its association if it has one."""

    id: AllocationId
    public: IPv4Address
    association: Association | None = None


class Allocations:
    """The Elastic IPs of an account in one region. Every method raises our errors only."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def describe(self, ids: Sequence[AllocationId], deadline: Deadline) -> dict[AllocationId, ElasticIp]:
        """Those of the Elastic IPs that exist, in one request.

        It asks with a filter: a list of ids fails as a whole when one of them does not exist.
        """
        found = self._filtered("allocation-id", ids, deadline, of="Elastic IPs")
        return {each.id: each for each in found}

    def tagged(self, tag: Tag, deadline: Deadline) -> list[AllocationId]:
        """The Elastic IPs that have a tag, by id."""
        found = self._filtered(f"tag:{tag.key}", [tag.value], deadline, of=f"Elastic IPs {tag}")
        return sorted(each.id for each in found)

    def at(self, public: IPv4Address, deadline: Deadline) -> list[AllocationId]:
        """The allocation of a public address, if there is one here."""
        found = self._filtered("public-ip", [str(public)], deadline, of=f"Elastic IP {public}")
        return [each.id for each in found]

    def on(self, interface: NodeId, deadline: Deadline) -> list[ElasticIp]:
        """All the Elastic IPs that map to an interface."""
        return self._filtered("network-interface-id", [interface], deadline, of=f"Elastic IPs of {interface}")

    def associate(
        self,
        id: AllocationId,
        interface: NodeId,
        private: IPv4Address | None,
        deadline: Deadline,
        *,
        may_move: bool = True,
        dry_run: bool = False,
    ) -> None:
        """Map it to `private` on `interface` (None: the primary address), whoever has it now.

        An Elastic IP that was mapped to the same private address is left without one. Unless it `may_move`
        neither is done: Conflict if somebody has it, InUse if another one is mapped to that address.
        """
        at = {"PrivateIpAddress": str(private)} if private else {}
        try:
            with self._writing("ec2:AssociateAddress", id, deadline, dry_run=dry_run) as ec2:
                ec2.associate_address(
                    AllocationId=id,
                    NetworkInterfaceId=interface,
                    AllowReassociation=may_move,
                    DryRun=dry_run,
                    **at,
                )
        except InUse as wrong:
            if may_move or f"{id} is already" not in wrong.message:
                raise
            raise Conflict(f"Elastic IP {id}: somebody has it by now") from wrong

    def disassociate(
        self, id: AllocationId, association: str, deadline: Deadline, *, dry_run: bool = False
    ) -> None:
        """End exactly this association of it; Conflict if it has ended already."""
        with self._writing("ec2:DisassociateAddress", id, deadline, dry_run=dry_run) as ec2:
            ec2.disassociate_address(AssociationId=association, DryRun=dry_run)

    def _filtered(self, name: str, values: Sequence[str], deadline: Deadline, *, of: str) -> list[ElasticIp]:
        asked = Asked("ec2:DescribeAddresses", of, deadline)
        with self._clients.ec2(asked) as ec2:
            found = ec2.describe_addresses(Filters=[{"Name": name, "Values": list(values)}])["Addresses"]
        return [_elastic_ip(raw) for raw in found]

    @contextmanager
    def _writing(
        self, action: str, id: AllocationId, deadline: Deadline, *, dry_run: bool
    ) -> Iterator[EC2Client]:
        """A dry run that would have gone through is a success."""
        asked = Asked(action, f"Elastic IP {id}", deadline, f"elastic-ip/{id}", writes=not dry_run)
        try:
            with self._clients.ec2(asked) as ec2:
                yield ec2
        except Permitted:
            return


def _elastic_ip(raw: AddressTypeDef) -> ElasticIp:
    public = IPv4Address(raw.get("PublicIp") or raw["CarrierIp"])
    return ElasticIp(AllocationId(raw["AllocationId"]), public, _association(raw))


def _association(raw: AddressTypeDef) -> Association | None:
    if not raw.get("AssociationId"):
        return None
    return Association(
        raw["AssociationId"], NodeId(raw["NetworkInterfaceId"]), IPv4Address(raw["PrivateIpAddress"])
    )
