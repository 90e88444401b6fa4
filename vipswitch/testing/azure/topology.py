"""A small virtual network to fail over in.

Rules: 10.0.0.0/16 and fd00:0:0::/48; node k in subnet 10.0.k.0/24, alone, at .4; or all nodes together in
subnet 10.0.1.0/24, at .4, .5 and so on, unless `hosts` says where; client subnet k is 10.0.(100+k).0/24 with
a route table of its own; the nodes' subnets share one. Each node is a machine with one NIC and an identity of
its own (client id `node1-identity`), zones taken in turn. IP forwarding is on, as a router needs it. Ids are
the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice

from . import ids
from .answers import Json
from .metadata import MetadataServer
from .server import AzureCloud

VNET_CIDR = IPv4Network("10.0.0.0/16")
VNET_IPV6_CIDR = IPv6Network("fd00::/48")
_FIRST_CLIENT_SUBNET = 100
_HOST = 4


@dataclass(frozen=True, slots=True)
class SubnetSeed:
    """A subnet and the route table that decides its traffic."""

    id: str
    cidr: IPv4Network
    ipv6_cidr: IPv6Network
    table: str
    table_id: str


@dataclass(frozen=True, slots=True)
class NodeSeed:
    """A machine with one NIC."""

    name: str
    machine_id: str
    nic: str
    nic_id: str
    subnet: SubnetSeed
    private_ip: IPv4Address
    ipv6: IPv6Address | None
    mac: str
    metadata: MetadataServer

    @property
    def metadata_url(self) -> str:
        """Where the node's metadata service answers."""
        return self.metadata.url


@dataclass(frozen=True, slots=True)
class Topology:
    """What `build` made."""

    vnet_id: str
    nodes: tuple[NodeSeed, ...]
    clients: tuple[SubnetSeed, ...]
    node_table: str

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all route tables: the clients', then the nodes'."""
        return (*(client.table for client in self.clients), self.node_table)


def build(
    cloud: AzureCloud,
    *,
    nodes: int = 2,
    clients: int = 1,
    together: bool = False,
    ipv6: bool = False,
    hosts: Sequence[int] = (),
) -> Topology:
    """Makes a network with `nodes` machines, called node1 and so on, and `clients` client subnets.

    `hosts` are the last numbers of the nodes' addresses, for a network that has them already. Metadata
    services are started for all nodes if the cloud is entered; `cloud.metadata_url` is the first one's.
    """
    numbers = [1 if together else number for number in range(1, nodes + 1)]
    outside = range(_FIRST_CLIENT_SUBNET, _FIRST_CLIENT_SUBNET + clients)
    tables = {number: f"rt-client{number - _FIRST_CLIENT_SUBNET + 1}" for number in outside}
    tables |= {number: "rt-nodes" for number in numbers}
    for name in set(tables.values()):
        cloud.put(cloud.id(ids.TABLE, name), {"location": cloud.location, "properties": {}})
    subnets = {number: _subnet(cloud, number, table) for number, table in tables.items()}
    vnet_id = cloud.id(ids.VNET, "vnet")
    cloud.put(vnet_id, _vnet(cloud, list(subnets.values())))
    hosts = hosts or [_HOST + index if together else _HOST for index in range(nodes)]
    made = [
        _node(cloud, index + 1, subnets[number], host, ipv6=ipv6)
        for index, (number, host) in enumerate(zip(numbers, hosts, strict=True))
    ]
    cloud.metadata_url = made[0].metadata_url if made and cloud.entered else ""
    return Topology(vnet_id, tuple(made), tuple(subnets[number] for number in outside), "rt-nodes")


def _subnet(cloud: AzureCloud, number: int, table: str) -> SubnetSeed:
    cidr = next(islice(VNET_CIDR.subnets(new_prefix=24), number, None))
    ipv6_cidr = next(islice(VNET_IPV6_CIDR.subnets(new_prefix=64), number, None))
    id_ = cloud.id(f"{ids.VNET}/subnets", "vnet", f"subnet{number}")
    return SubnetSeed(id_, cidr, ipv6_cidr, table, cloud.id(ids.TABLE, table))


def _vnet(cloud: AzureCloud, subnets: list[SubnetSeed]) -> Json:
    entries = [
        {
            "name": subnet.id.rpartition("/")[2],
            "properties": {
                "addressPrefixes": [str(subnet.cidr), str(subnet.ipv6_cidr)],
                "routeTable": {"id": subnet.table_id},
            },
        }
        for subnet in subnets
    ]
    space = {"addressPrefixes": [str(VNET_CIDR), str(VNET_IPV6_CIDR)]}
    return {"location": cloud.location, "properties": {"addressSpace": space, "subnets": entries}}


def _node(cloud: AzureCloud, number: int, subnet: SubnetSeed, host: int, *, ipv6: bool) -> NodeSeed:
    name, nic_id = f"node{number}", cloud.id(ids.NIC, f"nic-node{number}")
    address, address6 = subnet.cidr[host], subnet.ipv6_cidr[host] if ipv6 else None
    entries = [_configuration("ipconfig1", subnet, address, primary=True)]
    entries += [_configuration("ipconfig-v6", subnet, address6, primary=False)] if address6 else []
    properties = {"enableIPForwarding": True, "ipConfigurations": entries}
    cloud.put(nic_id, {"location": cloud.location, "tags": {"node": name}, "properties": properties})
    machine_id = cloud.add_machine(name, [nic_id], zone=str((number - 1) % 3 + 1))
    mac = cloud.get(nic_id)["properties"]["macAddress"].replace("-", ":").lower()
    metadata = cloud.metadata(machine_id, identities=(f"{name}-identity",))
    return NodeSeed(name, machine_id, f"nic-{name}", nic_id, subnet, address, address6, mac, metadata)


def _configuration(
    name: str, subnet: SubnetSeed, address: IPv4Address | IPv6Address, *, primary: bool
) -> Json:
    return {
        "name": name,
        "properties": {
            "privateIPAddress": str(address),
            "privateIPAddressVersion": f"IPv{address.version}",
            "privateIPAllocationMethod": "Static",
            "primary": primary,
            "subnet": {"id": subnet.id},
        },
    }
