"""A host of the virtual network: a namespace with a NIC, `eth0`, on a cable of its own.

Rules: nothing is on-link, not even the subnet: there is no layer 2 between hosts, as in a cloud, so that
what one sends another crosses the router and an announcement reaches nobody. A machine with several NICs has
a `Host` for each, all of one namespace.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric.namespaces import Namespace


@dataclass(frozen=True, slots=True)
class Host:
    """The first address of the subnet is the router's; `number` says which is the host's, the tenth else.

    `eth0` has the default route, each further `nic` the way to its own network.
    """

    name: str
    network: IPv4Network
    namespace: Namespace
    number: int = 10
    nic: str = "eth0"

    @property
    def address(self) -> IPv4Address:
        return self.network[self.number]

    @property
    def gateway(self) -> IPv4Address:
        return self.network[1]

    def configure(self) -> None:
        """Give the NIC its address and its route."""
        reached = "default" if self.nic == "eth0" else self.network
        self.namespace.batch(
            [
                f"address add {self.address}/32 dev {self.nic}",
                f"route add {reached} via {self.gateway} dev {self.nic} onlink",
            ]
        )

    def set_mac(self, mac: str) -> None:
        """Make the NIC the one that the metadata service describes; before traffic: neighbours remember."""
        self.namespace.ip("link", "set", self.nic, "address", mac)
