"""What the custom role must allow for the routes of a VIP, and for a look at this node.

Rules: a route is made and deleted in the project of its network, and that changes the network; the instance
that it leads to is used by it.
Source: Compute Engine API reference, "IAM permissions" of routes.insert and routes.delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.provider import NODE, Grant

MOVES = (
    "compute.routes.list",
    "compute.routes.create",
    "compute.routes.delete",
    "compute.networks.updatePolicy",
    "compute.globalOperations.get",
)
LOOKS = ("compute.networks.get", "compute.subnetworks.list")
USE = "compute.instances.use"
"""Of the instance that a route leads to."""
ON_NODES = ("compute.instances.get", USE)


def on_networks(projects: Sequence[str]) -> Iterator[Grant]:
    """The grants in the projects of the networks."""
    scopes = tuple(f"projects/{project}" for project in projects)
    yield Grant(NODE, "MoveRoutes", MOVES, scopes)
    yield Grant(NODE, "CheckNetworks", LOOKS, scopes)


def on_nodes(project: str) -> Iterator[Grant]:
    """The grant in the project of the instances."""
    yield Grant(NODE, "LeadToNodes", ON_NODES, (f"projects/{project}",))
