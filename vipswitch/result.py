"""What came of an order or a question, for people, scripts and exit codes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from vipswitch.errors import Lost, OutcomeUnknown, TimeUp, VipswitchError, worst
from vipswitch.model import Address, Holding, NodeId, Place, State, Verb, Vip, summarise
from vipswitch.plan import Next, Rules, Step, next_of
from vipswitch.world import Fact, PlaceView, World, Wrote


class Outcome(StrEnum):
    """How an order ended at one place."""

    HELD = "held"
    FREE = "free"
    LEFT = "left"
    RELEASED = "released"
    LOST = "lost"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """One place at the end of an order. `seen` is the last state read, None when nobody looked."""

    place: Place
    outcome: Outcome
    seen: Holding | None
    error: VipswitchError | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one order for one VIP. `host` says which addresses are on this host."""

    vip: Vip
    verb: Verb
    node: NodeId | None = None
    places: tuple[PlaceResult, ...] = ()
    host: Mapping[Address, bool] = field(default_factory=dict)
    errors: tuple[VipswitchError, ...] = ()
    warnings: tuple[str, ...] = ()
    first_seen: Mapping[str, str | None] = field(default_factory=dict)
    repeated: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0, or the code of the worst error."""
        return worst(error.exit_code for error in self.errors)

    @property
    def lost(self) -> bool:
        """Whether another decision has won, at one place at least and whatever else went wrong."""
        return any(isinstance(error, Lost) for error in self.errors) or any(
            place.outcome is Outcome.LOST for place in self.places
        )

    @property
    def over(self) -> bool:
        """Whether nothing is left to do for the order: it is done, or lost."""
        return self.exit_code == 0 or self.lost


@dataclass(frozen=True, slots=True)
class Report:
    """What `status` found: each place as the cloud says it, each address as the host says it.

    `order` says in words what this node was last asked for, and how far that got; empty where it was not.
    """

    vip: Vip
    node: NodeId | None
    places: Mapping[Place, Holding | VipswitchError]
    host: Mapping[Address, bool]
    errors: tuple[VipswitchError, ...] = ()
    order: str = ""

    @property
    def state(self) -> State:
        """The VIP as a whole, seen from this node."""
        if self.node is None and self.places:
            return State.UNKNOWN
        read = {p: h if isinstance(h, Holding) else None for p, h in self.places.items()}
        return summarise(self.node or NodeId(""), read, self.host.values())

    @property
    def exit_code(self) -> int:
        """0 when everything could be read, else the worst reason why not."""
        unread = [answer for answer in self.places.values() if isinstance(answer, VipswitchError)]
        return worst(error.exit_code for error in (*unread, *self.errors))


class Observer(Protocol):
    """Somebody who watches an order being carried out: the log, a progress display."""

    def started(self, step: Step) -> None:
        """A step begins."""
        ...

    def ended(self, step: Step, facts: list[Fact], seconds: float) -> None:
        """A step is over, and this is what it taught."""
        ...


def conclude(vip: Vip, rules: Rules, world: World, *, seconds: float = 0.0) -> Result:
    """The result of an order, from what is known at its end."""
    places = tuple(_place_result(rules, world.me, p, v) for p, v in world.places.items())
    errors = [view.error for view in world.host.values() if view.error is not None]
    errors += [world.announce_error] if world.announce_error is not None else []
    stopped_by_host = rules.verb is Verb.UP and bool(errors) and not world.announce_error
    failures = [result.error for result in places if result.error is not None]
    if not stopped_by_host and not rules.marks:
        errors += failures
    return Result(
        vip=vip,
        verb=rules.verb,
        node=world.me or None,
        places=places,
        host={a: view.on for a, view in world.host.items()},
        errors=tuple(errors),
        warnings=(*world.warnings, *_unsettled(rules, world), *(_unmarked(failures) if rules.marks else ())),
        first_seen={str(p): v.first.holder for p, v in world.places.items() if v.first is not None},
        seconds=seconds,
    )


def _unsettled(rules: Rules, world: World) -> Iterator[str]:
    """A place that is ours and that the cloud did not act on before the deadline: it will, by itself."""
    for place, view in world.places.items():
        if view.holding is not None and next_of(rules, world.me, view) is Next.SETTLING:
            why = "its release mark still shows" if view.holding.released else view.holding.note
            yield f"{place}: held, but not in effect everywhere yet: {why}"


def _unmarked(failures: list[VipswitchError]) -> Iterator[str]:
    """A place that could not be marked as released: the next `up` takes it all the same."""
    for message in dict.fromkeys(failure.message for failure in failures):
        yield f"not marked as released: {message}"


def _left(rules: Rules, me: NodeId, place: Place, view: PlaceView) -> PlaceResult:
    """A place whose pointer `down` leaves where it is."""
    if not rules.marks or view.error is not None:
        return PlaceResult(place, Outcome.LEFT, view.holding, view.error)
    if next_of(rules, me, view) is not Next.FREE:
        return PlaceResult(place, Outcome.LEFT, view.holding, _unfinished(place, view).error)
    ours = view.wrote is Wrote.ACKNOWLEDGED or (view.holding is not None and view.holding.holder == me)
    return PlaceResult(place, Outcome.RELEASED if ours else Outcome.LEFT, view.holding)


def _place_result(rules: Rules, me: NodeId, place: Place, view: PlaceView) -> PlaceResult:
    if rules.verb is Verb.DOWN and not rules.frees:
        return _left(rules, me, place, view)
    match next_of(rules, me, view):
        case Next.HELD | Next.SETTLING:
            return PlaceResult(place, Outcome.HELD, view.holding)
        case Next.FREE:
            return PlaceResult(place, Outcome.FREE, view.holding)
        case Next.LOST:
            return PlaceResult(place, Outcome.LOST, view.holding, _lost(rules, place, view))
        case Next.FAILED:
            return PlaceResult(place, Outcome.FAILED, view.holding, view.error)
        case Next.LOOK | Next.WRITE | Next.MARKED:
            return _unfinished(place, view)


def _lost(rules: Rules, place: Place, view: PlaceView) -> Lost:
    holder = view.holding.holder if view.holding and view.holding.holder else "nobody"
    if rules.restores:
        return Lost(f"{place}: held by {holder}; a restore takes it from nobody")
    if not rules.seizes:
        return Lost(
            f"{place}: held by {holder}; a repeated `up` does not take it back",
            hint="run `vipswitch up` here by hand if this node is to have the VIP",
        )
    why = "this process stood still and cannot know who leads now" if view.frozen else "a later order won"
    return Lost(f"{place}: held by {holder}; {why}")


def _unfinished(place: Place, view: PlaceView) -> PlaceResult:
    """The deadline came first."""
    because = _because(view)
    hint = view.trouble.hint if view.trouble else ""
    if view.wrote is Wrote.NOTHING:
        error: VipswitchError = TimeUp(f"{place}: not done before the deadline{because}", hint=hint)
        return PlaceResult(place, Outcome.FAILED, view.holding, error)
    saw = f"still shows {view.holding.holder or 'nobody'}" if view.holding else "could not be read back"
    error = OutcomeUnknown(
        f"{place}: written ({_ANSWERED[view.wrote]}) but {saw}{because}",
        hint=hint or "look with `vipswitch status`",
    )
    return PlaceResult(place, Outcome.UNCONFIRMED, view.holding, error)


_ANSWERED = {
    Wrote.ACKNOWLEDGED: "answered",
    Wrote.UNKNOWN: "its answer was lost",
    Wrote.HALFWAY: "the first of two writes",
}


def _because(view: PlaceView) -> str:
    """What kept the place from being done: the last trouble, or what the cloud is still at."""
    if view.trouble is not None:
        return f": {view.trouble.message}"
    return f": {view.holding.note}" if view.holding is not None and view.holding.busy else ""
