"""`aws-secondary-ip`: the VIP is a secondary private address of the holder's network interface.

Rules: works within one subnet, and so one zone; never moves a primary address; releases only what it has
on its own interface, by that interface's id, so that a late release finds nothing to take from the next
holder. An Elastic IP on the address moves along with it, and is disassociated when it is released.

An IPv4 address moves in one request, AssignPrivateIpAddresses with AllowReassignment. A place that was seen
without a holder is taken without that flag: whoever has come since makes it a Conflict.

An IPv6 address cannot be reassigned. It is assigned as if it were free, which after a clean `down` it is;
else EC2 refuses, a Conflict, and the order reads, and claims again with the holder it saw: unassigned there,
then assigned here. When something goes wrong between the two:

- The holder does not have it any more, or is gone: nothing to take, so it is assigned here. If somebody
  else has it by then, that is refused, a Conflict, and nobody has lost anything.
- The first answer is lost: an unknown outcome. The order reads: nobody has it, or the old holder still does.
- The first is done and the second is certainly not: also an unknown outcome, because the place is not as it
  was. The order reads that nobody has it, and assigns it; one that cannot says so.
- This process dies: nobody has the address, and the next `up`, on any node, assigns it in one request.
- The first request arrives late: it takes the address from a holder that it does not mean any more. Nothing
  in EC2 prevents that; the deadline on the socket does (`transport`).

EC2 moves addresses asynchronously. IPv4 addresses that are ours settle when the metadata service shows them
(`remapping`). The source/destination check does not matter for an interface's own addresses, so there is
nothing to prepare.
Source: EC2 API Reference, AssignPrivateIpAddresses, AssignIpv6Addresses; EC2 User Guide, "Secondary IP
addresses for your EC2 instances".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, VipswitchError
from vipswitch.model import Address, Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import assuming, interfaces, names, principal
from vipswitch.providers.aws.policy import POLICY
from vipswitch.providers.aws.secondary_ip.remapping import not_yet_here
from vipswitch.providers.aws.secondary_ip.settings import SecondaryIpSettings

if TYPE_CHECKING:
    from vipswitch.providers.aws.api.client import Clients
    from vipswitch.providers.aws.secondary_ip.addresses import Held, SecondaryAddresses

_LATE = "the metadata service does not show it yet: the network may still deliver to the old interface"

_KINDS = {4: "PrivateIp", 6: "Ipv6"}
"""What EC2 calls the addresses of a family, in the names of its actions."""


class AwsSecondaryIp:
    """Moves a VIP by assigning its addresses to another network interface of their subnet."""

    Settings = SecondaryIpSettings
    policy: ClassVar[PolicyForm] = POLICY
    capabilities: ClassVar[Capabilities] = Capabilities(
        write_first=True, needs_address=True, announces=False, life_s=30.0
    )

    def __init__(self, settings: SecondaryIpSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._machine = machine
        self._places = tuple(Place("private-ip", address) for address in dict.fromkeys(vip.addresses))
        self._me: NodeId | None = None
        self._subnet_of_mine: str | None = None
        self._aws = Footing(
            settings,
            machine,
            connect=_secondary_addresses,
            endpoints={"ec2": settings.endpoint_url},
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each address."""
        return self._places

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        self._me = self._aws.node(deadline)
        return self._me

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find this node's network interface, where the config names it by a tag."""
        self._aws.discover(deadline, anew=anew)

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """That tag, and what is kept for it."""
        return self._aws.tags

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place, in one request for each family; ConfigError for a primary address."""
        subnet = self._subnet(deadline)
        answers: dict[Place, Holding | VipswitchError] = {}
        for family in (4, 6):
            of_it = [place for place in places if _address(place).version == family]
            answers |= self._read(of_it, subnet, deadline) if of_it else {}
        return self._confirmed(answers, deadline)

    def _read(
        self, places: Sequence[Place], subnet: str, deadline: Deadline
    ) -> Mapping[Place, Holding | VipswitchError]:
        """Of one family; that it cannot be read says nothing of the other."""
        try:
            held = self._aws.api.holders([_address(place) for place in places], subnet, deadline)
        except VipswitchError as wrong:
            return dict.fromkeys(places, wrong)
        return {place: _holding(place, held.get(_address(place))) for place in places}

    def _confirmed(
        self, answers: Mapping[Place, Holding | VipswitchError], deadline: Deadline
    ) -> Mapping[Place, Holding | VipswitchError]:
        """The same, with what is ours not settled while the network does not deliver it here."""
        read = {p: a for p, a in answers.items() if isinstance(a, Holding)}
        held = {_address(place): holding.holder for place, holding in read.items()}
        late = not_yet_here(held, self._machine, self._aws.home, deadline)
        unsettled = {p: replace(a, settled=False, note=_LATE) for p, a in read.items() if p.address in late}
        return {**answers, **unsettled}

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Assign the address to `node`, an IPv6 address after it was taken off the holder that was seen."""
        address, addresses = _address(place), self._aws.api
        vacant = seen is not None and seen.holder is None
        if address.version == 6 and seen is not None and seen.holder is not None:
            addresses.take(address, seen.holder, node, deadline)
        else:
            addresses.assign(address, node, deadline, may_move=address.version == 4 and not vacant)

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Assign an address that nobody has; Conflict, and nothing moved, if somebody has it."""
        if seen.holder is not None:
            raise Conflict(f"{place}: held by {seen.holder}")
        self._aws.api.assign(_address(place), node, deadline)

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Take the address off `node`; Conflict, and nothing asked, if `seen` names another holder."""
        if seen.holder != node:
            raise Conflict(f"{place}: held by {seen.holder or 'nobody'}, not by this node")
        self._aws.api.unassign(_address(place), node, deadline)

    def contention_key(self, place: Place) -> str:
        """This node's network interface, which the writes of all its VIPs change.

        It is the one that `node` told last. EC2 does not say what two changes of it at once do to each other.
        """
        return f"aws-interface:{self._me or ''}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of EC2's API that `call` makes, in the words of IAM."""
        match call:
            case "read":
                return list(_reading(places))
            case "claim":
                return [_writing("Assign", place, node) for place in places]
            case "release":
                return [_writing("Unassign", place, node) for place in places]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading who has the address, and moving it between the nodes' interfaces in its subnet."""
        named, who = names(self._settings, self._aws, deadline), principal(self._settings)
        here, subnet = (named.here(),), self._subnet(deadline)
        resources, within = interfaces(self._settings.nodes, f"subnet/{subnet}", named)
        reads = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeInstanceTypes")
        grants = [Grant(who, "ReadAddresses", reads, ("*",), here)]
        for kind in dict.fromkeys(_KINDS[_address(place).version] for place in self._places):
            actions = (f"ec2:Assign{kind}Addresses", f"ec2:Unassign{kind}Addresses")
            grants.append(Grant(who, f"Move{kind}Addresses", actions, resources, within))
        if self._aws.tags and who != NODE:
            grants.append(Grant(NODE, "FindInterface", reads[:1], ("*",), here))
        return [*grants, *assuming(self._settings)]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of AWS and that can be looked at without changing anything."""
        try:
            self.discover(deadline)
            addresses, clients = self._aws.api, self._aws.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "AWS", wrong.message, wrong.hint)]
        from vipswitch.providers.aws.secondary_ip.preflight import Preflight
        from vipswitch.providers.aws.secondary_ip.subnets import Subnets

        return Preflight(
            addresses,
            Subnets(clients),
            wanted=tuple(_address(place) for place in self._places),
            subnet=self._settings.subnet,
            node=self.node,
        ).findings(deadline)

    def _subnet(self, deadline: Deadline) -> str:
        """The one in the config, else that of this node's interface, which it keeps as long as it lives."""
        if self._settings.subnet:
            return self._settings.subnet
        if self._machine.node() is None:
            return self._aws.home.identity(deadline).subnet
        if self._subnet_of_mine is None:
            self._subnet_of_mine = self._aws.api.attachment(self.node(deadline), deadline).subnet
        return self._subnet_of_mine


