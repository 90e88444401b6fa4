"""What one order knows so far, and how it learns: frozen data in, frozen data out, no I/O.

The switch acts and reports facts; `learn` folds a fact into the world; the planner reads the world.
Nothing here is remembered beyond one order, so a process that dies anywhere starts again from a
blank world and whatever the cloud and the host really say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from vipswitch.errors import TimeUp, VipswitchError
from vipswitch.model import Address, Holding, NodeId, Place


class Wrote(Enum):
    """What this order knows of its own writes to one place."""

    NOTHING = auto()
    ACKNOWLEDGED = auto()
    UNKNOWN = auto()
    HALFWAY = auto()


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place, as far as this order knows it.

    `holding` was read since the last write and is forgotten by the next one. `first` is the first
    state read of all. `conflicts` counts writes that found the place changed hands since the read.
    `frozen` means that the process stood still before the write. `error` ends the matter for this
    place; `trouble` is the last error that may pass (that time is up hides none before it). `unmarked`
    means that this order has taken our own mark away, so one that still shows is an old reading. `shows`:
    what was written in an earlier round must be visible by now. `before` is what `wrote` was before the last
    write. `tidied`: this order has seen to what was
    left over.
    """

    holding: Holding | None = None
    first: Holding | None = None
    wrote: Wrote = Wrote.NOTHING
    conflicts: int = 0
    frozen: bool = False
    error: VipswitchError | None = None
    trouble: VipswitchError | None = None
    unmarked: bool = False
    shows: bool = False
    before: Wrote = Wrote.NOTHING
    tidied: bool = False


@dataclass(frozen=True, slots=True)
class HostView:
    """One address on this host: is it there, did this order put it there, did changing it fail."""

    on: bool
    added: bool = False
    error: VipswitchError | None = None


@dataclass(frozen=True, slots=True)
class World:
    """All that one order knows. `busy` places have a request under way or wait for their next try."""

    me: NodeId
    host: Mapping[Address, HostView]
    places: Mapping[Place, PlaceView]
    prepared: bool = False
    announced: bool = False
    warnings: tuple[str, ...] = ()
    announce_error: VipswitchError | None = None
    busy: frozenset[Place] = field(default_factory=frozenset)

    def view(self, place: Place, **changes: object) -> World:
        """This world with one place's view changed."""
        view = replace(self.places[place], **changes)  # type: ignore[arg-type]
        return replace(self, places={**self.places, place: view})

    def address(self, address: Address, view: HostView) -> World:
        """This world with one host address's view changed."""
        return replace(self, host={**self.host, address: view})


def blank(me: NodeId, host: Mapping[Address, bool], places: tuple[Place, ...]) -> World:
    """The world at the start of an order."""
    return World(me, {a: HostView(on) for a, on in host.items()}, {p: PlaceView() for p in places})


def again(world: World, host: Mapping[Address, bool]) -> World:
    """The world at the start of another round of the same order.

    What was read is forgotten, and so is every failure; which holder was seen first, what was written, and
    what this order added to the host is remembered.
    """
    places = {place: _later(view) for place, view in world.places.items()}
    added = {a: HostView(on, added=on and a in world.host and world.host[a].added) for a, on in host.items()}
    return World(world.me, added, places)


def _later(view: PlaceView) -> PlaceView:
    return replace(
        view,
        holding=None,
        error=None,
        trouble=view.error or view.trouble,
        unmarked=False,
        tidied=False,
        shows=view.wrote is Wrote.ACKNOWLEDGED,
    )


@dataclass(frozen=True, slots=True)
class AddressAdded:
    """The host has the address now, and this order put it there."""

    address: Address


@dataclass(frozen=True, slots=True)
class AddressRemoved:
    """The host does not have the address."""

    address: Address


@dataclass(frozen=True, slots=True)
class AddressFailed:
    """The host's address could not be changed."""

    address: Address
    error: VipswitchError


