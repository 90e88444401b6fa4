"""An errand on the `file` cloud: what one round leaves to the next, and what each purpose may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from vipswitch import processes
from vipswitch.deadline import Deadline
from vipswitch.errand import MARKING_S, Errand, Purpose, state_of
from vipswitch.errors import (
    ConfigError,
    HostError,
    Lost,
    OutcomeUnknown,
    PermissionDenied,
    TimeUp,
    Unavailable,
    VipswitchError,
)
from vipswitch.model import Holding, NodeId, Place, Verb
from vipswitch.orders import Order, OrderState
from vipswitch.processes import Process
from vipswitch.result import Outcome
from vipswitch.testing.bed import ADDRESS, VIP, Bed
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud, MarkingFile, WiredFile, WriteFirstFile


def bed_of(folder: Path, make: type[WiredFile] = WriteFirstFile) -> Bed:
    (folder / "cloud").mkdir()
    return Bed(FileCloud(folder / "cloud", VIP.addresses, make), folder)


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    """Three nodes on a cloud whose claim needs no read, with an address on the host."""
    return bed_of(tmp_path)


@pytest.fixture
def marking(tmp_path: Path) -> Bed:
    """The same on a cloud that leaves the pointer and marks it."""
    return bed_of(tmp_path, MarkingFile)


def manual(bed: Bed) -> ManualClock:
    assert isinstance(bed.cloud.clock, ManualClock)
    return bed.cloud.clock


def order(verb: Verb, **changes: object) -> Order:
    by = Process(1_000_000, 100_000)
    return replace(Order(VIP.name, verb, by, None, processes.boot_id()), **changes)


def errand(bed: Bed, node: str, verb: Verb = Verb.UP, purpose: Purpose = Purpose.CARRY_OUT) -> Errand:
    """One that was just taken."""
    taken = bed.switches[node].take(order(verb), bed.deadline(), since=bed.cloud.clock.now())
    return taken if purpose is Purpose.CARRY_OUT else bed.switches[node].errand(taken.order, purpose)


def first_round_that_fails(bed: Bed, it: Errand) -> None:
    """One that finds the API away."""
    bed.cloud.faults.unavailable(1000)
    assert it.run(bed.deadline(2.0), last_round=False).exit_code == TimeUp.exit_code
    bed.cloud.faults.unavailable(0)


class Heard(WriteFirstFile):
    """A cloud that remembers what node b asked it, in order; and whose metadata service may be away."""

    asked: ClassVar[list[str]] = []
    nameless: ClassVar[int] = 0
    name_takes_s: ClassVar[float] = 0.0

    def node(self, deadline: Deadline) -> NodeId:
        cls = type(self)
        if cls.nameless:
            cls.nameless -= 1
            raise Unavailable("metadata service: unreachable")
        self.wire.clock.wait(cls.name_takes_s)
        return super().node(deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        self._hears("read")
        return super().read(places, deadline)

    def _write(self, place: Place, holder: NodeId | None, seen: Holding | None, deadline: Deadline) -> None:
        self._hears("write")
        super()._write(place, holder, seen, deadline)

    def _hears(self, what: str) -> None:
        if super().node(Deadline(1.0, self.wire.clock)) == "b":
            type(self).asked.append(what)


@pytest.fixture
def heard(tmp_path: Path) -> Bed:
    """Node a holds the VIP, and b has asked nothing yet."""

    class Fresh(Heard):
        asked: ClassVar[list[str]] = []

    bed = bed_of(tmp_path, Fresh)
    bed.up("a")
    return bed


def cloud_class(bed: Bed) -> type[Heard]:
    found = type(bed.switches["b"].provider)
    assert issubclass(found, Heard)
    return found


# rounds


def test_a_takeover_begins_with_the_write(heard: Bed) -> None:
    """Only the first round may."""
    errand(heard, "b").run(heard.deadline(), last_round=False)
    assert cloud_class(heard).asked[0] == "write"


def test_a_later_round_begins_with_a_read(heard: Bed) -> None:
    """Nothing tells what has happened since."""
    it = errand(heard, "b")
    first_round_that_fails(heard, it)
    cloud_class(heard).asked.clear()
    assert it.run(heard.deadline()).errors == ()
    assert cloud_class(heard).asked[0] == "read"
    assert heard.holders() == {heard.id("b")}


def test_a_round_after_one_that_did_not_know_its_node_begins_with_a_read(heard: Bed) -> None:
    """That the metadata service was away is trouble, and no freeze: nothing is lost."""
    it = errand(heard, "b")
    cloud_class(heard).nameless = 1000
    assert it.run(heard.deadline(), last_round=False).exit_code == Unavailable.exit_code
    cloud_class(heard).nameless = 0
    manual(heard).wait(30.0)
    assert it.run(heard.deadline()).errors == ()
    assert cloud_class(heard).asked[0] == "read"
    assert heard.holders() == {heard.id("b")}
    assert it.rounds == 2


def test_an_up_waits_within_its_round_for_what_it_has_to_know(heard: Bed) -> None:
    """Pacemaker bans a node whose start fails, and Pgpool-II asks only once."""
    it = errand(heard, "b")
    cloud_class(heard).nameless = 5
    assert it.run(heard.deadline(10.0)).errors == ()
    assert cloud_class(heard).asked[0] == "read"
    assert heard.holders() == {heard.id("b")}
    assert it.rounds == 1


def test_an_up_that_waits_ends_when_a_newer_order_comes(heard: Bed) -> None:
    """Also while it knows nothing yet."""
    it = errand(heard, "b")
    cloud_class(heard).nameless = 1000
    newer = order(Verb.DOWN, by=Process(1_000_001, 100_001))
    heard.switches["b"].take(newer, heard.deadline())
    assert it.run(heard.deadline(10.0)).lost
    assert cloud_class(heard).nameless == 999
    assert heard.holders() == {heard.id("a")}


class Prepared(WriteFirstFile):
    """A cloud that also has to prepare the node, and for some time cannot."""

    fails: ClassVar[int] = 0

    def prepare(self, node: NodeId, deadline: Deadline) -> list[str]:
        cls = type(self)
        if cls.fails:
            cls.fails -= 1
            raise Unavailable("interface: the API is away")
        return []


@pytest.mark.parametrize(("fails", "warned"), [(3, False), (1000, True)])
def test_an_up_prepares_the_node_for_as_long_as_it_has_time(tmp_path: Path, fails: int, warned: bool) -> None:
    """A node that could not be prepared drops the packets that it now gets; what stays so is a warning."""

    class Fresh(Prepared):
        fails: ClassVar[int] = 0

    bed = bed_of(tmp_path, Fresh)
    Fresh.fails = fails
    result = errand(bed, "b").run(bed.deadline(10.0))
    assert result.errors == ()
    assert bool(result.warnings) == warned
    assert (Fresh.fails == 0) != warned


def test_an_identity_that_comes_slowly_is_no_freeze(heard: Bed) -> None:
    """Waiting for an answer is not standing still: the order that waited is not lost."""
    it = errand(heard, "b")
    cloud_class(heard).name_takes_s = 3.0
    assert it.run(heard.deadline(20.0)).errors == ()
    assert heard.holders() == {heard.id("b")}


def test_an_order_that_lay_about_before_its_first_round_looks_first(heard: Bed) -> None:
    """The agent was frozen between taking the order and carrying it out: a holder may be a newer one."""
    it = errand(heard, "b")
    manual(heard).jump(boot=3.0)
    assert it.run(heard.deadline(20.0)).exit_code == Lost.exit_code
    assert heard.holders() == {heard.id("a")}


def test_the_host_keeps_its_address_between_rounds(bed: Bed) -> None:
    """It is proved able, and the next round needs it again."""
    it = errand(bed, "b")
    first_round_that_fails(bed, it)
    assert bed.has_addresses("b")
    it.run(bed.deadline())
    assert bed.hosts["b"].changes == [f"add {ADDRESS}"]


def test_giving_up_takes_the_address_off_where_nothing_was_written(bed: Bed) -> None:
    """Nobody was told to come here."""
    it = errand(bed, "b")
    first_round_that_fails(bed, it)
    it.give_up()
    assert not bed.has_addresses("b")


def test_giving_up_leaves_the_address_where_a_write_may_have_happened(bed: Bed) -> None:
    """Packets may be on their way."""
    it = errand(bed, "b")
    bed.cloud.faults.lose_answer(lambda: bed.cloud.faults.unavailable(1000))
    it.run(bed.deadline(2.0), last_round=False)
    it.give_up()
    assert bed.has_addresses("b")


def test_giving_up_leaves_an_address_that_was_there_before(bed: Bed) -> None:
    """Only what this order has added is taken back."""
    bed.give_addresses("b")
    it = errand(bed, "b")
    first_round_that_fails(bed, it)
    it.give_up()
    assert bed.has_addresses("b")


def test_giving_up_before_anything_was_begun_does_nothing(heard: Bed) -> None:
    """The first round did not even learn who this node is."""
    cloud_class(heard).nameless = 1000
    it = errand(heard, "b")
    it.run(heard.deadline(), last_round=False)
    it.give_up()
    assert heard.hosts["b"].changes == []


def test_who_comes_after_a_write_without_answer_is_a_later_decision(bed: Bed) -> None:
    """Also when the order finds that out in a later round: it remembers whom it had seen."""
    bed.up("a")
    bed.give_addresses("b")  # the first request is then a read
    it = errand(bed, "b")
    bed.cloud.faults.lose_answer(lambda: bed.cloud.faults.unavailable(1000))
    bed.cloud.faults.lose_answer(lambda: None)  # the answer of the write before that one
    it.run(bed.deadline(2.0), last_round=False)
    bed.cloud.faults.unavailable(0)
    bed.up("c")
    assert it.run(bed.deadline(), last_round=False).exit_code == Lost.exit_code
    assert bed.holders() == {bed.id("c")}


def test_what_was_first_seen_is_not_forgotten_by_a_round_that_cannot_begin(heard: Bed) -> None:
    """The order file keeps it for whoever resumes the order."""
    heard.give_addresses("b")
    it = errand(heard, "b")
    heard.cloud.faults.lose_answer(lambda: heard.cloud.faults.unavailable(1000))
    seen = it.run(heard.deadline(2.0), last_round=False).first_seen
    assert set(seen.values()) == {"a"}

    def cannot_look(address: object) -> bool:
        raise HostError("ip: no answer")

    heard.hosts["b"].has = cannot_look  # type: ignore[method-assign]
    assert it.run(heard.deadline(), last_round=False).first_seen == seen


class HalfRaced(WriteFirstFile):
    """A cloud in which c seizes place one right after b did, and b may not touch place two."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        if node == "b" and place.id.endswith("two"):
            raise PermissionDenied(f"{place}: permission denied")
        super().claim(place, node, seen, deadline)
        if node == "b":
            super().claim(place, NodeId("c"), None, deadline)


