"""Who has a public IP: as itself says, and as the network interface says that it hangs on.

Rules: two round trips at most, however many public IPs there are; what cannot be told of one says nothing of
the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from vipswitch.deadline import Deadline
from vipswitch.errors import Refused, VipswitchError
from vipswitch.model import NodeId
from vipswitch.providers.azure.api.meanings import NotFound
from vipswitch.providers.azure.configurations import Nic
from vipswitch.providers.azure.ids import ResourceId
from vipswitch.providers.azure.nics import Nics
from vipswitch.providers.azure.public_ip.addresses import PublicIp, PublicIps
from vipswitch.providers.handover.moving import Reading
from vipswitch.providers.side_by_side import side_by_side

Look = Callable[[], PublicIp | Nic | VipswitchError]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A public IP, the interface that it says it hangs on, and that one beside this node's own."""

    public_ip: PublicIp
    by: NodeId | None
    seen: Reading[Nic]


def look(
    public_ips: PublicIps, nics: Nics, ids: Sequence[ResourceId], me: NodeId, deadline: Deadline
) -> list[Sighting | VipswitchError]:
    """One for each id. Raises what keeps this node's own interface from being read."""
    looks: list[Look] = [partial(_or_why_not, public_ips, id, deadline) for id in ids]
    looks.append(partial(nics.read, me, deadline))
    *found, own = side_by_side(looks)
    public = [each for each in found if not isinstance(each, Nic)]
    others = nics.read_all([id for id in dict.fromkeys(_interfaces(public)) if id != me], deadline)
    return [_sighting(each, own, others) for each in public if isinstance(own, Nic)]


def _or_why_not(public_ips: PublicIps, id: ResourceId, deadline: Deadline) -> PublicIp | VipswitchError:
    try:
        return public_ips.read(id, deadline)
    except VipswitchError as wrong:
        return wrong


def _interfaces(found: Sequence[PublicIp | VipswitchError]) -> Iterator[NodeId]:
    for each in found:
        try:
            if isinstance(each, PublicIp) and (by := each.interface()) is not None:
                yield by
        except Refused:
            continue


def _sighting(
    found: PublicIp | VipswitchError, own: Nic, others: Mapping[NodeId, Nic | VipswitchError]
) -> Sighting | VipswitchError:
    """One that hangs on what is nobody's here is refused; an interface that is gone has nothing."""
    try:
        by = found.interface() if isinstance(found, PublicIp) else None
    except Refused as wrong:
        return wrong
    if isinstance(found, VipswitchError):
        return found
    theirs = {id: nic for id, nic in others.items() if id == by and not isinstance(nic, NotFound)}
    return Sighting(found, by, Reading(own, theirs))
