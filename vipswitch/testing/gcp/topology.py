"""A small network to fail over in.

Rules: network `vpc`; node k in subnetwork `subnetK`, 10.0.k.0/24 and fd20:0:0:k::/64, alone, at .4; or all
nodes together in `subnet1`, at .4, .5 and so on, unless `hosts` says where; client subnetwork k is
10.0.(100+k).0/24. The nodes' subnetworks have a secondary range `vips`, 10.(20+k).0.0/24. Each node is an
instance with one NIC and a service account of its own (`node1@PROJECT.iam.gserviceaccount.com`), zones taken
in turn; its label `node` is its name. IP forwarding is on, as a router needs it. Ids are the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import islice

from .metadata import MetadataServer
from .seeds import Nic
from .server import GcpCloud

CIDR = IPv4Network("10.0.0.0/16")
IPV6_CIDR = IPv6Network("fd20::/48")
SECONDARY = "vips"
_FIRST_CLIENT_SUBNET = 100
_HOST = 4


@dataclass(frozen=True, slots=True)
class SubnetSeed:
    """A subnetwork, by its path."""

    id: str
    cidr: IPv4Network
    ipv6_cidr: IPv6Network
    secondary: IPv4Network | None = None


@dataclass(frozen=True, slots=True)
class NodeSeed:
    """An instance with one NIC; `instance` is `ZONE/NAME`, `path` begins with `projects/`."""

    name: str
    zone: str
    instance: str
    path: str
    nic: str
    subnet: SubnetSeed
    private_ip: IPv4Address
    ipv6: IPv6Address | None
    mac: str
    account: str
    metadata: MetadataServer

    @property
    def metadata_url(self) -> str:
        """Where the node's metadata server answers."""
        return self.metadata.url


@dataclass(frozen=True, slots=True)
class Topology:
    """What `build` made."""

    network: str
    nodes: tuple[NodeSeed, ...]
    clients: tuple[SubnetSeed, ...]


def build(
    cloud: GcpCloud,
    *,
    nodes: int = 2,
    clients: int = 1,
    together: bool = False,
    ipv6: bool = False,
    hosts: Sequence[int] = (),
    network_project: str | None = None,
) -> Topology:
    """Makes a network with `nodes` instances, called node1 and so on, and `clients` client subnetworks.

    `hosts` are the last numbers of the nodes' addresses, for a network that has them already;
    `network_project` is the host project of a shared network. Metadata servers are started for all nodes if
    the cloud is entered; `cloud.metadata_url` is the first one's.
    """
    network = cloud.add_network("vpc", project=network_project or cloud.project)
    numbers = [1 if together else number for number in range(1, nodes + 1)]
    outside = range(_FIRST_CLIENT_SUBNET + 1, _FIRST_CLIENT_SUBNET + clients + 1)
    subnets = {n: _subnet(cloud, network, n, ipv6=ipv6) for n in dict.fromkeys([*numbers, *outside])}
    hosts = hosts or [_HOST + index if together else _HOST for index in range(nodes)]
    made = [
        _node(cloud, index + 1, subnets[number], host, ipv6=ipv6)
        for index, (number, host) in enumerate(zip(numbers, hosts, strict=True))
    ]
    cloud.metadata_url = made[0].metadata_url if made and cloud.entered else ""
    return Topology(network, tuple(made), tuple(subnets[number] for number in outside))


def _subnet(cloud: GcpCloud, network: str, number: int, *, ipv6: bool) -> SubnetSeed:
    cidr = next(islice(CIDR.subnets(new_prefix=24), number, None))
    ipv6_cidr = next(islice(IPV6_CIDR.subnets(new_prefix=64), number, None))
    inside = number < _FIRST_CLIENT_SUBNET
    secondary = IPv4Network(f"10.{20 + number}.0.0/24") if inside else None
    id_ = cloud.add_subnetwork(
        f"subnet{number}",
        network,
        str(cidr),
        ipv6_cidr=str(ipv6_cidr) if ipv6 else None,
        secondary={SECONDARY: str(secondary)} if secondary else None,
    )
    return SubnetSeed(id_, cidr, ipv6_cidr, secondary)


def _node(cloud: GcpCloud, number: int, subnet: SubnetSeed, host: int, *, ipv6: bool) -> NodeSeed:
    name, zone = f"node{number}", f"{cloud.region}-{'bcd'[(number - 1) % 3]}"
    address, address6 = subnet.cidr[host], subnet.ipv6_cidr[host] if ipv6 else None
    account = f"{name}@{cloud.project}.iam.gserviceaccount.com"
    nic = Nic(subnet.id, str(address), str(address6) if address6 else None)
    path = cloud.add_instance(f"{zone}/{name}", nic, labels={"node": name}, account=account)
    mac = cloud.api.store.hidden[path]["nic0"]["mac"]
    metadata = cloud.metadata(path, account=account)
    return NodeSeed(
        name, zone, f"{zone}/{name}", path, "nic0", subnet, address, address6, mac, account, metadata
    )
