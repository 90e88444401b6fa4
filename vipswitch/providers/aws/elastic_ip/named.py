"""The Elastic IPs that the config names: by allocation id, by a tag, or by their public address.

Rules: only ids are written to; a tag or an address is looked up ahead of a failover and kept as ids, as
`tags` has it. Where both allocations and addresses are given, the allocations count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.provider import Condition, Grant
from vipswitch.providers.aws.elastic_ip.settings import AllocationId
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.grants import Names, tagged
from vipswitch.providers.tags import Alias, Tag

if TYPE_CHECKING:
    from vipswitch.providers.aws.elastic_ip.allocations import Allocations

MOVES = ("ec2:AssociateAddress", "ec2:DisassociateAddress")

_KIND = "allocation"


class NamedAllocations:
    """What the config names, and the ids that are kept for it."""

    def __init__(self, allocations: Sequence[AllocationId | Tag], addresses: Sequence[IPv4Address]) -> None:
        by_address = tuple(Alias("public-ip", str(each)) for each in addresses)
        self._named = tuple(dict.fromkeys(allocations)) or by_address

    def __len__(self) -> int:
        return len(self._named)

    def ids(self, aws: Footing[Allocations]) -> tuple[AllocationId, ...]:
        """The ids in the config, and those found for its tags and addresses; ConfigError where none is."""
        if not self._named:
            hint = "give the allocation ids, tag:KEY=VALUE, or the public address"
            raise ConfigError("neither allocations nor address is given", hint=hint)
        ids: list[AllocationId] = []
        for named in self._named:
            found = aws.found.ids(_KIND, named) if isinstance(named, Tag | Alias) else (named,)
            if not found:
                hint = "run `vipswitch check` on this node"
                raise ConfigError(f"Elastic IP {named}: not looked up yet", hint=hint)
            ids += [AllocationId(id) for id in found]
        return tuple(dict.fromkeys(ids))

    def kept(self, aws: Footing[Allocations]) -> dict[str, tuple[str, ...]]:
        """Each tag and public address, and the ids that are kept for it."""
        return {str(each): aws.found.ids(_KIND, each) for each in self._indirect()}

    def discover(self, aws: Footing[Allocations], deadline: Deadline, *, anew: bool) -> None:
        """Look up the tags and addresses for which nothing is kept, with `anew` all of them."""
        for named in self._indirect():
            if anew or not aws.found.ids(_KIND, named):
                aws.found.keep(_KIND, named, _look_up(named, aws.api, deadline))

    def grants(self, who: str, named: Names) -> Iterator[Grant]:
        """What moving them needs; a tag or an address becomes a condition."""
        ids = tuple(named.arn(f"elastic-ip/{each}") for each in self._named if isinstance(each, str))
        if ids:
            yield Grant(who, "MoveElasticIps", MOVES, ids)
        for each in self._indirect():
            only = tagged(each) if isinstance(each, Tag) else _at(each)
            yield Grant(who, "MoveElasticIps", MOVES, (named.arn("elastic-ip/*"),), (only,))

    def _indirect(self) -> Iterator[Tag | Alias]:
        return (each for each in self._named if isinstance(each, Tag | Alias))


def _look_up(named: Tag | Alias, allocations: Allocations, deadline: Deadline) -> list[AllocationId]:
    if isinstance(named, Tag):
        ids = allocations.tagged(named, deadline)
    else:
        ids = allocations.at(IPv4Address(named.value), deadline)
    if not ids:
        hint = "see to the region and the account: an Elastic IP belongs to one region"
        raise ConfigError(f"Elastic IP {named}: not found", hint=hint)
    return ids


def _at(public: Alias) -> Condition:
    """Only the Elastic IP with this public address."""
    return Condition("StringEquals", "ec2:PublicIpAddress", (public.value,))
