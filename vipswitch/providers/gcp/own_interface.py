"""Which network interface of its own instance a node moves something to: the one with the VIP's MAC.

An instance does not tell its MACs, the metadata service does; it is not asked where there is one interface
only.
"""

from __future__ import annotations

from vipswitch.deadline import Deadline
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.node.identity import Home


def own_interface(own: Instance, home: Home, deadline: Deadline) -> Instance:
    """The same, where that interface matters. Raises ConfigError, Unavailable."""
    if len(own.nics) == 1:
        return own
    return own.where(home.identity(deadline).nic)
