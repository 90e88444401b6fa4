"""`azure-ip-configuration`: the VIP is a secondary ip configuration of the holder's network interface.

Rules: works within one subnet, which in Azure spans all zones; never moves a primary address; changes one
configuration and leaves the rest of a network interface as it is; takes the address only from the nodes
that the config names, and frees it only on its own interface. A public IP on the configuration moves along
in the same writes.

A takeover takes two writes (`moving`): off the old interface, then onto our own. In between nobody has the
address, and whoever reads that makes the second one: the next `up`, or the agent. Every write is bound to
the reading that it was made from, by the ETags of the interfaces. A clean `down` makes the first write
before the next holder's `up`, which then has one left.

Each write is an operation that runs for seconds, or minutes; while it does, the place is busy. ARM refuses
the second one until the first has ended, "already allocated": then the operation is waited for, and if it
fails, the old interface is written once more. What ARM says is allocated to a resource that is none of the
nodes is somebody else's.

Writes of this node's VIPs that are on one interface are made one after the other, because each makes the
readings of the others old.
Source: Azure REST API, "Network Interfaces - Create Or Update"; "Assign multiple IP addresses to virtual
machines".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.azure.configurations import Nic, name_for, primary_never_moves
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import INTERFACES, PUBLIC_ADDRESSES, node_of
from vipswitch.providers.azure.ip_configuration.addresses import VipAddress
from vipswitch.providers.azure.ip_configuration.readings import Readings
from vipswitch.providers.azure.ip_configuration.settings import IpConfigurationSettings
from vipswitch.providers.azure.peers import Peers
from vipswitch.providers.azure.role import ROLE
from vipswitch.providers.handover.moves import Handover
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.azure.api.client import Clients
    from vipswitch.providers.azure.nics import Nics


class AzureIpConfiguration:
    """Moves a VIP by giving its addresses to another network interface of their subnet."""

    Settings = IpConfigurationSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        needs_address=True, announces=False, shares_tokens=True, life_s=180.0, takeover_gap_s=120.0
    )

    def __init__(self, settings: IpConfigurationSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._vip = vip
        self._machine = machine
        self._places = tuple(Place("private-ip", address) for address in dict.fromkeys(vip.addresses))
        self._azure = Footing(settings, machine, connect=_nics)
        self._peers = Peers(settings.nodes, machine, self._azure)
        self._readings = Readings(self._azure, self._peers)
        self._handover = Handover("Azure", lambda: self._azure.api, named=node_of)
        self._me: NodeId | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each address."""
        return self._places

    def node(self, deadline: Deadline) -> NodeId:
        """The network interface that the config gives this machine, else the one with the VIP's MAC."""
        self._me = self._azure.interface(deadline).node
        return self._me

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        """`group/name`, in lower case, for a name or an id."""
        return self._azure.interface_of(node, deadline).node

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find the nodes that the config names by a tag."""
        self._peers.discover(deadline, anew=anew)

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """The tags in the config, and the network interfaces that are kept for them."""
        return self._peers.tags

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place: every node's network interface is read, or only our own where that tells."""
        wanted = [self._moved(place, deadline) for place in places]
        seen = self._readings.of(wanted, self.node(deadline), deadline)
        return {place: self._answer(place, seen, deadline) for place in places}

    def _answer(self, place: Place, seen: Reading[Nic], deadline: Deadline) -> Holding | VipswitchError:
        try:
            what = self._moved(place, deadline)
            for nic in seen.nics:
                if (there := nic.at(what.address)) is not None and there.primary:
                    return primary_never_moves(nic, what.address)
            known = self._readings.resolved(what, seen, deadline)
            return self._handover.holding(place, what, known, deadline)
        except VipswitchError as wrong:
            return wrong

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Take the address off the holder that was seen, and say Halfway; or give it to this node."""
        self._handover.claim(place, self._moved(place, deadline), seen, deadline)
        self._readings.expect_here()

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Take the address off this node's network interface, if that is still as it was seen."""
        self._handover.release(place, self._moved(place, deadline), node, seen, deadline)

    def contention_key(self, place: Place) -> str:
        """This node's network interface, which the writes of all its VIPs there change."""
        return f"azure-interface:{self._me}" if self._me else f"azure-interface-of:{self._vip.name}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of ARM that `call` makes, in the words of its roles."""
        addresses = [str(place.address) for place in places]
        match call:
            case "read":
                return [f"{INTERFACES}/read {each}" for each in dict.fromkeys([node, *self._peers.shown()])]
            case "claim":
                off = [f"{INTERFACES}/write (the holder's, if there is one) without {a}" for a in addresses]
                return [*off, *(f"{INTERFACES}/write {node} with {address}" for address in addresses)]
            case "release":
                return [f"{INTERFACES}/write {node} without {address}" for address in addresses]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading and writing the nodes' network interfaces, and joining what those refer to."""
        from vipswitch.providers.azure.interface_grants import granted
        from vipswitch.providers.azure.subnets import READ, READ_FREE, network_of

        seen = self._readings.of_all(self.node(deadline), deadline)
        numbers = range(len(self._places))
        checks = [
            Grant(NODE, "CheckSubnet", (READ,), (seen.own.subnet,)),
            Grant(NODE, "CheckAddress", (READ_FREE,), (str(network_of(seen.own.subnet)),)),
        ]
        moves = granted(
            self._azure.api,
            seen,
            [id for number in numbers if (id := self._public_ip(number, deadline))],
            finds_itself=self._machine.node() is None,
            groups=self._peers.groups(deadline),
            deadline=deadline,
        )
        return [*moves, *checks]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Azure and that can be looked at without changing anything."""
        try:
            self.discover(deadline)
            clients = self._azure.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Azure", wrong.message, wrong.hint)]
        from vipswitch.providers.azure.ip_configuration.preflight import Preflight

        return Preflight(
            clients,
            self._azure.api,
            wanted=tuple(self._moved(place, deadline) for place in self._places),
            node=self.node,
            nodes=self._peers.ids,
        ).findings(deadline)

    def _moved(self, place: Place, deadline: Deadline) -> VipAddress:
        if place.address is None or place not in self._places:
            raise ConfigError(f"{place}: no place of a private address")
        number = self._places.index(place)
        name = name_for(self._vip.name, number)
        return VipAddress(place.address, name, self._public_ip(number, deadline))

    def _public_ip(self, number: int, deadline: Deadline) -> str:
        named = self._settings.public_ip
        if number >= len(named):
            return ""
        return str(self._azure.resource(named[number], PUBLIC_ADDRESSES, deadline))


def _nics(clients: Clients) -> Nics:
    from vipswitch.providers.azure.nics import Nics

    return Nics(clients)
