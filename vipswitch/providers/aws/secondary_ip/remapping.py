"""Whether the network delivers an address to this node yet: EC2 moves addresses asynchronously.

Rules: the metadata service is believed when it speaks and never waited for: one short look, for all
addresses together, once the API has said that all that was asked for is ours, so that no write waits for it.
Where it cannot be asked (switched off, unreachable, or the config names this node's interface, which may be
another machine's), nothing is held against an address.
Source: EC2 API Reference, AssignPrivateIpAddresses, on `local-ipv4s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import Address, NodeId
from vipswitch.provider import Machine
from vipswitch.providers.aws.node.identity import Home

_LOOK_S = 0.5
"""A matter of milliseconds where the service is well."""


def not_yet_here(
    held: Mapping[Address, NodeId | None], machine: Machine, home: Home, deadline: Deadline
) -> frozenset[Address]:
    """Of addresses that are all this node's, those that the metadata service does not show there yet.

    None if an address is another's, and none of IPv6, of which the service does not tell when it was moved.
    """
    if machine.node() is not None:
        return frozenset()
    try:
        brief = deadline.within(_LOOK_S)
        here = home.identity(brief).interface
        ours = frozenset(address for address in held if address.version == 4)
        return ours - _shown(machine.mac(), brief) if ours and set(held.values()) == {here} else frozenset()
    except (VipswitchError, ValueError):
        return frozenset()


def _shown(mac: str, deadline: Deadline) -> frozenset[Address]:
    from vipswitch.providers.aws.node.metadata import Metadata  # http.client: 15 ms that a takeover saves

    return frozenset(IPv4Address(text) for text in Metadata(deadline).private(mac))
