"""`--dry-run`: the plan of an order and the API requests it would make, assuming that all goes well.

The planner that decides is the real one. What comes before the first write is really read; from
there on every step is assumed to succeed.
"""

from __future__ import annotations

from collections.abc import Iterator

from vipswitch import orders
from vipswitch.deadline import Deadline
from vipswitch.model import Address, Holding, Place, Verb
from vipswitch.plan import (
    AddAddress,
    Announce,
    Claim,
    Mark,
    Prepare,
    Read,
    Release,
    RemoveAddress,
    Step,
    Tidy,
    Unmark,
    plan,
)
from vipswitch.provider import Provider
from vipswitch.switch import Switch
from vipswitch.world import (
    Acknowledged,
    AddressAdded,
    AddressRemoved,
    Announced,
    Fact,
    Prepared,
    Saw,
    Tidied,
    Unmarked,
    World,
    Wrote,
    learn,
)


def rehearse(switch: Switch, verb: Verb, deadline: Deadline) -> Iterator[str]:
    """A line for each step, in order; steps that run side by side share their number."""
    rules, world = switch.begin(orders.new(switch.vip.name, verb), deadline)
    number = 0
    while steps := plan(rules, world):
        number += 1
        for step in steps:
            yield from (f"{number}. {line}" for line in _lines(switch.provider, world, step))
            for fact in _assumed(switch.provider, world, step, deadline):
                world = learn(world, fact)
    if number == 0:
        yield "nothing to do"


def _lines(provider: Provider, world: World, step: Step) -> list[str]:
    match step:
        case AddAddress(address):
            return [f"ip addr add {_with_prefix(address)}"]
        case RemoveAddress(address):
            return [f"ip addr del {_with_prefix(address)}"]
        case Announce(addresses):
            return [f"announce {address} to the neighbours" for address in addresses]
        case Read(places):
            return provider.calls("read", places, world.me)
        case Claim(place):
            return provider.calls("claim", [place], world.me)
        case Release(place):
            return provider.calls("release", [place], world.me)
        case Mark(place) | Unmark(place):
            return provider.calls("mark", [place], world.me)
        case Tidy(place):
            return provider.calls("tidy", [place], world.me)
        case Prepare():
            return provider.calls("prepare", [], world.me)


def _with_prefix(address: Address) -> str:
    return f"{address}/{address.max_prefixlen}"


def _assumed(provider: Provider, world: World, step: Step, deadline: Deadline) -> list[Fact]:
    match step:
        case AddAddress(address):
            return [AddressAdded(address)]
        case RemoveAddress(address):
            return [AddressRemoved(address)]
        case Announce():
            return [Announced(None)]
        case Prepare():
            return [Prepared(())]
        case Claim(place) | Release(place) | Mark(place):
            return [Acknowledged(place)]
        case Unmark(place):
            return [Unmarked(place)]
        case Tidy(place):
            return [Tidied(place, None)]
        case Read(places):
            return [_seen(provider, world, place, deadline) for place in places]


def _seen(provider: Provider, world: World, place: Place, deadline: Deadline) -> Saw:
    """A read before the first write is made; one after it would show us."""
    if world.places[place].wrote is not Wrote.NOTHING:
        return Saw(place, Holding(world.me))
    answer = provider.read([place], deadline)[place]
    if not isinstance(answer, Holding):
        raise answer
    return Saw(place, answer)