def test_an_order_that_lost_one_place_is_lost_whatever_else_is_wrong(tmp_path: Path) -> None:
    """It is not tried again, nor resumed: somebody else has decided."""
    bed = bed_of(tmp_path, HalfRaced)
    bed.up("a")
    bed.give_addresses("b")  # the first request is then a read
    result = errand(bed, "b").run(bed.deadline(), last_round=False)
    assert result.exit_code == PermissionDenied.exit_code
    assert (result.over, state_of(result)) == (True, OrderState.LOST)


@pytest.mark.parametrize(
    ("error", "over", "state"),
    [
        (None, True, OrderState.DONE),
        (Lost("c"), True, OrderState.LOST),
        (Unavailable("busy"), False, OrderState.FAILED),
        (OutcomeUnknown("lost"), False, OrderState.FAILED),
        (PermissionDenied("no"), False, OrderState.FAILED),
        (ConfigError("gone"), False, OrderState.FAILED),
    ],
)
def test_what_is_over_and_what_goes_on(
    bed: Bed, error: VipswitchError | None, over: bool, state: OrderState
) -> None:
    """A refusal may be mended within the order's life; only success and defeat are final."""
    result = replace(bed.up("a"), errors=(error,) if error else ())
    assert (result.over, state_of(result)) == (over, state)


