"""What policies must allow on the route tables of a VIP: to move its routes, and to mark them released.

Rules: tables that the config names by ids are named; those that it names by a tag are whichever have it. Of
the tables' tags only those of the VIP's own marks may be put on and taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vipswitch.model import Address
from vipswitch.provider import Condition, Grant
from vipswitch.providers.aws.grants import Names, only_tags, tagged
from vipswitch.providers.aws.route_table.settings import TableId
from vipswitch.providers.marks import key_of
from vipswitch.providers.tags import Tag

_MOVES = ("ec2:ReplaceRoute", "ec2:CreateRoute")
_MARKS = ("ec2:CreateTags", "ec2:DeleteTags")


def on_tables(
    tables: Sequence[TableId | Tag], addresses: Sequence[Address], who: str, named: Names
) -> Iterator[Grant]:
    """The grants of `who` on the tables that the config names."""
    ours = only_tags([key_of(address) for address in addresses])
    if ids := [each for each in tables if not isinstance(each, Tag)]:
        arns = tuple(named.arn(f"route-table/{id}") for id in ids)
        yield Grant(who, "MoveRoutes", _MOVES, arns)
        yield Grant(who, "MarkRoutes", _MARKS, arns, ours)
    for tag in (each for each in tables if isinstance(each, Tag)):
        yield from _on_tagged(tagged(tag), ours, who, named.arn("route-table/*"))


def _on_tagged(tag: Condition, ours: tuple[Condition, ...], who: str, every: str) -> Iterator[Grant]:
    yield Grant(who, "MoveTaggedRoutes", _MOVES, (every,), (tag,))
    yield Grant(who, "MarkTaggedRoutes", _MARKS, (every,), (tag, *ours))
