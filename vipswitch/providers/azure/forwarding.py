"""This node's network interface: where it is, and whether it takes packets for addresses of others.

Rules: everything else on the interface stays as it was; the write carries If-Match, and is made only where IP
forwarding is off. Source: Azure REST API, "Network Interfaces"; Azure docs, "Enable or disable IP
forwarding".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.providers.asked import Asked
from vipswitch.providers.azure.api.client import Clients
from vipswitch.providers.azure.ids import INTERFACES, ResourceId

if TYPE_CHECKING:
    from azure.mgmt.network import models


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface: whether it forwards, and the ids of the subnets of its configurations."""

    id: ResourceId
    forwards: bool
    subnets: tuple[str, ...]


def interface(id: ResourceId, clients: Clients, deadline: Deadline) -> Interface:
    """One network interface. NotFound, a ConfigError, if there is none."""
    raw = _get(id, clients, deadline)
    subnets = [each.subnet.id for each in raw.ip_configurations or [] if each.subnet]
    return Interface(id, bool(raw.enable_ip_forwarding), tuple(dict.fromkeys(str(each) for each in subnets)))


def switch_on(id: ResourceId, clients: Clients, deadline: Deadline) -> None:
    """Let it forward, where it does not; Conflict if it has changed meanwhile."""
    raw = _get(id, clients, deadline)
    if raw.enable_ip_forwarding:
        return
    raw.enable_ip_forwarding = True
    asked = Asked(f"{INTERFACES}/write", _subject(id), deadline, str(id), writes=True)
    with clients.network(asked, id.subscription) as network:
        network.network_interfaces.begin_create_or_update(
            id.group, id.name, raw, headers={"If-Match": raw.etag or ""}, polling=False
        )


def _get(id: ResourceId, clients: Clients, deadline: Deadline) -> models.NetworkInterface:
    asked = Asked(f"{INTERFACES}/read", _subject(id), deadline, str(id))
    with clients.network(asked, id.subscription) as network:
        return network.network_interfaces.get(id.group, id.name)


def _subject(id: ResourceId) -> str:
    return f"network interface {id.node}"
