"""The planner: what to do next, from what is known. Pure: no I/O, no clock, no memory.

It is entered again after every fact, so there is no plan to resume: each answer is the set of steps
that may start now, and the empty answer means that nothing is left to do (or everything left is
under way). The promises it keeps:

- `up` proves the host able (the address is on) before the first write to the cloud.
- An address on the host proves nothing; only a read of the cloud ends `up` without a write.
- After a write every place is read back. Still seeing the holder we replaced means "not visible yet";
  a third node means that another decision came later: lost. What reads back as ours and is not settled
  is looked at again until it is; nothing is left to write there.
- A write whose outcome is unknown is followed by a read, never by a write. So is a first write that was
  refused for now: when it is made again, whoever it replaces has been seen before.
- A write that was accepted, and not carried out because another node's had come first, is a conflict like one
  that was refused: it was not made.
- Nobody has lost whose write the cloud may still be carrying out.
- Where a claim takes two writes, a read comes between them. While the cloud is at an operation on a place,
  nothing is written there.
- `down` takes the address off the host before anything else, and in the cloud frees only what it has
  read as its own, with the token of that read. Where it leaves the pointer, it marks what it has read as
  its own as released; an `up` that finds such a mark of its own takes it away and reads once more.
- A restore fills what nobody holds, and never takes a place from anybody: after a conflict it has lost.
- An announcement cannot be observed, so it is always part of `up`.
- What a takeover leaves beside a place is tidied away when everything else is done, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from vipswitch.model import Address, Holding, NodeId, Place, Verb
from vipswitch.world import PlaceView, World, Wrote


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked, and what this provider and this order allow.

    `seizes`: this order may take the VIP from another node (a repeated `up` may not).
    `restores`: an order that does not seize may still fill a place that nobody holds.
    `write_first`: the first request may be the write, without a read before it.
    `needs_address`: the host carries the VIP's address while it holds it.
    `frees`: `down` releases this node's places in the cloud; otherwise it leaves them.
    `marks`: `down` marks the places that it leaves as released.
    `prepares`: the node's attach point has settings to look after while the places move.
    `announces`: telling the neighbours has a meaning here.
    """

    verb: Verb
    seizes: bool = True
    write_first: bool = False
    needs_address: bool = True
    frees: bool = False
    prepares: bool = False
    announces: bool = False
    restores: bool = False
    marks: bool = False


@dataclass(frozen=True, slots=True)
class AddAddress:
    """Put the address on this host."""

    address: Address


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """Take the address off this host."""

    address: Address


@dataclass(frozen=True, slots=True)
class Read:
    """Ask the cloud who holds these places, in one request where it can."""

    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Point the place at this node; `seen` is the state it replaces, None when nobody looked.

    `fills`: only if nobody has come to hold it since.
    """

    place: Place
    seen: Holding | None
    fills: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """Free the place, if it is still as `seen`."""

    place: Place
    seen: Holding


@dataclass(frozen=True, slots=True)
class Mark:
    """Note beside the place, which still points here, that this node has let go."""

    place: Place


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take this node's own mark away: it holds the place again."""

    place: Place


@dataclass(frozen=True, slots=True)
class Tidy:
    """Take away what was read beside the place, which this node holds, and has no effect any more."""

    place: Place
    seen: Holding


@dataclass(frozen=True, slots=True)
class Prepare:
    """See to the node's own attach point (the source/destination check, IP forwarding)."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell the neighbours on the link where the addresses are now."""

    addresses: tuple[Address, ...]


Step = AddAddress | RemoveAddress | Read | Claim | Release | Mark | Unmark | Tidy | Prepare | Announce


class Next(Enum):
    """What one place needs next."""

    LOOK = auto()
    WRITE = auto()
    MARKED = auto()
    HELD = auto()
    SETTLING = auto()
    FREE = auto()
    LOST = auto()
    FAILED = auto()


OURS = frozenset({Next.HELD, Next.SETTLING})
"""What a place needs that has been read as this node's."""


def plan(rules: Rules, world: World) -> tuple[Step, ...]:
    """The steps that may start now, side by side; empty when there is none."""
    return _plan_up(rules, world) if rules.verb is Verb.UP else _plan_down(rules, world)