# resumed


def test_a_resumed_order_that_finds_whom_it_was_to_replace_goes_on(heard: Bed) -> None:
    """Of its writes nothing is known, so it looks first."""
    taken = heard.switches["b"].take(order(Verb.UP), heard.deadline()).order
    seen = {str(place): "a" for place in heard.switches["b"].provider.places}
    it = heard.switches["b"].errand(replace(taken, first_seen=seen), Purpose.CARRY_OUT, resumed=True)
    assert it.run(heard.deadline()).errors == ()
    assert cloud_class(heard).asked[0] == "read"
    assert heard.holders() == {heard.id("b")}


def test_a_resumed_order_leaves_a_third_node_alone(heard: Bed) -> None:
    """Its write may have been answered by a later decision."""
    taken = heard.switches["b"].take(order(Verb.UP), heard.deadline()).order
    seen = {str(place): "a" for place in heard.switches["b"].provider.places}
    heard.up("c")
    it = heard.switches["b"].errand(replace(taken, first_seen=seen), Purpose.CARRY_OUT, resumed=True)
    assert it.run(heard.deadline()).exit_code == Lost.exit_code
    assert heard.holders() == {heard.id("c")}


# down


def test_down_that_did_not_know_its_node_frees_its_places_in_a_later_round(heard: Bed) -> None:
    """Without an identity nothing is ours, and that is not the same as being free."""
    heard.up("b")
    it = errand(heard, "b", Verb.DOWN)
    cloud_class(heard).nameless = 1
    assert it.run(heard.deadline(), last_round=False).exit_code == Unavailable.exit_code
    assert not heard.has_addresses("b")
    assert it.run(heard.deadline(), last_round=False).errors == ()
    assert heard.holders() == {None}


