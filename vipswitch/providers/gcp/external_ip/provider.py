"""`gcp-external-ip`: the VIP is a reserved external address on the holder's network interface.

Rules: takes an address from instances only, from those of the nodes where `nodes` names them, never from a
forwarding rule or a gateway; frees it only on its own instance, and deletes every access config by the name
that it was read with. Each one that is made here has a name of its own, so that a deletion that comes late
finds nothing. The host has nothing to do: Google translates to the primary address of the interface.

It takes two writes, or three (`handover`): off the old instance; off our own interface what is there, because
it has room for one external address; then onto our own. What was taken off our own is gone: an ephemeral
address never comes back, and the node reaches Google's APIs meanwhile only by Private Google Access or a NAT.
Between the writes nobody has the VIP, and whoever reads that makes the next one. The address itself is never
written; it says who has it. On another interface of our own instance than the right one it does not count as
ours, and is moved.
Source: Compute Engine API reference, "addresses.get", "instances.addAccessConfig",
"instances.deleteAccessConfig"; docs, "Configure static external IP addresses".
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Conflict, Refused, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Vip
from vipswitch.provider import NODE, Addressed, Call, Capabilities, Finding, Grant, Level, Machine, PolicyForm
from vipswitch.providers.gcp.external_ip.settings import ExternalIpSettings
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import ADDRESSES, Name, Resource
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.own_interface import own_interface
from vipswitch.providers.gcp.peers import Peers
from vipswitch.providers.gcp.role import ROLE
from vipswitch.providers.handover.moves import Handover, Running
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.gcp.api.client import Clients
    from vipswitch.providers.gcp.external_ip.addresses import Attached, ExternalIp, ExternalIps
    from vipswitch.providers.gcp.external_ip.sightings import Sighting
    from vipswitch.providers.gcp.nics import Nics

_LONGEST = 40
"""So much of a VIP's name is in that of an access config."""


