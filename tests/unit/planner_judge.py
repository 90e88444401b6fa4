"""What a planner has promised, asked of each step that it plans and of each end that it comes to."""

from __future__ import annotations

from collections.abc import Iterator

from tests.unit.planner_reality import ME, PLACES, Reality, vacant
from vipswitch.model import Holding, Verb
from vipswitch.plan import AddAddress, Announce, Claim, Mark, Release, Rules, Step, Unmark
from vipswitch.world import World, Wrote


def broken_by_step(rules: Rules, reality: Reality, world: World, step: Step, *, later: bool) -> Iterator[str]:
    """The promises that starting this step breaks; `later` means that an earlier round has failed."""
    if isinstance(step, Claim | Release | Mark | Unmark) and _at_work(world.places[step.place].holding):
        yield "writes where the cloud is at an operation"
    if isinstance(step, Claim):
        yield from _claiming(rules, reality, world, step)
    if isinstance(step, Claim | Mark | Unmark) and later and world.places[step.place].holding is None:
        yield "a later round begins with a write"
    if isinstance(step, Claim | AddAddress | Announce | Unmark) and rules.verb is Verb.DOWN:
        yield "down takes"
    if isinstance(step, Release | Mark):
        yield from _leaving(rules, reality, world, step)
    if isinstance(step, Unmark) and not _marked(world.places[step.place].holding):
        yield "takes a mark away that it has not read"
    if isinstance(step, AddAddress) and not rules.seizes and not _may_have_host(rules, world):
        yield "an up that may not seize touches the host of a node that does not hold the VIP"


def _claiming(rules: Rules, reality: Reality, world: World, step: Claim) -> Iterator[str]:
    view = world.places[step.place]
    if rules.needs_address and not reality.address:
        yield "moves the cloud before the host is able"
    if view.wrote is Wrote.UNKNOWN and view.holding is None:
        yield "writes again without looking after a lost answer"
    if view.wrote is Wrote.ACKNOWLEDGED:
        yield "takes it back after its own write"
    if view.holding is not None and view.holding.holder == ME:
        yield "writes what it already holds"
    if not rules.seizes and not rules.restores:
        yield "a repeated up seizes"
    if rules.restores:
        if view.holding is None or not vacant(view.holding) or not step.fills:
            yield "a restore takes a place whose holder has not let go"
        if view.conflicts:
            yield "a restore re-asserts after a conflict"


def _leaving(rules: Rules, reality: Reality, world: World, step: Release | Mark) -> Iterator[str]:
    seen = world.places[step.place].holding
    if rules.verb is Verb.UP:
        yield "up lets go"
    if seen is None or seen.holder != ME or (isinstance(step, Release) and step.seen != seen):
        yield "lets go of what it has not read as its own"
    if reality.address and rules.needs_address:
        yield "lets go in the cloud before the host"


def _may_have_host(rules: Rules, world: World) -> bool:
    read = [view.holding for view in world.places.values() if view.holding is not None]
    return any(h.holder == ME or (rules.restores and vacant(h)) for h in read)


def broken_by_outcome(rules: Rules, before: Reality, after: Reality) -> Iterator[str]:
    """The promises that one step has broken in the cloud, whatever its planner knew."""
    for number, place in enumerate(PLACES):
        taken = after.holders[number] == ME != before.holders[number]
        if rules.restores and taken and not vacant(before.holding(place)):
            yield "a restore takes a place whose holder has not let go"


def broken_by_end(rules: Rules, reality: Reality, world: World) -> Iterator[str]:
    """The promises that are not kept where the planner has nothing left to do."""
    if rules.verb is Verb.DOWN:
        yield from _end_of_down(rules, reality)
    elif rules.seizes:
        yield from _end_of_up(rules, reality, world)
    else:
        yield from _end_of_restore(rules, reality)
    own = any(h == m == ME for h, m in zip(reality.holders, reality.marks, strict=True))
    if rules.verb is Verb.UP and own and _all_read_as_ours(world):
        yield "up ends held with its own mark standing"


def _end_of_down(rules: Rules, reality: Reality) -> Iterator[str]:
    if reality.address and rules.needs_address:
        yield "down leaves the address"
    if rules.frees and ME in reality.holders:
        yield "down leaves a place of ours"
    if rules.marks and any(h == ME != m for h, m in zip(reality.holders, reality.marks, strict=True)):
        yield "down leaves a place of ours unmarked"


def _end_of_up(rules: Rules, reality: Reality, world: World) -> Iterator[str]:
    if not _all_read_as_ours(world):
        if not reality.seized:
            yield "up ends without having read itself as holder"
        return
    if rules.needs_address and not reality.address:
        yield "up ends without the address"
    if rules.announces and rules.needs_address and not reality.announced:
        yield "up ends without an announcement"


def _end_of_restore(rules: Rules, reality: Reality) -> Iterator[str]:
    """Where something went wrong on the way it may leave the place to the next look."""
    if rules.restores and not reality.harmed and any(vacant(reality.holding(p)) for p in PLACES):
        yield "a restore leaves what nobody holds"


def _all_read_as_ours(world: World) -> bool:
    return all(v.holding is not None and v.holding.holder == ME for v in world.places.values())


def _at_work(holding: Holding | None) -> bool:
    return holding is not None and holding.busy


def _marked(holding: Holding | None) -> bool:
    return holding is not None and holding.holder == ME and holding.released