def _secondary_addresses(clients: Clients) -> SecondaryAddresses:
    from vipswitch.providers.aws.secondary_ip.addresses import SecondaryAddresses

    return SecondaryAddresses(clients)


def _address(place: Place) -> Address:
    if place.address is None:
        raise ConfigError(f"{place}: no place of a private address")
    return place.address


def _holding(place: Place, held: Held | None) -> Holding | VipswitchError:
    if held is None:
        return Holding(None)
    if held.primary:
        return ConfigError(
            f"{place}: is the primary address of {held.by}, which never moves",
            hint="choose a free address of the subnet",
        )
    return Holding(held.by)


def _reading(places: Sequence[Place]) -> Iterator[str]:
    for family, filter in ((4, "addresses.private-ip-address"), (6, "ipv6-addresses.ipv6-address")):
        if addresses := [str(place.address) for place in places if _address(place).version == family]:
            yield f"ec2:DescribeNetworkInterfaces Filter.{filter}={','.join(addresses)} Filter.subnet-id"


def _writing(verb: str, place: Place, node: NodeId) -> str:
    address = _address(place)
    parameter = "PrivateIpAddress" if address.version == 4 else "Ipv6Addresses"
    flag = " AllowReassignment=true" if (verb, address.version) == ("Assign", 4) else ""
    action = f"ec2:{verb}{_KINDS[address.version]}Addresses"
    return f"{action} NetworkInterfaceId={node} {parameter}={address}{flag}"
