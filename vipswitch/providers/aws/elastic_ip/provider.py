"""`aws-elastic-ip`: an Elastic IP that maps to a private address of the holder's network interface.

Rules: the write names this node's interface and takes the Elastic IP from whoever has it; `down` ends only
the association that was read on this node's interface, by its own id, which no later holder shares: never by
the public address, never by an id looked up at that moment. Allocates and gives back no address. An Elastic
IP on this node's interface that maps to another private address than the config says is not taken for ours.
An Elastic IP belongs to one region and is IPv4; its holders may be in any zone of that region.
Source: EC2 API Reference, AssociateAddress, DisassociateAddress; EC2 User Guide, "Elastic IP addresses".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.aws.elastic_ip.named import MOVES, NamedAllocations
from vipswitch.providers.aws.elastic_ip.private_addresses import PrivateAddresses
from vipswitch.providers.aws.elastic_ip.settings import AllocationId, ElasticIpSettings
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import assuming, interfaces, names, principal
from vipswitch.providers.aws.policy import POLICY

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.elastic_ip.allocations import Allocations, ElasticIp


class AwsElasticIp:
    """Moves a VIP by associating Elastic IPs with the holder's network interface."""

    Settings = ElasticIpSettings
    policy: ClassVar[PolicyForm] = POLICY
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=True,
        needs_address=False,
        announces=False,
        life_s=30.0,
        addressed=Addressed.MAYBE,
        families=frozenset({4}),
    )

    def __init__(self, settings: ElasticIpSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._public = tuple(each for each in vip.addresses if isinstance(each, IPv4Address))
        self._named = NamedAllocations(settings.allocations, self._public)
        self._aws = Footing(
            settings,
            machine,
            connect=_allocations,
            endpoints={"ec2": settings.endpoint_url},
        )
        self._private = PrivateAddresses(settings.private_address, self._aws, machine.node)

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each allocation; ConfigError while a tag or an address was not looked up."""
        return tuple(Place(id) for id in self._named.ids(self._aws))

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        return self._aws.node(deadline)

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find the allocations that the config names by a tag or by their public address."""
        self._aws.discover(deadline, anew=anew)
        self._named.discover(self._aws, deadline, anew=anew)

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """The tags and public addresses in the config, and the ids that are kept for them."""
        return {**self._named.kept(self._aws), **self._aws.tags}

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in one request; ConfigError for an Elastic IP that is not there."""
        found = self._aws.api.describe([AllocationId(place.id) for place in places], deadline)
        return {place: self._answer(place, found.get(AllocationId(place.id)), deadline) for place in places}

    def _answer(self, place: Place, found: ElasticIp | None, deadline: Deadline) -> Holding | VipswitchError:
        if found is None:
            from vipswitch.providers.aws.api.meanings import no_elastic_ip

            return no_elastic_ip(f"Elastic IP {place.id}")
        try:
            return self._holding(place, found, deadline)
        except VipswitchError as wrong:
            return wrong

    def _holding(self, place: Place, found: ElasticIp, deadline: Deadline) -> Holding:
        """On this node's interface, but at another address than the one wanted, it is not this node's."""
        association = found.association
        if association is None:
            return Holding(None, note=str(found.public))
        holder, private = association.interface, association.private
        if holder == self._me(deadline) and not self._fits(place, private, holder, deadline):
            note = f"{found.public}, at another private address than the config says"
            return Holding(NodeId(f"{holder} at {private}"), association.id, note)
        return Holding(holder, association.id, f"{found.public} at {private}")

    def _fits(self, place: Place, private: IPv4Address, me: NodeId, deadline: Deadline) -> bool:
        return self._private.fits(self._number(place), private, me, deadline)

    def _me(self, deadline: Deadline) -> NodeId | None:
        """None where this node is unknown: then nothing that was read is this node's."""
        with suppress(VipswitchError):
            return self.node(deadline)
        return None

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Associate it with this node's interface; Conflict if that has other addresses than were kept."""
        self._associate(place, node, deadline, may_move=True)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Associate an Elastic IP that nobody has; Conflict, and nothing moved, if somebody has it."""
        if seen.holder is not None:
            raise Conflict(f"Elastic IP {place.id}: held by {seen.holder}")
        self._associate(place, node, deadline, may_move=False)

    def _associate(self, place: Place, node: NodeId, deadline: Deadline, *, may_move: bool) -> None:
        from vipswitch.providers.aws.api.meanings import NotOnInterface

        number = self._number(place)
        private = self._private.of(number, node, deadline)
        try:
            self._aws.api.associate(AllocationId(place.id), node, private, deadline, may_move=may_move)
        except NotOnInterface as wrong:
            if self._private.outdated(number, node, deadline):
                raise Conflict(wrong.message) from wrong
            raise

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """End the association that was seen, if it is this node's."""
        if seen.holder != node or not seen.token:
            raise Conflict(f"Elastic IP {place.id}: held by {seen.holder or 'nobody'}")
        self._aws.api.disassociate(AllocationId(place.id), seen.token, deadline)

    def contention_key(self, place: Place) -> str:
        """The allocation."""
        return f"aws-elastic-ip:{place.id}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of EC2's API that `call` makes, in the words of IAM."""
        match call:
            case "read":
                ids = ",".join(place.id for place in places)
                return [f"ec2:DescribeAddresses Filter.allocation-id={ids}"]
            case "claim":
                return [self._associating(place, node) for place in places]
            case "release":
                ending = "ec2:DisassociateAddress AssociationId="
                return [f"{ending}(the one that was read of {place.id})" for place in places]
        return []

    def _associating(self, place: Place, node: NodeId) -> str:
        private = self._private.shown(self._number(place), node)
        at = f" PrivateIpAddress={private}" if private else ""
        target = f"AllocationId={place.id} NetworkInterfaceId={node}{at}"
        return f"ec2:AssociateAddress {target} AllowReassociation=true"

    def _number(self, place: Place) -> int:
        """Which of the VIP's Elastic IPs it is, counted from 0."""
        return self.places.index(place)

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading Elastic IPs, moving these, and the nodes' interfaces, each of which a move names too."""
        named = names(self._settings, self._aws, deadline)
        who, here = principal(self._settings), (named.here(),)
        ends, within = interfaces(self._settings.nodes, f"vpc/{self._aws.vpc(deadline)}", named)
        return [
            Grant(who, "ReadElasticIps", ("ec2:DescribeAddresses",), ("*",), here),
            *self._named.grants(who, named),
            Grant(who, "MoveToInterfaces", MOVES, ends, within),
            Grant(NODE, "ReadInterfaces", ("ec2:DescribeNetworkInterfaces",), ("*",), here),
            Grant(who, "ReadRouteTables", ("ec2:DescribeRouteTables",), ("*",), here),
            *assuming(self._settings),
        ]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of AWS, changing nothing: permissions are tried with DryRun."""
        try:
            self.discover(deadline)
            allocations, ids = self._aws.api, self._named.ids(self._aws)
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "AWS", wrong.message, wrong.hint)]
        from vipswitch.providers.aws.elastic_ip.preflight import Preflight
        from vipswitch.providers.aws.route_table.tables import RouteTables

        return Preflight(
            allocations,
            RouteTables(self._aws.clients),
            self._aws.interfaces,
            ids=ids,
            public=self._public,
            listed=self._private.listed,
            node=self.node,
        ).findings(deadline)


def _allocations(clients: Clients) -> Allocations:
    from vipswitch.providers.aws.elastic_ip.allocations import Allocations

    return Allocations(clients)
