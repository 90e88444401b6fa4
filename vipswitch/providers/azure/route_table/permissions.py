"""What the custom role must allow for the route tables of a VIP, and for a look at this node.

Rules: a scope of its own for each table, and nothing above it; a table is written as a whole only to add a
route that is not there. What `check` looks at is of the node's resource group.
Source: Azure docs, "Azure permissions for Networking".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.provider import NODE, Grant
from vipswitch.providers.azure.ids import INTERFACES, MACHINES, NETWORK, ROUTE_TABLES, ResourceId

READ = f"{ROUTE_TABLES}/read"
WRITE = f"{ROUTE_TABLES}/write"
WRITE_ROUTE = f"{ROUTE_TABLES}/routes/write"
READ_NIC = f"{INTERFACES}/read"
WRITE_NIC = f"{INTERFACES}/write"
WRITE_TAGS = "Microsoft.Resources/tags/write"

_JOINS = tuple(
    f"{NETWORK}/{action}"
    for action in (
        "virtualNetworks/subnets/join/action",
        "networkSecurityGroups/join/action",
        "applicationSecurityGroups/joinIpConfiguration/action",
        "publicIPAddresses/join/action",
        "loadBalancers/backendAddressPools/join/action",
        "loadBalancers/inboundNatRules/join/action",
    )
)
"""A network interface is written as a whole, so all that it refers to is joined again."""


def on_tables(tables: Sequence[ResourceId]) -> Iterator[Grant]:
    """The grants for moving and marking routes of these tables."""
    scopes = tuple(str(table) for table in tables)
    yield Grant(NODE, "MoveRoutes", (READ, WRITE_ROUTE, WRITE), scopes)
    yield Grant(NODE, "MarkRoutes", (WRITE_TAGS,), scopes)


def on_nodes(scope: str, *, fixes: bool) -> Iterator[Grant]:
    """The grants for looking at the nodes, all in one resource group, and for switching IP forwarding on."""
    look = (READ_NIC, f"{MACHINES}/read", f"{NETWORK}/virtualNetworks/read")
    yield Grant(NODE, "CheckNodes", look, (scope,))
    if fixes:
        yield Grant(NODE, "SwitchForwarding", (WRITE_NIC, *_JOINS), (scope,))