class Unfound(WriteFirstFile):
    """A cloud whose places are named by a tag that cannot be looked up."""

    tags: ClassVar[Mapping[str, Sequence[str]]] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        raise ConfigError("places: not looked up yet")

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        raise Unavailable("tags: no answer")


def test_down_clears_the_host_although_its_places_are_not_known(tmp_path: Path) -> None:
    """The host comes first, whatever the cloud says or does not say."""
    bed = bed_of(tmp_path, Unfound)
    bed.give_addresses("b")
    result = errand(bed, "b", Verb.DOWN).run(bed.deadline(), last_round=False)
    assert result.exit_code == Unavailable.exit_code
    assert not bed.has_addresses("b")


def released(bed: Bed) -> set[bool]:
    """What the cloud says of the holder having let go, at any place."""
    report = bed.status("c")
    return {seen.released for seen in report.places.values() if isinstance(seen, Holding)}


def test_down_leaves_the_pointer_and_marks_it(marking: Bed) -> None:
    """So that others can tell that its holder has let go."""
    marking.up("b")
    result = errand(marking, "b", Verb.DOWN).run(marking.deadline())
    assert {place.outcome for place in result.places} == {Outcome.RELEASED}
    assert (marking.holders(), released(marking)) == ({marking.id("b")}, {True})


def test_down_marks_nothing_that_is_another_nodes(marking: Bed) -> None:
    """A late loser says nothing about the winner's places."""
    marking.up("b")
    marking.up("c")
    writes = len(marking.cloud.writes())
    assert errand(marking, "b", Verb.DOWN).run(marking.deadline()).errors == ()
    assert len(marking.cloud.writes()) == writes


def test_a_mark_that_is_not_permitted_is_a_warning(marking: Bed) -> None:
    """The next `up` takes the place all the same."""
    marking.up("b")
    it = errand(marking, "b", Verb.DOWN)
    marking.cloud.faults.deny()
    result = it.run(marking.deadline())
    assert result.errors == ()
    assert result.warnings == ("not marked as released: the file cloud: permission denied",)
    assert not marking.has_addresses("b")


def test_marking_does_not_keep_the_caller_of_down_waiting(marking: Bed) -> None:
    """A cloud that is away is tried for a few seconds, however long the order may take."""
    marking.up("b")
    it = errand(marking, "b", Verb.DOWN)
    marking.cloud.faults.unavailable(100_000)
    before = manual(marking).now().monotonic
    assert it.run(marking.deadline(60.0)).exit_code == 0
    assert manual(marking).now().monotonic - before < MARKING_S + 1.0


