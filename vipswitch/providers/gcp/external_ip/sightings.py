"""Who has an external address: as itself says, and as the instance says that it is on.

Rules: two round trips at most, however many addresses there are; what cannot be told of one says nothing of
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from vipswitch.deadline import Deadline
from vipswitch.errors import VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.gcp.api.meanings import NotFound
from vipswitch.providers.gcp.external_ip.addresses import ExternalIp, ExternalIps
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.interfaces import Instance
from vipswitch.providers.gcp.nics import Nics
from vipswitch.providers.handover.moving import Reading
from vipswitch.providers.side_by_side import side_by_side

Look = Callable[[], ExternalIp | Instance | VipswitchError]


@dataclass(frozen=True, slots=True)
class Sighting:
    """An address, the node that it says it is on, and that one's instance beside this node's own."""

    external_ip: ExternalIp
    by: NodeId | None
    seen: Reading[Instance]


def look(
    external_ips: ExternalIps,
    instances: Nics,
    ids: Sequence[Resource],
    me: NodeId,
    node_of: Callable[[Resource], NodeId],
    deadline: Deadline,
) -> list[Sighting | VipswitchError]:
    """One for each id. Raises what keeps this node's own instance from being read."""
    looks: list[Look] = [partial(_or_why_not, external_ips, id, deadline) for id in ids]
    looks.append(partial(instances.read, me, deadline))
    *found, own = side_by_side(looks)
    external = [(each, _user(each, node_of)) for each in found if not isinstance(each, Instance)]
    users = [by for _, by in external if isinstance(by, str) and by != me]
    others = instances.read_all(list(dict.fromkeys(users)), deadline)
    return [_sighting(each, by, own, others) for each, by in external if isinstance(own, Instance)]


def _or_why_not(external_ips: ExternalIps, id: Resource, deadline: Deadline) -> ExternalIp | VipswitchError:
    try:
        return external_ips.read(id, deadline)
    except VipswitchError as wrong:
        return wrong


def _user(
    found: ExternalIp | VipswitchError, node_of: Callable[[Resource], NodeId]
) -> NodeId | VipswitchError | None:
    """The node that it is on; why it is none."""
    if isinstance(found, VipswitchError):
        return found
    try:
        by = found.instance()
    except VipswitchError as wrong:
        return wrong
    return node_of(by) if by else None


def _sighting(
    found: ExternalIp | VipswitchError,
    by: NodeId | VipswitchError | None,
    own: Instance,
    others: Mapping[NodeId, Instance | VipswitchError],
) -> Sighting | VipswitchError:
    """One that is on what is nobody's here is refused; an instance that is gone has nothing."""
    if isinstance(found, VipswitchError):
        return found
    if isinstance(by, VipswitchError):
        return by
    theirs = {id: each for id, each in others.items() if id == by and not isinstance(each, NotFound)}
    return Sighting(found, by, Reading(own, theirs))
