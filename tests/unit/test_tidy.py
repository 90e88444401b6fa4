"""The switch over a cloud whose takeover leaves something older beside the place, without effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from vipswitch.deadline import Deadline
from vipswitch.dryrun import rehearse
from vipswitch.errors import Halfway, OutcomeUnknown, Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Verb
from vipswitch.plan import Announce, Read, Rules, Tidy, plan
from vipswitch.provider import Call
from vipswitch.testing.bed import ADDRESS, VIP, Bed
from vipswitch.testing.cloud import FileCloud, WiredFile
from vipswitch.world import Acknowledged, AddressAdded, Announced, Saw, Tidied, Troubled, World, blank, learn

Answers = Mapping[Place, Holding | VipswitchError]

ME = NodeId("a")
PLACE, OTHER = Place("one"), Place("two")


class Leaves(WiredFile):
    """Remembers beside each place whom its claims have replaced, until that is tidied away."""

    beside: ClassVar[dict[Place, list[NodeId]]] = {}
    tidied: ClassVar[list[Place]] = []

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """What is there, and whether something older is."""
        answers = super().read(places, deadline)
        return {place: self._seen(place, answer) for place, answer in answers.items()}

    def _seen(self, place: Place, answer: Holding | VipswitchError) -> Holding | VipswitchError:
        return replace(answer, leftovers=True) if isinstance(answer, Holding) and self._has(place) else answer

    def _has(self, place: Place) -> bool:
        return bool(self.beside.get(place))

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """The one that was there stays."""
        super().claim(place, node, seen, deadline)
        if seen is not None and seen.holder is not None:
            self.beside.setdefault(place, []).append(seen.holder)

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """What is older goes first, so that nothing older is uncovered."""
        if self._has(place):
            self.tidy(place, node, seen, deadline)
            raise Halfway(f"{place}: older ones go first")
        super().release(place, node, seen, deadline)

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """The older ones go."""
        self.tidied.append(place)
        self.beside.pop(place, None)

    def calls(self, call: Call, places: Sequence[Place], node: NodeId) -> list[str]:
        """In one word."""
        return [f"{call} {place}" for place in places]


class Refuses(Leaves):
    """Cannot tidy up."""

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """Not now."""
        raise Unavailable("throttled")


class Hangs(Leaves):
    """Says nothing until the time for it is over."""

    def tidy(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        """No answer came."""
        self.wire.clock.wait(deadline.remaining())
        raise OutcomeUnknown("no answer")


def bed(folder: Path, make: type[WiredFile]) -> Bed:
    """Three nodes over that cloud."""
    (folder / "cloud").mkdir()
    Leaves.beside.clear()
    Leaves.tidied.clear()
    return Bed(FileCloud(folder / "cloud", VIP.addresses, make), folder)


def test_a_takeover_tidies_up_once_it_is_done(tmp_path: Path) -> None:
    """What the former holder had there is gone, and nothing is tidied again by a repeated `up`."""
    two = bed(tmp_path, Leaves)
    two.up("a")
    result = two.up("b")
    assert (result.exit_code, result.warnings, two.holders()) == (0, (), {"b"})
    assert not any(Leaves.beside.values())
    two.up("b")
    assert sorted(map(str, Leaves.tidied)) == ["cloud.json:one", "cloud.json:two"]


def test_what_cannot_be_tidied_is_a_warning(tmp_path: Path) -> None:
    """The VIP has moved all the same; the next `up` tries again."""
    two = bed(tmp_path, Refuses)
    two.up("a")
    result = two.up("b")
    assert (result.exit_code, two.holders()) == (0, {"b"})
    assert sorted(result.warnings) == [
        "cloud.json:one: left over: throttled",
        "cloud.json:two: left over: throttled",
    ]


def test_tidying_up_does_not_keep_the_caller_waiting(tmp_path: Path) -> None:
    """The VIP has moved, and Pgpool-II waits for the end of its command."""
    two = bed(tmp_path, Hangs)
    two.up("a")
    began = two.cloud.clock.now().monotonic
    assert two.up("b", deadline_s=60.0).exit_code == 0
    assert two.cloud.clock.now().monotonic - began < 10.0


def test_a_release_of_two_writes_ends_with_nobody(tmp_path: Path) -> None:
    """The older ones go first, and the place is read in between."""
    two = bed(tmp_path, Refuses)
    two.up("a")
    two.up("b")
    two.switches["b"].provider.__class__ = Leaves
    assert two.down("b").errors == ()
    assert two.holders() == {None}
    assert not any(Leaves.beside.values())


def test_a_rehearsal_shows_it(tmp_path: Path) -> None:
    """People see every request that would be made."""
    two = bed(tmp_path, Refuses)
    two.up("a")
    two.up("b")
    lines = list(rehearse(two.switches["b"], Verb.UP, two.deadline()))
    assert [line for line in lines if "tidy" in line] == ["2. tidy cloud.json:one", "2. tidy cloud.json:two"]


def held(*, leftovers: bool = True) -> World:
    """A world in which both places were read as this node's."""
    world = blank(ME, {ADDRESS: False}, (PLACE, OTHER))
    world = learn(world, AddressAdded(ADDRESS))
    for place in (PLACE, OTHER):
        world = learn(world, Acknowledged(place))
        world = learn(world, Saw(place, Holding(ME, leftovers=leftovers and place == PLACE)))
    return world


UP = Rules(Verb.UP, announces=True)


def test_the_announcement_comes_first() -> None:
    """It has an effect; what is left over has none."""
    world = held()
    assert plan(UP, world) == (Announce((ADDRESS,)),)
    world = learn(world, Announced(None))
    assert plan(UP, world) == (Tidy(PLACE, Holding(ME, leftovers=True)),)
    assert plan(UP, learn(world, Tidied(PLACE, None))) == ()


def test_nothing_is_tidied_before_all_places_are_held() -> None:
    """A place that is still on its way needs the time."""
    world = learn(learn(held(), Announced(None)), Acknowledged(OTHER))
    assert plan(UP, learn(world, Troubled(OTHER, Unavailable("busy")))) == (Read((OTHER,)),)


def test_nothing_is_tidied_where_nothing_is_left() -> None:
    """Which is the usual case."""
    assert plan(UP, learn(held(leftovers=False), Announced(None))) == ()


def test_a_former_holder_tidies_nothing() -> None:
    """It is the new holder's to do."""
    world = learn(blank(ME, {}, (PLACE,)), Saw(PLACE, Holding(NodeId("b"), leftovers=True)))
    repeated = Rules(Verb.UP, seizes=False)
    assert plan(repeated, world) == ()
    assert plan(Rules(Verb.DOWN, frees=True), world) == ()
