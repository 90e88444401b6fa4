"""The least privilege of the methods that move something between network interfaces, in the words of Azure
RBAC.

A write needs the right to join everything that the interface refers to, also what it referred to before:
so that is read on the interfaces of all nodes. One that cannot be read now is named all the same; nothing
can be granted on one that is gone.
Source: Azure documentation, "Azure permissions for Networking", "Azure permissions for Compute".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.provider import NODE, Grant
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.ids import INTERFACES, MACHINES
from vipswitch.providers.azure.references import JOIN_PUBLIC_IP, joined
from vipswitch.providers.handover.moving import Reading

if TYPE_CHECKING:
    from vipswitch.providers.azure.configurations import Nic
    from vipswitch.providers.azure.nics import Nics

MOVES = (f"{INTERFACES}/read", f"{INTERFACES}/write")


def granted(
    nics: Nics,
    seen: Reading[Nic],
    public_ips: Sequence[str],
    *,
    finds_itself: bool,
    groups: Sequence[str],
    deadline: Deadline,
) -> list[Grant]:
    """What a node needs of the interfaces that were `seen`, and to join the public IPs.

    One that `finds_itself` reads its machine; in `groups` the nodes are looked for by a tag.
    """
    there = (id for id, nic in seen.others.items() if not isinstance(nic, NotFound))
    ids = dict.fromkeys([seen.own.id, *there])
    interfaces = tuple(str(nics.resource(id, deadline)) for id in ids)
    grants = [Grant(NODE, "MoveBetweenInterfaces", MOVES, interfaces)]
    joins: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for action, id in [pair for nic in seen.nics for pair in joined(nic)]:
        joins[action].setdefault(id.lower(), id)
    for id in public_ips:
        joins[JOIN_PUBLIC_IP].setdefault(id.lower(), id)
    grants += [Grant(NODE, "JoinReferences", (action,), tuple(ids.values())) for action, ids in joins.items()]
    machines = tuple(dict.fromkeys(nic.machine for nic in seen.nics if nic.machine))
    if finds_itself and machines:
        grants.append(Grant(NODE, "FindInterface", (f"{MACHINES}/read",), machines))
    return [*grants, *([Grant(NODE, "FindNodes", MOVES[:1], tuple(groups))] if groups else [])]
