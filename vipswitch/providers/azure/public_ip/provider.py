"""`azure-public-ip`: the VIP is a public IP address on the holder's network interface.

Rules: takes a public IP from network interfaces only, from those of the nodes where `nodes` names them,
never from a load balancer or a gateway; overwrites no other public IP; frees it only on its own interface.
The host has nothing to do: Azure translates to the private address of the ip configuration.

It takes two writes, as a private address does (`moving`): off the old interface, then onto our own, each
bound to what was read by the interface's ETag. The public IP itself is never written; it says who has it,
and keeps saying so until the operation that takes it away has ended, which is waited for. On this node's
interface it belongs on one ip configuration, the primary one unless the config says another; on another
one it does not count as ours, and is moved.
Source: Azure REST API, "Public IP Addresses - Get", "Network Interfaces - Create Or Update"; Azure
documentation, "Associate a public IP address to a virtual machine".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, Refused, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.azure.footing import Footing
from vipswitch.providers.azure.ids import INTERFACES, PUBLIC_ADDRESSES, node_of, resource_id
from vipswitch.providers.azure.peers import Peers
from vipswitch.providers.azure.public_ip.settings import PublicIpSettings
from vipswitch.providers.azure.role import ROLE
from vipswitch.providers.handover.moves import Handover
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.azure.api.client import Clients
    from vipswitch.providers.azure.nics import Nics
    from vipswitch.providers.azure.public_ip.addresses import PublicIps, Reference
    from vipswitch.providers.azure.public_ip.sightings import Sighting


class AzurePublicIp:
    """Moves a VIP by giving public IPs to another network interface."""

    Settings = PublicIpSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        needs_address=False,
        announces=False,
        shares_tokens=True,
        life_s=180.0,
        takeover_gap_s=120.0,
        addressed=Addressed.MAYBE,
    )

    def __init__(self, settings: PublicIpSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._vip = vip
        self._machine = machine
        self._places = {Place(str(name)): name for name in settings.public_ip}
        self._azure = Footing(settings, machine, connect=_nics)
        self._peers = Peers(settings.nodes, machine, self._azure)
        self._handover = Handover("Azure", lambda: self._azure.api, named=node_of)
        self._me: NodeId | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each public IP; ConfigError where it is open which ip configuration is whose."""
        given = self._settings.ip_configuration
        if len(self._places) != len(given) and (given or len(self._places) > 1):
            raise ConfigError(
                f"ip_configuration: {len(given)} given for {len(self._places)} public IPs",
                hint="name one ip configuration for each, in the same order",
            )
        return tuple(self._places)

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
        """Who holds each place: the public IPs and our own interface at once, then those they hang on."""
        from vipswitch.providers.azure.public_ip.sightings import look

        me, wanted = self.node(deadline), [self._moved(place, deadline) for place in places]
        ids = [what.public_ip for what in wanted]
        found = look(_public_ips(self._azure.clients), self._azure.api, ids, me, deadline)
        return {
            place: self._answer(place, what, each, deadline)
            for place, what, each in zip(places, wanted, found, strict=True)
        }

    def _answer(
        self, place: Place, what: Reference, found: Sighting | VipswitchError, deadline: Deadline
    ) -> Holding | VipswitchError:
        if isinstance(found, VipswitchError):
            return found
        try:
            return self._holding(place, what, found, deadline)
        except VipswitchError as wrong:
            return wrong

    def _holding(self, place: Place, what: Reference, found: Sighting, deadline: Deadline) -> Holding:
        """The interface that the public IP hangs on is giving it away, if it does not show it itself."""
        by = found.by
        if by is not None and by != found.seen.own.id:
            self._only_from_nodes(what, by, deadline)
            if (nic := found.seen.of(by)) is not None and not what.on(nic):
                self._handover.wait_for(place, by)
        return self._handover.holding(place, what, found.seen, deadline, note=found.public_ip.address)

    def _only_from_nodes(self, what: Reference, by: NodeId, deadline: Deadline) -> None:
        if self._settings.nodes and by not in self._peers.ids(deadline):
            raise Refused(
                f"{what.subject}: held by {by}, which is none of the nodes",
                hint="add it to nodes, or take the public IP off it",
            )

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Take the public IP off the holder that was seen, and say Halfway; or give it to this node."""
        from vipswitch.providers.azure.api.meanings import PublicAddressInUse

        try:
            self._handover.claim(place, self._moved(place, deadline), seen, deadline)
        except PublicAddressInUse as wrong:
            by = resource_id(wrong.by)
            if by is not None and by.type.lower() == INTERFACES.lower():
                raise Conflict(wrong.message) from wrong
            raise

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Take the public IP off this node's network interface, if that is still as it was seen."""
        self._handover.release(place, self._moved(place, deadline), node, seen, deadline)

    def contention_key(self, place: Place) -> str:
        """This node's network interface, which the writes of all its VIPs there change."""
        return f"azure-interface:{self._me}" if self._me else f"azure-interface-of:{self._vip.name}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The requests of ARM that `call` makes, in the words of its roles."""
        names = [place.id for place in places]
        match call:
            case "read":
                return [*(f"{PUBLIC_ADDRESSES}/read {name}" for name in names), f"{INTERFACES}/read {node}"]
            case "claim":
                off = [f"{INTERFACES}/write (the holder's, if there is one) without {n}" for n in names]
                return [*off, *(f"{INTERFACES}/write {node} with {name}" for name in names)]
            case "release":
                return [f"{INTERFACES}/write {node} without {name}" for name in names]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading the public IPs, writing the nodes' network interfaces, and joining what those refer to."""
        from vipswitch.providers.azure.interface_grants import granted

        me = self.node(deadline)
        read = self._azure.api.read_all(list(dict.fromkeys([me, *self._peers.ids(deadline)])), deadline)
        own = read.pop(me)
        if isinstance(own, VipswitchError):
            raise own
        public = [str(self._moved(place, deadline).public_ip) for place in self.places]
        return [
            Grant(NODE, "ReadPublicIps", (f"{PUBLIC_ADDRESSES}/read",), tuple(public)),
            *granted(
                self._azure.api,
                Reading(own, read),
                public,
                finds_itself=self._machine.node() is None,
                groups=self._peers.groups(deadline),
                deadline=deadline,
            ),
        ]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Azure and that can be looked at without changing anything."""
        try:
            self.discover(deadline)
            moved, clients = [self._moved(place, deadline) for place in self.places], self._azure.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Azure", wrong.message, wrong.hint)]
        from vipswitch.providers.azure.public_ip.preflight import Preflight

        return Preflight(
            clients,
            self._azure.api,
            _public_ips(clients),
            wanted=moved,
            addresses=self._vip.addresses,
            node=self.node,
            nodes=self._peers.ids,
        ).findings(deadline)

    def _moved(self, place: Place, deadline: Deadline) -> Reference:
        from vipswitch.providers.azure.public_ip.addresses import Reference

        if place not in self._places:
            raise ConfigError(f"{place}: no public IP of this VIP")
        given, number = self._settings.ip_configuration, list(self._places).index(place)
        public_ip = self._azure.resource(self._places[place], PUBLIC_ADDRESSES, deadline)
        return Reference(public_ip, given[number] if given else "")


def _nics(clients: Clients) -> Nics:
    from vipswitch.providers.azure.nics import Nics

    return Nics(clients)


def _public_ips(clients: Clients) -> PublicIps:
    from vipswitch.providers.azure.public_ip.addresses import PublicIps

    return PublicIps(clients)