def _plan_up(rules: Rules, world: World) -> tuple[Step, ...]:
    nexts = {place: next_of(rules, world.me, view) for place, view in world.places.items()}
    missing = _missing(rules, world)
    if missing and (rules.seizes or _may_heal(rules, nexts)):
        return tuple(AddAddress(a) for a in missing)
    if _takes(rules) and _host_failed(world):
        return ()
    steps = _cloud_steps(rules, world, nexts)
    if steps or world.busy or not all(n is Next.HELD for n in nexts.values()):
        return steps
    return _announcement(rules, world) or _tidying(world)


def _missing(rules: Rules, world: World) -> list[Address]:
    if not rules.needs_address:
        return []
    return [a for a, view in world.host.items() if not view.on and view.error is None]


def _takes(rules: Rules) -> bool:
    """Whether this `up` may make the VIP this node's where it is not."""
    return rules.seizes or rules.restores


def _may_heal(rules: Rules, nexts: dict[Place, Next]) -> bool:
    """Without seizing the host gets its address only where the VIP is ours, or about to be restored."""
    wanted = OURS | {Next.MARKED} | ({Next.WRITE} if rules.restores else set())
    return not nexts or any(n in wanted for n in nexts.values())


def _host_failed(world: World) -> bool:
    return any(view.error is not None for view in world.host.values())


def _cloud_steps(rules: Rules, world: World, nexts: dict[Place, Next]) -> tuple[Step, ...]:
    idle = {p: n for p, n in nexts.items() if p not in world.busy}
    fills = not rules.seizes
    writes = [Claim(p, world.places[p].holding, fills) for p, n in idle.items() if n is Next.WRITE]
    clears = [Unmark(p) for p, n in idle.items() if n is Next.MARKED]
    looks = tuple(p for p, n in idle.items() if n in (Next.LOOK, Next.SETTLING))
    prepare = [Prepare()] if writes and rules.prepares and not world.prepared else []
    return (*writes, *clears, *prepare, *([Read(looks)] if looks else []))


def _announcement(rules: Rules, world: World) -> tuple[Step, ...]:
    on = tuple(a for a, view in world.host.items() if view.on)
    return (Announce(on),) if rules.announces and on and not world.announced else ()


def _tidying(world: World) -> tuple[Step, ...]:
    """Nothing of what is left over has an effect, so it waits for what has one."""
    return tuple(
        Tidy(place, view.holding)
        for place, view in world.places.items()
        if view.holding is not None and view.holding.leftovers and not view.tidied
    )


def _plan_down(rules: Rules, world: World) -> tuple[Step, ...]:
    present = [a for a, view in world.host.items() if view.on and view.error is None]
    if present:
        return tuple(RemoveAddress(a) for a in present)
    if not lets_go(rules):
        return ()
    nexts = {p: next_of(rules, world.me, v) for p, v in world.places.items() if p not in world.busy}
    looks = tuple(p for p, n in nexts.items() if n is Next.LOOK)
    leaves = [
        Release(p, seen) if rules.frees else Mark(p)
        for p, n in nexts.items()
        if n is Next.WRITE and (seen := world.places[p].holding) is not None
    ]
    return (*leaves, *([Read(looks)] if looks else []))


def lets_go(rules: Rules) -> bool:
    """Whether this `down` does anything in the cloud."""
    return rules.frees or rules.marks


def next_of(rules: Rules, me: NodeId, view: PlaceView) -> Next:
    """What one place needs next, or how it ended."""
    if view.error is not None:
        return Next.FAILED
    return _next_up(rules, me, view) if rules.verb is Verb.UP else _next_down(me, view)


def _next_up(rules: Rules, me: NodeId, view: PlaceView) -> Next:
    if view.holding is None:
        blind = rules.write_first and rules.seizes and view.wrote is Wrote.NOTHING
        calm = not view.frozen and not view.conflicts and view.trouble is None
        return Next.WRITE if blind and calm else Next.LOOK
    if view.holding.holder == me and view.holding.released:
        return Next.SETTLING if view.unmarked else _when_free(Next.MARKED, view.holding)
    if view.holding.holder == me:
        return Next.HELD if view.holding.settled else Next.SETTLING
    if view.wrote is Wrote.NOTHING:
        return _when_free(Next.WRITE, view.holding) if _may_write(rules, view, view.holding) else Next.LOST
    return _when_free(_after_write(rules, view, view.holding), view.holding)


