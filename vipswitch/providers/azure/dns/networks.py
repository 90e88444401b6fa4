"""Which virtual network this node is in: the metadata service does not tell, its network interface does.

Source: Network REST API, "Network Interfaces - Get".
"""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.errors import Unavailable, VipswitchError
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.attached import interface_with
from vipswitch.providers.azure.ids import INTERFACES, resource_id
from vipswitch.providers.azure.node.identity import Identity


def own_network(identity: Identity | VipswitchError, clients: Clients, deadline: Deadline) -> str:
    """The id of the virtual network. Raises our errors, also that for which nobody knows who this node is."""
    if isinstance(identity, VipswitchError):
        raise identity
    nic = interface_with(identity.mac, identity.machine, clients, deadline)
    asked = Asked(f"{INTERFACES}/read", f"network interface {nic.name}", deadline, str(nic))
    with clients.network(asked, nic.subscription) as network:
        configurations = network.network_interfaces.get(nic.group, nic.name).ip_configurations or []
    subnets = [each.subnet.id or "" for each in configurations if each.subnet is not None]
    found = next((network for network in map(resource_id, subnets) if network is not None), None)
    if found is None:
        raise Unavailable(f"network interface {nic.name}: has no subnet")
    return str(found)
