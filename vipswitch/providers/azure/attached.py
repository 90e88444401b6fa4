"""Which network interface of a virtual machine has a MAC: the metadata service does not tell its id.

Source: Compute REST API, "Virtual Machines - Get", networkProfile; Network REST API, "Network Interfaces -
Get".
"""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import MACHINES, ResourceId, part, resource_id

_COMPUTE = "2023-03-01"


def interface_with(mac: str, machine: str, clients: Clients, deadline: Deadline) -> ResourceId:
    """The network interface of the machine with that id that has that MAC. ConfigError if none has."""
    for found in _attached(machine, clients, deadline):
        asked = Asked(
            "Microsoft.Network/networkInterfaces/read",
            f"network interface {found.name}",
            deadline,
            str(found),
        )
        with clients.network(asked, found.subscription) as network:
            given = network.network_interfaces.get(found.group, found.name).mac_address
        if given and given.replace("-", ":").lower() == mac:
            return found
    raise ConfigError(
        f"interface {mac}: no network interface of {part(machine)}",
        hint="see to the VIP's `interface`, or set node to the network interface's name",
    )


def _attached(machine: str, clients: Clients, deadline: Deadline) -> list[ResourceId]:
    asked = Asked(f"{MACHINES}/read", f"virtual machine {part(machine)}", deadline, machine)
    with clients.arm(asked) as arm:
        document = arm.get(machine, _COMPUTE)
    given = document.get("properties", {}).get("networkProfile", {}).get("networkInterfaces", [])
    found = [resource_id(str(each.get("id"))) for each in given]
    return [each for each in found if each is not None]
