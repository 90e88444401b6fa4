"""The least privilege of an AWS method: what policies call its resources, and the grants that methods share.

Rules: every write is bound to ARNs, or to a condition that says the same; EC2's Describe actions know no
resource (`*`), so they are bound to the region. A tag in the config becomes a condition on that tag, because
which objects have it may change. Source: Service Authorization Reference: Amazon EC2, Amazon Route 53, STS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError, Unavailable
from vipswitch.model import NodeId
from vipswitch.provider import NODE, Condition, Grant
from vipswitch.providers.aws.footing import Footing
from vipswitch.providers.aws.settings import Account, account_of
from vipswitch.providers.tags import Tag

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """Where a VIP is: `account` is that of the role to assume, `own` that of this node."""

    partition: str
    region: str
    account: str
    own: str

    def arn(self, resource: str, *, own: bool = False) -> str:
        """What a policy calls a resource of EC2."""
        return f"arn:{self.partition}:ec2:{self.region}:{self.own if own else self.account}:{resource}"

    def here(self) -> Condition:
        """Only in this region."""
        return Condition("StringEquals", "ec2:Region", (self.region,))


def principal(account: Account) -> str:
    """Who moves the VIP: the role to assume, else the node itself."""
    return account.assume_role or NODE


def names(account: Account, footing: Footing[T], deadline: Deadline) -> Names:
    """Partition, region and accounts, from the config, the metadata service, or STS."""
    partition, region = footing.clients.whereabouts(deadline)
    try:
        own = footing.home.identity(deadline).account
    except (Unavailable, ConfigError):
        own = footing.clients.own_account(deadline)
    return Names(partition, region, account_of(account.assume_role) if account.assume_role else own, own)


def assuming(account: Account) -> list[Grant]:
    """What the node itself needs when it moves the VIP as a role."""
    if account.assume_role is None:
        return []
    actions = ("sts:AssumeRole", "sts:TagSession") if account.session_tags else ("sts:AssumeRole",)
    return [Grant(NODE, "AssumeRole", actions, (account.assume_role,))]


def interfaces(
    nodes: Sequence[NodeId], place: str, named: Names, *, own: bool = False
) -> tuple[tuple[str, ...], tuple[Condition, ...]]:
    """The network interfaces of all nodes: by id, or all those in `place` (`vpc/vpc-1`, `subnet/subnet-1`).

    A VPC or subnet may be shared by another account, so its ARN leaves the account open.
    """
    if nodes:
        return tuple(named.arn(f"network-interface/{node}", own=own) for node in nodes), ()
    key = {"vpc": "ec2:Vpc", "subnet": "ec2:Subnet"}[place.partition("/")[0]]
    within = f"arn:{named.partition}:ec2:{named.region}:*:{place}"
    return (named.arn("network-interface/*", own=own),), (Condition("ArnLike", key, (within,)),)


def tagged(tag: Tag) -> Condition:
    """Only what has the tag."""
    return Condition("StringEquals", f"aws:ResourceTag/{tag.key}", (tag.value,))


def only_tags(keys: Sequence[str]) -> tuple[Condition, ...]:
    """Only these tags are put on or taken off.

    The second condition is for DeleteTags without a list, which takes off all tags and passes the first.
    """
    every = Condition("ForAllValues:StringEquals", "aws:TagKeys", tuple(keys))
    return every, Condition("Null", "aws:TagKeys", ("false",))
