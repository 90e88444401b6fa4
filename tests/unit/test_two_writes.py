"""The switch over a cloud whose takeover takes two writes, each an operation that runs for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, Halfway, Overtaken, TimeUp, Unavailable, Undone, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.provider import Capabilities
from vipswitch.result import Outcome
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import FileCloud, WiredFile
from vipswitch.world import Troubled, blank, learn

Answers = Mapping[Place, Holding | VipswitchError]


class SlowFile(WiredFile):
    """Frees a held place first; every write keeps the place busy until it was read twice."""

    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=True)
    looks = 2
    _left: ClassVar[dict[Place, int]] = {}
    written_while_busy: ClassVar[list[Place]] = []

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """What is there, and whether its operation still runs."""
        return {place: self._seen(place, answer) for place, answer in super().read(places, deadline).items()}

    def _seen(self, place: Place, answer: Holding | VipswitchError) -> Holding | VipswitchError:
        left = self._left.get(place, 0)
        self._left[place] = max(left - 1, 0)
        if isinstance(answer, VipswitchError) or not left:
            return answer
        return replace(answer, busy=True, settled=False, note="its operation runs")

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """One of the two writes."""
        if self._left.get(place):
            self.written_while_busy.append(place)
        held = seen is not None and seen.holder is not None
        self._write(place, None if held else node, seen, deadline)
        self._left[place] = self.looks
        if held:
            raise Halfway(f"{place}: taken from its holder")


class TakesBack(SlowFile):
    """Accepts the first two writes of node a and does not carry them out."""

    left = 2

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """Says so once for each."""
        answers = dict(super().read(places, deadline))
        for place, answer in answers.items():
            if self.left and isinstance(answer, Holding) and answer.holder == self.node(deadline) == "a":
                self.left -= 1
                self._write(place, None, None, deadline)
                answers[place] = Undone(f"{place}: superseded")
        return answers


class ComesLate(SlowFile):
    """Accepts the first write of node a, and carries out that of node b, which fills an empty place."""

    left = 2

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """Says so once for each."""
        answers = dict(super().read(places, deadline))
        for place, answer in answers.items():
            if self.left and isinstance(answer, Holding) and answer.holder == self.node(deadline) == "a":
                self.left -= 1
                self._write(place, NodeId("b"), None, deadline)
                answers[place] = Overtaken(f"{place}: in use by b")
        return answers


class IsBrokenOff(WiredFile):
    """Is throttled once, and then has no answer before the deadline."""

    asked = False

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """The second read ends with the deadline."""
        if not self.asked:
            self.asked = True
            raise Unavailable("throttled")
        self.wire.clock.wait(deadline.remaining())
        raise Unavailable("no answer: timed out")


class ShowsItLater(WiredFile):
    """Node b comes before the first write of node a; the next one takes effect after two looks."""

    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=True)
    _crossed: ClassVar[set[Place]] = set()
    _left: ClassVar[dict[Place, int]] = {}

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """What is in effect, and whether something is about to be."""
        for place in places:
            if place in self._left:
                self._left[place] -= 1
            if self._left.get(place) == 0:
                self._write(place, NodeId("a"), None, deadline)
        found = super().read(places, deadline).items()
        return {place: self._shown(answer, self._left.get(place, 0)) for place, answer in found}

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Refused, or accepted."""
        if place not in self._crossed:
            self._crossed.add(place)
            self._write(place, NodeId("b"), None, deadline)
            raise Conflict(f"{place}: held by b")
        self._left[place] = 3

    def _shown(self, answer: Holding | VipswitchError, left: int) -> Holding | VipswitchError:
        busy = left > 0 and isinstance(answer, Holding)
        return replace(answer, busy=True, settled=False) if busy else answer  # type: ignore[type-var]


class AsksForPatience(WiredFile):
    """Is throttled once, for 7 s."""

    asked = False

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        """The first read is refused."""
        if not self.asked:
            self.asked = True
            raise Unavailable("throttled", after_s=7.0)
        return super().read(places, deadline)


class OneToken(WiredFile):
    """A cloud whose places share one object, and so one token."""

    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=False, shares_tokens=True)
    refused: ClassVar[list[Place]] = []

    def contention_key(self, place: Place) -> str:
        """Both are parts of one object."""
        return "object"

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        """Note what would have been in vain."""
        try:
            super().claim(place, node, seen, deadline)
        except Conflict:
            self.refused.append(place)
            raise


