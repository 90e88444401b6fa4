"""A host of the virtual network: a namespace with one NIC, `eth0`, on a cable of its own.

Rules: nothing is on-link, not even the subnet: there is no layer 2 between hosts, as in a cloud, so that
what one sends another crosses the router and an announcement reaches nobody.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric.namespaces import Namespace


@dataclass(frozen=True, slots=True)
class Host:
    """The first address of the subnet is the router's; `number` says which is the host's, the tenth else."""

    name: str
    network: IPv4Network
    namespace: Namespace
    number: int = 10

    @property
    def address(self) -> IPv4Address:
        return self.network[self.number]

    @property
    def gateway(self) -> IPv4Address:
        return self.network[1]

    def configure(self) -> None:
        """Give the NIC its address and the default route."""
        self.namespace.batch(
            [
                f"address add {self.address}/32 dev eth0",
                f"route add default via {self.gateway} dev eth0 onlink",
            ]
        )

    def set_mac(self, mac: str) -> None:
        """Make the NIC the one that the metadata service describes; before traffic: neighbours remember."""
        self.namespace.ip("link", "set", "eth0", "address", mac)
