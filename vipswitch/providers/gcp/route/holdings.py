"""What the routes of one destination say of a place: who holds it, and what a write is bound to.

Rules: pure. The best route counts, whatever it is called: the one with the lowest priority number. Where
several are best they share the traffic, so no one node holds the place. Routes that are not named by
vipswitch are told of, and never deleted. A token is the best priority, the name of its route, and the names
of the routes of ours that have no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vipswitch.model import Holding, NodeId
from vipswitch.providers.gcp.ids import Resource
from vipswitch.providers.gcp.route.slots import FEW, is_ours

if TYPE_CHECKING:
    from vipswitch.providers.gcp.route.routes import Route

BUSY = "Google is still carrying out the last change"

Spell = Callable[[Resource], NodeId]
"""An instance as a holder is named."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The routes of a place, by what they mean: the best ones, and those that have no effect.

    `left` are ours, `foreign` those that somebody else has made.
    """

    best: tuple[Route, ...]
    left: tuple[Route, ...]
    foreign: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """What a write is bound to."""

    priority: int
    names: tuple[str, ...]
    left: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.priority} {','.join(self.names)} {','.join(self.left)}"


def parsed(token: str) -> Token:
    """The token of a holding that has a holder."""
    priority, names, left = token.split(" ")
    return Token(int(priority), tuple(names.split(",")), tuple(filter(None, left.split(","))))


def standing(routes: Iterable[Route], family: str) -> Standing:
    """What the routes of one network and destination are to the place with that family of names."""
    ordered = sorted(routes, key=lambda route: (route.priority, route.name))
    best = tuple(route for route in ordered if route.priority == ordered[0].priority)
    worse = ordered[len(best) :]
    ours = {route.name for route in worse if is_ours(route.name, route.priority, family)}
    return Standing(
        best,
        left=tuple(route for route in worse if route.name in ours),
        foreign=tuple(route for route in worse if route.name not in ours),
    )


def holding(
    found: Standing, *, spell: Spell, mine: NodeId | None, own: Iterable[str], writing: bool
) -> Holding:
    """Who holds the place; `own` are the addresses of `mine`, this node, if it is known.

    `writing`: this machine's last write to the place is still being carried out.
    """
    if not found.best:
        return Holding(None, busy=writing, note=BUSY if writing else "")
    names = tuple(route.name for route in found.best)
    left = tuple(route.name for route in found.left)
    return Holding(
        holder=_holder(found.best, spell, mine, set(own)),
        token=str(Token(found.best[0].priority, names, left)),
        note="; ".join(_notes(found, writing=writing)),
        settled=not writing,
        busy=writing,
        leftovers=bool(left),
    )


def _holder(best: tuple[Route, ...], spell: Spell, mine: NodeId | None, own: set[str]) -> NodeId:
    """An instance; or whatever else the packets go to, which is no node."""
    holders = dict.fromkeys(_node(route, spell, mine, own) for route in best)
    return NodeId(" and ".join(holders))


def _node(route: Route, spell: Spell, mine: NodeId | None, own: set[str]) -> NodeId:
    """A route to an address is this node's by the address, another's by what its maker says of it.

    So is one to an instance whose project Google calls by its number.
    """
    if route.instance is not None:
        return spell(route.told if route.told and _alike(route.told, route.instance) else route.instance)
    if mine is not None and str(route.address) in own:
        return mine
    return spell(route.told) if route.told is not None and route.address is not None else NodeId(route.hop)


def _alike(one: Resource, other: Resource) -> bool:
    return (one.scope, one.kind, one.name) == (other.scope, other.kind, other.name)


def _notes(found: Standing, *, writing: bool) -> Iterator[str]:
    """What people should know beside the holder."""
    if writing:
        yield BUSY
    for route in found.best:
        if route.instance is None and route.address is None:
            yield f"{route.name} leads to {route.hop}, which is no instance"
        if route.tags:
            yield f"{route.name} counts only for instances tagged {', '.join(route.tags)}"
        yield from route.warnings
    if len(found.best) > 1:
        yield f"{len(found.best)} routes share its traffic"
    if found.foreign:
        yield f"not made by vipswitch: {', '.join(route.name for route in found.foreign)}"
    if found.best[0].priority < FEW:
        yield f"{found.best[0].priority} takeovers are left"