@dataclass(frozen=True, slots=True)
class Saw:
    """A read answered."""

    place: Place
    holding: Holding


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write was answered with success."""

    place: Place


@dataclass(frozen=True, slots=True)
class Advanced:
    """The first of two writes was answered with success."""

    place: Place


@dataclass(frozen=True, slots=True)
class OutcomeLost:
    """A write was sent and nothing is known of it, or it was accepted and then not carried out."""

    place: Place
    error: VipswitchError


@dataclass(frozen=True, slots=True)
class Conflicted:
    """A write was refused because the place is not as it was read."""

    place: Place


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A write that was answered with success was not carried out: the place had changed hands by then."""

    place: Place
    error: VipswitchError


@dataclass(frozen=True, slots=True)
class Froze:
    """The process stood still between what it knew and the write, so the write was not made."""

    place: Place


@dataclass(frozen=True, slots=True)
class Outdated:
    """This node wrote to the same object since the place was read, so the write was not made."""

    place: Place


@dataclass(frozen=True, slots=True)
class Troubled:
    """A request did not happen and may be made again."""

    place: Place
    error: VipswitchError


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that will not succeed however often it is made."""

    place: Place
    error: VipswitchError


@dataclass(frozen=True, slots=True)
class Unmarked:
    """This node's own release mark was taken away, so the place must be read once more."""

    place: Place


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was left over beside a place was taken away, or some of it could not be: then `error` says why."""

    place: Place
    error: VipswitchError | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The node's attach point was looked after, or could not be: then the warnings say so."""

    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    """The neighbours were told, or could not be."""

    error: VipswitchError | None


OfPlace = (
    Saw
    | Acknowledged
    | Advanced
    | OutcomeLost
    | Conflicted
    | TakenBack
    | Froze
    | Outdated
    | Troubled
    | Failed
    | Unmarked
)

Fact = AddressAdded | AddressRemoved | AddressFailed | OfPlace | Tidied | Prepared | Announced


def learn(world: World, fact: Fact) -> World:
    """The world after `fact`."""
    match fact:
        case AddressAdded(address):
            return world.address(address, HostView(on=True, added=True))
        case AddressRemoved(address):
            return world.address(address, HostView(on=False))
        case AddressFailed(address, error):
            return world.address(address, replace(world.host[address], error=error))
        case Prepared(warnings):
            return replace(world, prepared=True, warnings=(*world.warnings, *warnings))
        case Tidied(place, wrong):
            warned = () if wrong is None else (f"{place}: left over: {wrong.message}",)
            return replace(world.view(place, tidied=True), warnings=(*world.warnings, *warned))
        case Announced(failure):
            return replace(world, announced=True, announce_error=failure)
        case _:
            return _learn_of_place(world, fact)


def _learn_of_place(world: World, fact: OfPlace) -> World:
    place, view = fact.place, world.places[fact.place]
    match fact:
        case Saw(_, holding):
            return world.view(place, holding=holding, first=view.first or holding, trouble=None)
        case Acknowledged():
            return _written(world, place, Wrote.ACKNOWLEDGED, None)
        case Advanced():
            return _written(world, place, Wrote.HALFWAY, None)
        case OutcomeLost(_, error):
            return _written(world, place, Wrote.UNKNOWN, error)
        case Conflicted():
            return world.view(place, holding=None, conflicts=view.conflicts + 1)
        case TakenBack(_, error):
            conflicts = view.conflicts + 1
            return world.view(place, holding=None, wrote=view.before, conflicts=conflicts, trouble=error)
        case Froze():
            return world.view(place, holding=None, frozen=True)
        case Outdated():
            return world.view(place, holding=None)
        case Unmarked():
            return world.view(place, holding=None, trouble=None, unmarked=True)
        case Troubled(_, error):
            late = isinstance(error, TimeUp) and view.trouble is not None
            return world.view(place, trouble=view.trouble if late else error)
        case Failed(_, error):
            return world.view(place, error=error)


def _written(world: World, place: Place, wrote: Wrote, trouble: VipswitchError | None) -> World:
    before = world.places[place].wrote
    return world.view(
        place, holding=None, wrote=wrote, before=before, frozen=False, trouble=trouble, shows=False
    )
