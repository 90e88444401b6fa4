"""The least privilege of the methods that move something between instances, in the words of Google's IAM.

Source: Compute Engine API reference, "instances", IAM permissions.
"""

from __future__ import annotations

from collections.abc import Sequence

from vipswitch.provider import NODE, Grant
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.nics import GET, LIST
from vipswitch.providers.handover.moving import Reading

OPERATION = "compute.zoneOperations.get"


def granted(seen: Reading[Instance], writes: Sequence[str], *, looks_up: bool) -> list[Grant]:
    """What a node needs of the instances that were `seen`; one that `looks_up` lists those of its project."""
    instances = [nic.resource for nic in seen.nics]
    grants = [
        Grant(NODE, "MoveBetweenInstances", (GET, *writes), tuple(map(str, instances))),
        Grant(NODE, "FollowOperations", (OPERATION,), _zones(instances)),
    ]
    own = f"projects/{seen.own.resource.project}"
    return [*grants, *([Grant(NODE, "FindNodes", (LIST,), (own,))] if looks_up else [])]


def _zones(instances: Sequence[Resource]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"projects/{each.project}/{each.scope}" for each in instances))