def test_up_takes_its_own_mark_away(marking: Bed) -> None:
    """It holds the place again, and the others must not think otherwise."""
    marking.up("b")
    marking.down("b")
    result = errand(marking, "b").run(marking.deadline())
    assert {place.outcome for place in result.places} == {Outcome.HELD}
    assert (marking.holders(), released(marking)) == ({marking.id("b")}, {False})


# other purposes


def test_clear_takes_the_address_off_and_asks_the_cloud_nothing(marking: Bed) -> None:
    """Another node has the VIP: only this host is to be cleared."""
    marking.up("b")
    marking.up("c")
    it = errand(marking, "b", Verb.UP, Purpose.CLEAR)
    marking.cloud.faults.deny()
    assert it.run(marking.deadline()).errors == ()
    assert not marking.has_addresses("b")
    assert it.verb is Verb.DOWN


@pytest.mark.parametrize("lets_go", [True, False])
def test_restore_takes_a_released_place_and_no_other(marking: Bed, lets_go: bool) -> None:
    """Whoever has let go is nobody; whoever has not is left alone."""
    marking.up("a")
    if lets_go:
        marking.down("a")
    result = errand(marking, "b", Verb.UP, Purpose.RESTORE).run(marking.deadline())
    assert result.exit_code == (0 if lets_go else Lost.exit_code)
    assert marking.holders() == {marking.id("b" if lets_go else "a")}
    assert marking.has_addresses("b") is lets_go


class Overtaken(MarkingFile):
    """A cloud in which c fills every place right before b restores it."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self.claim(place, NodeId("c"), None, deadline)
        super().restore(place, node, seen, deadline)


def test_restore_yields_to_whoever_came_first(tmp_path: Path) -> None:
    """After a conflict it has lost, and takes back what it did to the host."""
    bed = bed_of(tmp_path, Overtaken)
    result = errand(bed, "b", Verb.UP, Purpose.RESTORE).run(bed.deadline())
    assert (result.exit_code, result.over) == (Lost.exit_code, True)
    assert bed.holders() == {bed.id("c")}
    assert not bed.has_addresses("b")


def test_restore_fills_only_the_place_that_is_missing(marking: Bed) -> None:
    """What this node has already is not written again."""
    marking.up("b")
    marking.cloud.empty(marking.place(1))
    writes = len(marking.cloud.writes())
    assert errand(marking, "b", Verb.UP, Purpose.RESTORE).run(marking.deadline()).errors == ()
    assert len(marking.cloud.writes()) == writes + 1
    assert marking.holders() == {marking.id("b")}


class TakenAtOnce(WriteFirstFile):
    """A cloud in which node c seizes whatever b has written, right after it."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, seen, deadline)
        if node == "b":
            super().claim(place, NodeId("c"), None, deadline)


def test_a_holder_that_still_shows_in_a_later_round_has_won(tmp_path: Path) -> None:
    """Nobody looked before the write, so it may be an old reading at first; seconds later it is none."""
    bed = bed_of(tmp_path, TakenAtOnce)
    bed.up("a")
    it = errand(bed, "b")
    assert it.run(bed.deadline(2.0), last_round=False).exit_code == OutcomeUnknown.exit_code
    assert it.run(bed.deadline(2.0), last_round=False).exit_code == Lost.exit_code
    assert bed.holders() == {bed.id("c")}


class StaysMarked(MarkingFile):
    """A cloud that shows a mark although it was taken away."""

    unmarked: ClassVar[int] = 0

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        type(self).unmarked += 1


def test_a_mark_that_still_shows_is_said_and_not_taken_away_again(tmp_path: Path) -> None:
    """Tags are read late: it is an old reading, and no reason to use up an account's API limit."""
    StaysMarked.unmarked = 0
    bed = bed_of(tmp_path, StaysMarked)
    bed.up("b")
    bed.down("b")
    result = errand(bed, "b").run(bed.deadline(20.0))
    assert result.errors == ()
    assert [warning.partition(": held")[2] for warning in result.warnings] == [
        ", but not in effect everywhere yet: its release mark still shows"
    ] * 2
    assert StaysMarked.unmarked == 2
