"""`gcp-alias-ip`: the VIP is an alias IP range, of one address, on the holder's network interface.

Rules: works within one subnetwork, which spans the zones of its region; never moves a primary address, nor a
piece of a bigger range; changes one range and leaves the others of an interface as they are; takes the
address only from the nodes that the config names, and frees it only on its own interface.

A takeover takes two writes (`handover`): off the old interface, then onto our own. In between nobody has the
address, and whoever reads that makes the second one: the next `up`, or the agent. Every write is bound to the
reading that it was made from, by the interface's fingerprint. A clean `down` makes the first write before the
next holder's `up`, which then has one left. An instance that is stopped keeps its ranges, so it is written
like any other.

Each write is an operation; while our own runs, the place is busy, and what it fails with is told by the next
read. What Google says is in use, and none of the nodes shows, is somebody else's.

Google's guest agent, where it runs, makes a local route for each range of its own instance and takes it away
again; beside the address on the host that has no effect.

Google advises against alias ranges between zones: when a zone fails, taking one off an instance there may
take long. `gcp-route` needs nothing of the old holder's.
Source: Compute Engine API reference, "instances.updateNetworkInterface"; VPC docs, "Alias IP ranges".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.gcp.alias_ip.addresses import VipAddress
from vipswitch.providers.gcp.alias_ip.readings import Readings
from vipswitch.providers.gcp.alias_ip.settings import AliasIpSettings
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.own_interface import own_interface
from vipswitch.providers.gcp.peers import Peers
from vipswitch.providers.gcp.role import ROLE
from vipswitch.providers.handover.moves import Handover, Running
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.gcp.api.client import Clients
    from vipswitch.providers.gcp.nics import Nics


class GcpAliasIp:
    """Moves a VIP by giving its addresses to another instance of their subnetwork."""

    Settings = AliasIpSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        needs_address=True,
        announces=False,
        shares_tokens=True,
        life_s=90.0,
        takeover_gap_s=60.0,
        families=frozenset({4}),
    )

    def __init__(self, settings: AliasIpSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._vip = vip
        self._places = tuple(Place("alias-ip", address) for address in dict.fromkeys(vip.addresses))
        self._gcp = Footing(settings, machine, connect=self._nics)
        self._peers = Peers(settings.nodes, machine, self._gcp)
        self._readings = Readings(lambda: self._gcp.api, self._peers.ids, self._own)
        self._handover = Handover("Google Cloud", lambda: self._gcp.api, named=self._peers.named)
        self._me: NodeId | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each address."""
        return self._places

    def node(self, deadline: Deadline) -> NodeId:
        """The instance that the config gives this machine, else what the metadata service says."""
        self._me = self._gcp.node(deadline)
        return self._me

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        """`ZONE/NAME` for a name or a URL; with its project where that is another one."""
        return self._gcp.spelt(node, deadline)

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        """Find the nodes that the config names by a label; `anew`, also who this one is."""
        if anew:
            self._gcp.renew(deadline)
        self._peers.discover(deadline, anew=anew)

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        """The labels in the config, and the instances that are kept for them."""
        return self._peers.tags

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        """Who holds each place: every node's instance is read, or only our own where that tells."""
        wanted = {place: self._moved(place) for place in places}
        me, ids = self.node(deadline), self._peers.ids(deadline)
        running = {
            place: self._handover.running(place, what.part, deadline, also=[me, *ids])
            for place, what in wanted.items()
        }
        seen = self._readings.of(list(wanted.values()), me, deadline)
        return {place: self._answer(place, seen, running[place], deadline) for place in places}

    def _answer(
        self, place: Place, seen: Reading[Instance], running: Running, deadline: Deadline
    ) -> Holding | VipswitchError:
        try:
            what = self._moved(place)
            for instance in seen.nics:
                what.refuse(instance)
            holding = self._handover.holding(place, what, seen, deadline, running=running)
            _same_subnetwork(what, seen, holding.holder)
        except VipswitchError as wrong:
            return wrong
        return holding

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Take the address off the holder that was seen, and say Halfway; or give it to this node."""
        self._handover.claim(place, self._moved(place), seen, deadline)
        self._readings.expect_here()

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Take the address off this node's interface, if that is still as it was seen."""
        self._handover.release(place, self._moved(place), node, seen, deadline)

    def contention_key(self, place: Place) -> str:
        """This node's instance, whose interfaces the writes of all its VIPs change."""
        return f"gcp-instance:{self._me}" if self._me else f"gcp-instance-of:{self._vip.name}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The methods of Compute Engine that `call` uses."""
        addresses, update = [str(place.address) for place in places], "instances.updateNetworkInterface"
        match call:
            case "read":
                return [f"instances.get {each}" for each in dict.fromkeys([node, *self._peers.shown()])]
            case "claim":
                off = [f"{update} (the holder's, if there is one) without {each}" for each in addresses]
                return [*off, *(f"{update} {node} with {each}" for each in addresses)]
            case "release":
                return [f"{update} {node} without {each}" for each in addresses]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading and writing the nodes' instances, and using their subnetwork."""
        from vipswitch.providers.gcp.instance_grants import granted
        from vipswitch.providers.gcp.nics import UPDATE

        seen = self._readings.of_all(self.node(deadline), deadline)
        subnetwork = (seen.own.nic.subnetwork,)
        return [
            *granted(seen, [UPDATE], looks_up=self._peers.looks_up),
            Grant(NODE, "UseSubnetwork", ("compute.subnetworks.use",), subnetwork),
            Grant(NODE, "CheckSubnetwork", ("compute.subnetworks.get",), subnetwork),
        ]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Google Cloud and that can be looked at without a change."""
        try:
            self.discover(deadline)
            clients = self._gcp.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Google Cloud", wrong.message, wrong.hint)]
        from vipswitch.providers.gcp.alias_ip.preflight import Preflight
        from vipswitch.providers.gcp.instance_findings import Nodes

        nodes = Nodes(clients, self._gcp.api, self.node, self._peers.ids, self._own)
        wanted = [self._moved(each) for each in self._places]
        return Preflight(clients, nodes, wanted=wanted).findings(deadline)

    def _moved(self, place: Place) -> VipAddress:
        if place.address is None or place not in self._places:
            raise ConfigError(f"{place}: no place of an alias range")
        return VipAddress(place.address, self._settings.range)

    def _own(self, instance: Instance, deadline: Deadline) -> Instance:
        return own_interface(instance, self._gcp.home, deadline)

    def _nics(self, clients: Clients) -> Nics:
        from vipswitch.providers.gcp.nics import Nics

        return Nics(clients, self._gcp.instance_of)


def _same_subnetwork(what: VipAddress, seen: Reading[Instance], holder: NodeId | None) -> None:
    """Nothing is taken off an interface that our own could not replace."""
    has = seen.of(holder) if holder else None
    if has is not None and has.nic.subnetwork != seen.own.nic.subnetwork:
        theirs, ours = (each.nic.subnetwork.rpartition("/")[2] for each in (has, seen.own))
        raise ConfigError(
            f"{what.subject}: held by {has.id} in subnetwork {theirs}, and this node is in {ours}",
            hint="an alias range stays in its subnetwork; gcp-route moves between several",
        )