def bed(folder: Path, make: type[WiredFile]) -> Bed:
    """Three nodes over that cloud."""
    (folder / "cloud").mkdir()
    SlowFile._left.clear()
    SlowFile.written_while_busy.clear()
    return Bed(FileCloud(folder / "cloud", VIP.addresses, make), folder)


def test_a_takeover_of_two_writes_ends_with_the_new_holder(tmp_path: Path) -> None:
    """The switch looks between the two, and writes nothing while an operation runs."""
    two = bed(tmp_path, SlowFile)
    assert two.up("a").errors == ()
    assert two.up("b").errors == ()
    assert two.holders() == {"b"}
    assert SlowFile.written_while_busy == []


def test_a_takeover_that_ends_between_its_writes_says_so(tmp_path: Path) -> None:
    """Nobody has the VIP then, and the address stays on the host: the next `up` goes on from there."""
    two = bed(tmp_path, SlowFile)
    two.up("a")
    SlowFile.looks = 1000
    try:
        result = two.up("b", deadline_s=2.0)
    finally:
        SlowFile.looks = 2
    assert {place.outcome for place in result.places} == {Outcome.UNCONFIRMED}
    assert "the first of two writes" in result.errors[0].message
    assert "its operation runs" in result.errors[0].message
    assert two.has_addresses("b")
    SlowFile._left.clear()
    assert two.up("b").errors == ()
    assert two.holders() == {"b"}


def test_a_write_that_the_cloud_takes_back_is_made_again(tmp_path: Path) -> None:
    """Accepted is not done: an operation may be superseded, or fail."""
    two = bed(tmp_path, TakesBack)
    assert two.up("a").errors == ()
    assert two.holders() == {"a"}


def test_an_order_does_not_yield_to_a_restore_that_its_write_came_after(tmp_path: Path) -> None:
    """Both were accepted, and the cloud says later which one was not carried out: as if it had refused it."""
    two = bed(tmp_path, ComesLate)
    assert two.up("a").errors == ()
    assert two.holders() == {"a"}


def test_nobody_has_lost_while_the_cloud_carries_out_the_write(tmp_path: Path) -> None:
    """Whoever has come since the order began shows until then: giving up would leave the VIP on a host that
    has no address for it."""
    ShowsItLater._crossed.clear()
    ShowsItLater._left.clear()
    two = bed(tmp_path, ShowsItLater)
    assert two.up("a").errors == ()
    assert two.holders() == {"a"}
    assert two.has_addresses("a")


def test_the_cloud_is_not_asked_again_before_it_wants_to_be(tmp_path: Path) -> None:
    """Who is throttled with a time to wait only makes it worse by asking sooner."""
    two = bed(tmp_path, AsksForPatience)
    assert two.up("a", deadline_s=20.0).errors == ()
    assert two.cloud.clock.now().monotonic >= 7.0


@pytest.mark.parametrize("deadline_s", [3.0])
def test_waiting_longer_than_the_order_lives_is_no_success(tmp_path: Path, deadline_s: float) -> None:
    """The wait ends with the order."""
    two = bed(tmp_path, AsksForPatience)
    result = two.up("a", deadline_s=deadline_s)
    assert result.exit_code == Unavailable.exit_code
    assert "throttled" in result.errors[0].message


def test_places_of_one_object_do_not_refuse_each_other(tmp_path: Path) -> None:
    """The second one's token is stale by then, and known to be."""
    OneToken.refused.clear()
    two = bed(tmp_path, OneToken)
    two.up("a")
    assert two.up("b").errors == ()
    assert two.holders() == {"b"}
    assert OneToken.refused == []


def test_what_went_wrong_is_not_hidden_by_a_request_that_the_deadline_breaks_off(tmp_path: Path) -> None:
    """That it timed out says nothing that people do not know."""
    result = bed(tmp_path, IsBrokenOff).up("a", deadline_s=2.0)
    assert result.exit_code == Unavailable.exit_code
    assert "throttled" in result.errors[0].message


def test_what_went_wrong_is_not_hidden_by_the_end_of_the_time() -> None:
    """The last try may find no time left: the one before it says why the order was not done."""
    place = Place("one")
    world = blank(NodeId("a"), {}, (place,))
    for error in (Unavailable("throttled", hint="call less"), TimeUp("no time left")):
        world = learn(world, Troubled(place, error))
    assert str(world.places[place].trouble) == "throttled"
