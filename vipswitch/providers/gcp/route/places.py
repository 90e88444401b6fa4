"""The places of a route VIP: one for each network and address, and what each means at Google.

Rules: the networks are the config's, else the one that this node's interface is in, which the metadata
service knows and the cache keeps. A network of another project is called by that project as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import Address, Place
from vipswitch.providers.gcp.footing import Footing
from vipswitch.providers.gcp.ids import GLOBAL, NETWORKS, Name, Resource
from vipswitch.providers.gcp.route.slots import family

if TYPE_CHECKING:
    from vipswitch.providers.gcp.route.routes import Routes


class Networks:
    """The networks of one VIP, by what its places call them."""

    def __init__(self, names: Sequence[Name], footing: Footing[Routes]) -> None:
        self._names = {str(name): name for name in names}
        self._footing = footing
        self._own: dict[str, Resource] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """What they are called. ConfigError while this node's own was not looked up."""
        if not self._names and not self._own:
            raise ConfigError("the network of this node's interface is not known yet", hint="set networks")
        return tuple(self._names or self._own)

    def discover(self, deadline: Deadline) -> None:
        """Find out which network this node is in, where the config names none."""
        if not self._names:
            network = self._footing.home.identity(deadline).of_network
            own = network.project == self._footing.project(deadline)
            name = Name(network.name, project=None if own else network.project)
            self._own = {str(name): network}

    def network(self, id: str, deadline: Deadline) -> Resource:
        """The network of that name. ConfigError for no place of ours."""
        if name := self._names.get(id):
            return Resource(name.project or self._footing.project(deadline), GLOBAL, NETWORKS, name.name)
        if id not in self._own:
            self.discover(deadline)
        if id not in self._own:
            raise ConfigError(f"{id}: no network of this VIP")
        return self._own[id]


def address_of(place: Place) -> Address:
    """The address that the place's route is for."""
    if place.address is None:
        raise ConfigError(f"{place}: no place of a route")
    return place.address


def destination(place: Place) -> IPv4Network | IPv6Network:
    """Where its route leads packets for: that address alone."""
    return ip_network(address_of(place))


def family_of(place: Place, network: Resource) -> str:
    """What the names of its routes begin with."""
    return family(network.name, address_of(place))


def hop_to(
    holder: Resource, place: Place, network: Resource, footing: Footing[Routes], deadline: Deadline
) -> Resource | Address:
    """What a route of the place to this node leads to. ConfigError where it has no address in the network."""
    if holder.project == network.project:
        return holder
    version = address_of(place).version
    for ask in (footing.home.identity, footing.home.refreshed):
        if found := [each for each in ask(deadline).addresses_in(network) if each.version == version]:
            return found[0]
    raise ConfigError(
        f"instance {holder.name}: has no IPv{version} address in {place.id}",
        hint=f"a route in {network.project} leads to an address of this node in its network",
    )
