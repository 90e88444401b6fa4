"""A host of the virtual network: a namespace with one NIC, `eth0`, in a subnet of its own."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from vipswitch.testing.fabric.namespaces import Namespace


@dataclass(frozen=True, slots=True)
class Host:
    """The tenth address of a /24 is the host's, the first is the router's."""

    name: str
    network: IPv4Network
    namespace: Namespace

    @property
    def address(self) -> IPv4Address:
        return self.network[10]

    @property
    def gateway(self) -> IPv4Address:
        return self.network[1]

    def configure(self) -> None:
        """Give the NIC its address and the default route."""
        self.namespace.batch(
            [
                f"address add {self.address}/{self.network.prefixlen} dev eth0",
                f"route add default via {self.gateway}",
            ]
        )

    def set_mac(self, mac: str) -> None:
        """Make the NIC the one that the metadata service describes; before traffic: neighbours remember."""
        self.namespace.ip("link", "set", "eth0", "address", mac)
