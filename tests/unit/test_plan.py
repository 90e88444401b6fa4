"""The planner, on every combination of holder, address, capability and order, dying after every step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.unit.planner_explorer import ME, OTHER, Explorer, Planner, Reality
from vipswitch.model import Verb
from vipswitch.plan import Claim, Read, Release, Rules, Step, plan
from vipswitch.world import World

BOTH = (False, True)


def all_rules() -> Iterator[Rules]:
    """Every order and every capability."""
    for verb, seizes, write_first, needs, frees, prepares, announces in itertools.product(
        Verb, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH
    ):
        if verb is Verb.UP or seizes:
            yield Rules(verb, seizes, write_first, needs, frees, prepares, announces)


def all_realities() -> Iterator[Reality]:
    """Every holder of two places, with and without the address on this host."""
    holders = (ME, OTHER, None)
    for one, two, address in itertools.product(holders, holders, BOTH):
        yield Reality((one, two), address)


def violations(rules: Rules, planner: Planner) -> set[str]:
    """What goes wrong anywhere."""
    explorer = Explorer(rules, planner)
    for reality in all_realities():
        starts_looking = rules.needs_address and reality.address
        explorer.rules = replace(rules, write_first=rules.write_first and not starts_looking)
        explorer.explore(reality)
    assert explorer.ends > 0
    return explorer.violations


@pytest.mark.parametrize("rules", list(all_rules()), ids=str)
def test_no_path_breaks_a_promise(rules: Rules) -> None:
    """Whatever fails, whoever seizes, wherever it dies: host first, look after doubt, read back, end."""
    assert violations(rules, plan) == set()


def trusts_the_host(rules: Rules, world: World) -> tuple[Step, ...]:
    """Takes the address on the host for the VIP being here."""
    if rules.verb is Verb.UP and world.host and all(view.on for view in world.host.values()):
        return ()
    return plan(rules, world)


def moves_the_cloud_first(rules: Rules, world: World) -> tuple[Step, ...]:
    """Rewrites the routes before it knows that the host can take the address, as the shipped sample does."""
    unread = [place for place, view in world.places.items() if view.holding is None]
    if rules.verb is Verb.UP and unread and all(not view.on for view in world.host.values()):
        return tuple(Claim(place, None) for place in unread)
    return plan(rules, world)


def never_looks_back(rules: Rules, world: World) -> tuple[Step, ...]:
    """Leaves out the read after the write."""
    steps = plan(rules, world)
    written = {place for place, view in world.places.items() if view.wrote.name == "ACKNOWLEDGED"}
    return tuple(step for step in steps if not (isinstance(step, Read) and written & set(step.places)))


def repeats_a_lost_write(rules: Rules, world: World) -> tuple[Step, ...]:
    """Takes a lost answer for a failure."""
    lost = [p for p, view in world.places.items() if view.wrote.name == "UNKNOWN" and view.holding is None]
    if rules.verb is Verb.UP and rules.seizes and lost:
        return tuple(Claim(place, None) for place in lost)
    return plan(rules, world)


def takes_it_back(rules: Rules, world: World) -> tuple[Step, ...]:
    """Seizes again from whoever shows after its own write."""
    for place, view in world.places.items():
        shown = view.holding.holder if view.holding else world.me
        if rules.verb is Verb.UP and rules.seizes and view.wrote.name == "ACKNOWLEDGED" and shown != world.me:
            return (Claim(place, view.holding),)
    return plan(rules, world)


def frees_before_the_host(rules: Rules, world: World) -> tuple[Step, ...]:
    """Releases in the cloud while the host still has the address."""
    if rules.verb is Verb.DOWN and rules.frees:
        for place, view in world.places.items():
            if view.holding is None:
                return (Read((place,)),)
            if view.holding.holder == world.me:
                return (Release(place, view.holding),)
    return plan(rules, world)


BAD = {
    trusts_the_host: "up ends without having read itself as holder",
    moves_the_cloud_first: "moves the cloud before the host is able",
    never_looks_back: "up ends without having read itself as holder",
    repeats_a_lost_write: "writes again without looking after a lost answer",
    takes_it_back: "takes it back after its own write",
    frees_before_the_host: "frees the cloud before the host",
}


@pytest.mark.parametrize(
    ("bad", "broken"), list(BAD.items()), ids=lambda value: getattr(value, "__name__", "")
)
def test_bad_planner_is_caught(bad: Planner, broken: str) -> None:
    """The exploration notices each way of planning badly."""
    found = set().union(*(violations(rules, bad) for rules in all_rules() if rules.needs_address))
    assert any(violation.startswith(broken) for violation in found)