def _when_free(needed: Next, holding: Holding) -> Next:
    """A write waits, with another look, until the cloud's own operation on the place is over."""
    return Next.LOOK if holding.busy and needed in (Next.WRITE, Next.MARKED) else needed


def _may_write(rules: Rules, view: PlaceView, holding: Holding) -> bool:
    """Whether this order may still take the place from whoever was just read as its holder.

    After a freeze only what was seen before it may be replaced: nothing says that a holder seen for
    the first time now did not come later than this order. After a conflict an order re-reads and
    seizes once more, so that it never yields to a restore.
    """
    if not rules.seizes:
        vacant = holding.holder is None or holding.released
        return rules.restores and vacant and not view.conflicts
    if holding.holder is None or _unchanged(view, holding):
        return True
    return not view.frozen and view.conflicts <= 1


def _unchanged(view: PlaceView, holding: Holding) -> bool:
    """Whether the holder is the one that was read first, and this was not the first read."""
    return view.first is not None and view.first is not holding and view.first.holder == holding.holder


def _after_write(rules: Rules, view: PlaceView, holding: Holding) -> Next:
    """The place was written and does not show us. `first` is what our write replaced.

    Whoever had let go when a restore began, and has not now, has taken the place up again. A write that was
    acknowledged in an earlier round shows by now: who is there instead came later. While the cloud is at an
    operation, that may be our write, over whoever shows.
    """
    if holding.busy and view.wrote is Wrote.ACKNOWLEDGED:
        return Next.LOOK
    same = view.first is not None and view.first.holder == holding.holder and not view.shows
    if not same and holding.holder is not None:
        return Next.LOST
    if not rules.seizes and not _may_write(rules, view, holding):
        return Next.LOST
    return Next.LOOK if view.wrote is Wrote.ACKNOWLEDGED else Next.WRITE


def _next_down(me: NodeId, view: PlaceView) -> Next:
    if view.wrote is Wrote.ACKNOWLEDGED:
        return Next.FREE
    if view.holding is None:
        return Next.LOOK
    ours = view.holding.holder == me and not view.holding.released
    return _when_free(Next.WRITE, view.holding) if ours else Next.FREE


def succeeded(rules: Rules, world: World) -> bool:
    """Whether everything that was asked is true now."""
    if any(view.error is not None for view in world.host.values()) or world.announce_error is not None:
        return False
    nexts = {next_of(rules, world.me, view) for view in world.places.values()}
    if rules.verb is Verb.UP:
        return nexts <= OURS
    return not lets_go(rules) or nexts <= {Next.FREE}


def aftermath(rules: Rules, world: World, *, caller_alive: bool) -> tuple[Step, ...]:
    """What an `up` that did not succeed takes back; a repeated one leaves the host as it is.

    Where nothing was written the address that it added comes off again: nobody was told to come
    here. After a lost race every address comes off, unless the caller still lives: Pgpool-II runs
    `up` again as soon as a leader's address disappears, and the two would fight without end. After a
    write that may have happened the address stays: packets may be on their way.
    """
    if rules.verb is not Verb.UP or not _takes(rules):
        return ()
    if succeeded(rules, world) or world.announce_error is not None:
        return ()
    ends = [(next_of(rules, world.me, view), view.wrote) for view in world.places.values()]
    ours = OURS | {Next.MARKED}
    if any(end is not Next.LOST and (end in ours or wrote is not Wrote.NOTHING) for end, wrote in ends):
        return ()
    lost = any(end is Next.LOST for end, _ in ends)
    wrote_nothing = all(wrote is Wrote.NOTHING for _, wrote in ends)
    if lost and not caller_alive:
        return tuple(RemoveAddress(a) for a, view in world.host.items() if view.on)
    if wrote_nothing:
        return tuple(RemoveAddress(a) for a, view in world.host.items() if view.added)
    return ()
