"""The planner, on every combination of holder, address, capability and order, dying after every step."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.unit.planner_explorer import Explorer, Planner
from tests.unit.planner_reality import ME, OTHER, Reality
from vipswitch.model import Verb
from vipswitch.plan import AddAddress, Claim, Mark, Read, Release, Rules, Step, plan
from vipswitch.world import World, Wrote

BOTH = (False, True)


def all_rules() -> Iterator[Rules]:
    """Every order and every capability that the planner looks at for it."""
    for needs, tells in ((False, False), (True, False), (True, True)):
        up = Rules(Verb.UP, needs_address=needs, prepares=tells, announces=tells)
        yield up
        yield replace(up, write_first=True)
        yield replace(up, seizes=False)
        yield replace(up, seizes=False, restores=True)
    for needs in BOTH:
        down = Rules(Verb.DOWN, needs_address=needs)
        yield from (down, replace(down, frees=True), replace(down, marks=True))


def all_realities(rules: Rules) -> Iterator[Reality]:
    """Every holder of two places, every mark at them, with and without the address on this host.

    A method that frees has no marks. To a restore, which writes little, more may happen.
    """
    places = [(ME, None), (OTHER, None), (None, None)]
    places += [] if rules.frees else [(ME, ME), (OTHER, OTHER), (OTHER, ME)]
    for one, two in itertools.combinations_with_replacement(places, 2):
        for address in BOTH:
            reality = Reality((one[0], two[0]), (one[1], two[1]), address=address)
            yield reality._replace(mischief=2 if rules.restores and not rules.announces else 1)


def violations(rules: Rules, planner: Planner) -> Iterator[str]:
    """What goes wrong anywhere, as it is found."""
    explorer = Explorer(rules, planner)
    for reality in all_realities(rules):
        explorer.explore(reality)
        yield from explorer.violations
    assert explorer.ends > 0


def in_full(rules: Rules) -> bool:
    """Whether only the full run walks these.

    Those that announce take each path of those that do not, with one more step; those without an address on
    the host take each path of those with one, with fewer.
    """
    more = rules.announces and not rules.write_first
    fewer = not rules.needs_address and not rules.write_first and (rules.seizes or rules.restores)
    return more or fewer


@pytest.mark.parametrize(
    "rules",
    [pytest.param(r, marks=[pytest.mark.full] if in_full(r) else []) for r in all_rules()],
    ids=str,
)
def test_no_path_breaks_a_promise(rules: Rules) -> None:
    """Whatever fails, whoever seizes, wherever it dies: host first, look after doubt, read back, end."""
    assert set(violations(rules, plan)) == set()


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


def heals_without_looking(rules: Rules, world: World) -> tuple[Step, ...]:
    """Puts the address back on an `up` that may not seize, before it knows whose the VIP is."""
    missing = tuple(AddAddress(a) for a, view in world.host.items() if not view.on)
    return missing if rules.verb is Verb.UP and missing else plan(rules, world)


def restores_by_seizing(rules: Rules, world: World) -> tuple[Step, ...]:
    """Takes the missing place as an order would, whoever came since the read."""
    steps = plan(rules, world)
    return tuple(replace(step, fills=False) if isinstance(step, Claim) else step for step in steps)


def restores_from_anybody(rules: Rules, world: World) -> tuple[Step, ...]:
    """Takes a holder for one that has let go."""
    return plan(replace(rules, seizes=rules.seizes or rules.restores), world)


def restores_again_and_again(rules: Rules, world: World) -> tuple[Step, ...]:
    """Re-asserts what somebody has come to hold, as soon as that one lets go."""
    if rules.restores:
        for place in world.places:
            world = world.view(place, conflicts=0)
    return plan(rules, world)


def restores_nothing(rules: Rules, world: World) -> tuple[Step, ...]:
    """Only looks, so that a route deleted by hand stays deleted."""
    return plan(replace(rules, restores=False), world)


def overlooks_its_mark(rules: Rules, world: World) -> tuple[Step, ...]:
    """Holds the place, and lets the others think that it has let go."""
    for place, view in world.places.items():
        if view.holding is not None:
            world = world.view(place, holding=replace(view.holding, released=False))
    return plan(rules, world)


def marks_unread(rules: Rules, world: World) -> tuple[Step, ...]:
    """Notes that it has let go beside places that it has not read as its own."""
    steps = plan(rules, world)
    blind = [Mark(p) for step in steps if isinstance(step, Read) for p in step.places]
    return tuple(blind) if rules.marks and blind else steps


def marks_before_the_host(rules: Rules, world: World) -> tuple[Step, ...]:
    """Says that it has let go while its host still takes packets."""
    steps = plan(rules, replace(world, host={}))
    return steps if rules.marks and steps else plan(rules, world)


def leaves_without_a_mark(rules: Rules, world: World) -> tuple[Step, ...]:
    """Leaves the pointer and says nothing, so that nobody can tell that its holder has let go."""
    return plan(replace(rules, marks=False), world)


def begins_each_round_with_a_write(rules: Rules, world: World) -> tuple[Step, ...]:
    """Forgets that this order may have written before."""
    unread = [place for place, view in world.places.items() if view.holding is None]
    ready = not rules.needs_address or all(view.on for view in world.host.values())
    if rules.verb is Verb.UP and rules.seizes and unread and ready:
        return tuple(Claim(p, None) for p in unread if world.places[p].wrote is Wrote.NOTHING)
    return plan(rules, world)


def writes_into_an_operation(rules: Rules, world: World) -> tuple[Step, ...]:
    """Does not wait until the cloud is done with the last write."""
    for place, view in world.places.items():
        if view.holding is not None:
            world = world.view(place, holding=replace(view.holding, busy=False))
    return plan(rules, world)


def takes_half_for_the_whole(rules: Rules, world: World) -> tuple[Step, ...]:
    """Is content once the old holder has let the place go."""
    if any(view.wrote is Wrote.HALFWAY for view in world.places.values()):
        return ()
    return plan(rules, world)


SEIZES = Rules(Verb.UP)
REPEATS = Rules(Verb.UP, seizes=False)
RESTORES = Rules(Verb.UP, seizes=False, restores=True)
FREES = Rules(Verb.DOWN, frees=True)
MARKS = Rules(Verb.DOWN, marks=True)

BAD = (
    (trusts_the_host, SEIZES, "up ends without having read itself as holder"),
    (moves_the_cloud_first, SEIZES, "moves the cloud before the host is able"),
    (never_looks_back, SEIZES, "up ends without having read itself as holder"),
    (repeats_a_lost_write, SEIZES, "writes again without looking after a lost answer"),
    (takes_it_back, SEIZES, "takes it back after its own write"),
    (begins_each_round_with_a_write, SEIZES, "a later round begins with a write"),
    (writes_into_an_operation, SEIZES, "writes where the cloud is at an operation"),
    (writes_into_an_operation, FREES, "writes where the cloud is at an operation"),
    (writes_into_an_operation, MARKS, "writes where the cloud is at an operation"),
    (takes_half_for_the_whole, SEIZES, "up ends without having read itself as holder"),
    (overlooks_its_mark, SEIZES, "up ends held with its own mark standing"),
    (heals_without_looking, REPEATS, "an up that may not seize touches the host"),
    (restores_by_seizing, RESTORES, "a restore takes a place whose holder has not let go"),
    (restores_from_anybody, RESTORES, "a restore takes a place whose holder has not let go"),
    (restores_again_and_again, RESTORES, "a restore re-asserts after a conflict"),
    (restores_nothing, RESTORES, "a restore leaves what nobody holds"),
    (frees_before_the_host, FREES, "lets go in the cloud before the host"),
    (marks_unread, MARKS, "lets go of what it has not read as its own"),
    (marks_before_the_host, MARKS, "lets go in the cloud before the host"),
    (leaves_without_a_mark, MARKS, "down leaves a place of ours unmarked"),
)


@pytest.mark.parametrize(
    ("bad", "rules", "broken"), BAD, ids=[f"{bad.__name__} {rules.verb}" for bad, rules, _ in BAD]
)
def test_bad_planner_is_caught(bad: Planner, rules: Rules, broken: str) -> None:
    """The exploration notices each way of planning badly."""
    assert any(violation.startswith(broken) for violation in violations(rules, bad))