class GcpExternalIp:
    """Moves a VIP by giving external addresses to another instance."""

    Settings = ExternalIpSettings
    policy: ClassVar[PolicyForm] = ROLE
    capabilities: ClassVar[Capabilities] = Capabilities(
        needs_address=False,
        announces=False,
        shares_tokens=True,
        life_s=90.0,
        takeover_gap_s=60.0,
        addressed=Addressed.MAYBE,
        families=frozenset({4}),
    )

    def __init__(self, settings: ExternalIpSettings, vip: Vip, machine: Machine) -> None:
        self._settings = settings
        self._vip = vip
        self._machine = machine
        self._places = {Place(str(name)): name for name in settings.external_ip}
        self._gcp = Footing(settings, machine, connect=self._nics)
        self._peers = Peers(settings.nodes, machine, self._gcp)
        self._handover = Handover("Google Cloud", lambda: self._gcp.api, named=self._peers.named)
        self._known: dict[Place, ExternalIp] = {}
        self._me: NodeId | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """One place for each address; ConfigError where it is open which interface is whose."""
        given = self._settings.network_interface
        if len(self._places) != len(given) and (given or len(self._places) > 1):
            raise ConfigError(
                f"network_interface: {len(given)} given for {len(self._places)} external addresses",
                hint="name one network interface for each, in the same order",
            )
        return tuple(self._places)

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
        """Who holds each place: the addresses and our own instance at once, then those they are on."""
        from vipswitch.providers.gcp.external_ip.addresses import part_of
        from vipswitch.providers.gcp.external_ip.sightings import look

        me, ids = self.node(deadline), [self._resource(place, deadline) for place in places]
        running = {
            place: self._handover.running(place, part_of(id), deadline, also=[me])
            for place, id in zip(places, ids, strict=True)
        }
        external_ips, project = _external_ips(self._gcp.clients), self._gcp.project(deadline)
        found = look(external_ips, self._gcp.api, ids, me, lambda by: by.node(project), deadline)
        return {
            place: self._answer(place, each, running[place], deadline)
            for place, each in zip(places, found, strict=True)
        }

    def _answer(
        self, place: Place, found: Sighting | VipswitchError, running: Running, deadline: Deadline
    ) -> Holding | VipswitchError:
        if isinstance(found, VipswitchError):
            return found
        try:
            return self._holding(place, found, running, deadline)
        except VipswitchError as wrong:
            return wrong

    def _holding(self, place: Place, found: Sighting, running: Running, deadline: Deadline) -> Holding:
        self._known[place] = found.external_ip
        what, seen = self._moved(place), self._at_its_interface(place, found.seen, deadline)
        if found.by is not None and found.by != seen.own.id:
            self._only_from_nodes(what, found.by, deadline)
        _same_region(found.external_ip, seen.own)
        note = str(found.external_ip.address)
        return self._handover.holding(place, what, seen, deadline, running=running, note=note)

    def _only_from_nodes(self, what: Attached, by: NodeId, deadline: Deadline) -> None:
        if self._settings.nodes and by not in self._peers.ids(deadline):
            raise Refused(
                f"{what.subject}: held by {by}, which is none of the nodes",
                hint="add it to nodes, or take the address off it",
            )

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Take the address off the holder that was seen, or another one off this node, and say Halfway; or
        give it to this node.
        """
        self._handover.claim(place, self._moved(place), seen, deadline)

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Delete this node's access config with the address, by the name that was seen."""
        self._handover.release(place, self._moved(place), node, seen, deadline)

    def contention_key(self, place: Place) -> str:
        """This node's instance, whose interfaces the writes of all its VIPs change."""
        return f"gcp-instance:{self._me}" if self._me else f"gcp-instance-of:{self._vip.name}"

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """The methods of Compute Engine that `call` uses."""
        names, add, delete = [place.id for place in places], "instances.addAccessConfig", _DELETE
        match call:
            case "read":
                reads = [f"addresses.get {name}" for name in names]
                return [*reads, f"instances.get {node}", "instances.get (the holder, if there is one)"]
            case "claim":
                off = [f"{delete} (the holder's, if there is one) with {name}" for name in names]
                own = [f"{delete} {node} (another address, if it has one)" for _ in names]
                return [*off, *own, *(f"{add} {node} with {name}" for name in names)]
            case "release":
                return [f"{delete} {node} with {name}" for name in names]
        return []

    def grants(self, deadline: Deadline) -> Sequence[Grant]:
        """Reading the addresses, changing the nodes' instances, and using addresses and subnetwork."""
        from vipswitch.providers.gcp.external_ip.addresses import GET
        from vipswitch.providers.gcp.instance_grants import granted
        from vipswitch.providers.gcp.nics import ADD, DELETE
        from vipswitch.providers.gcp.subnetworks import GET as GET_SUBNETWORK

        me = self.node(deadline)
        read = self._gcp.api.read_all(list(dict.fromkeys([me, *self._peers.ids(deadline)])), deadline)
        own = read.pop(me)
        if isinstance(own, VipswitchError):
            raise own
        addresses = tuple(str(self._resource(place, deadline)) for place in self.places)
        subnetworks = tuple(dict.fromkeys(nic.subnetwork for nic in own.nics))
        return [
            Grant(NODE, "ReadAddresses", (GET,), addresses),
            Grant(NODE, "UseAddresses", ("compute.addresses.use",), addresses),
            Grant(NODE, "UseSubnetwork", ("compute.subnetworks.useExternalIp",), subnetworks),
            Grant(NODE, "CheckSubnetwork", (GET_SUBNETWORK,), subnetworks),
            *granted(Reading(own, read), [ADD, DELETE], looks_up=self._peers.looks_up),
        ]

    def check(self, deadline: Deadline) -> Iterable[Finding]:
        """Everything that a failover needs of Google Cloud and that can be looked at without a change."""
        try:
            self.discover(deadline)
            wanted = {self._resource(place, deadline): self._nic(place) for place in self.places}
            clients = self._gcp.clients
        except VipswitchError as wrong:
            return [Finding(Level.ERROR, "Google Cloud", wrong.message, wrong.hint)]
        from vipswitch.providers.gcp.external_ip.preflight import Preflight
        from vipswitch.providers.gcp.instance_findings import Nodes

        nic = next(iter(wanted.values()), "")
        own = partial(self._own, nic=nic)
        nodes = Nodes(clients, self._gcp.api, self.node, self._peers.ids, own)
        found = Preflight(clients, nodes, wanted=wanted, addresses=self._vip.addresses)
        return found.findings(deadline)

    def _moved(self, place: Place) -> Attached:
        """What moves, as the last reading of the address said; under a name that no config has had."""
        from vipswitch.providers.gcp.external_ip.addresses import OURS, Attached

        if place not in self._known:
            raise Conflict(f"{place}: not read yet")
        plain = re.sub(r"[^a-z0-9-]", "-", self._vip.name.lower())[:_LONGEST]
        return Attached(self._known[place], f"{OURS}{plain}-{uuid.uuid4().hex[:8]}")

    def _resource(self, place: Place, deadline: Deadline) -> Resource:
        if place not in self._places:
            raise ConfigError(f"{place}: no external address of this VIP")
        named: Name = self._places[place]
        region = named.place or self._gcp.instance(deadline).place.rpartition("-")[0]
        project = named.project or self._gcp.project(deadline)
        return Resource(project, f"regions/{region}", ADDRESSES, named.name)

    def _nic(self, place: Place) -> str:
        given = self._settings.network_interface
        return given[list(self._places).index(place)] if given else ""

    def _at_its_interface(
        self, place: Place, seen: Reading[Instance], deadline: Deadline
    ) -> Reading[Instance]:
        return Reading(self._own(seen.own, deadline, nic=self._nic(place)), seen.others)

    def _own(self, instance: Instance, deadline: Deadline, *, nic: str = "") -> Instance:
        return instance.where(nic) if nic else own_interface(instance, self._gcp.home, deadline)

    def _nics(self, clients: Clients) -> Nics:
        from vipswitch.providers.gcp.nics import Nics

        return Nics(clients, self._gcp.instance_of)


_DELETE = "instances.deleteAccessConfig"


def _external_ips(clients: Clients) -> ExternalIps:
    from vipswitch.providers.gcp.external_ip.addresses import ExternalIps

    return ExternalIps(clients)


def _same_region(external_ip: ExternalIp, own: Instance) -> None:
    region = own.resource.place.rpartition("-")[0]
    if external_ip.resource.place != region:
        raise ConfigError(
            f"{external_ip.subject}: is of region {external_ip.resource.place}, and this node is in {region}",
            hint="reserve an address in the region of the nodes",
        )
