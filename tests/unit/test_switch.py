"""The switch on the `file` cloud: orders, repeats, freezes, deadlines, and what a failure takes back."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from vipswitch import processes
from vipswitch.deadline import Deadline
from vipswitch.errand import Purpose
from vipswitch.errors import (
    ConfigError,
    HostError,
    Lost,
    OutcomeUnknown,
    PermissionDenied,
    TimeUp,
    VipswitchError,
)
from vipswitch.model import Holding, NodeId, Place, State, Verb
from vipswitch.orders import Order, OrderState
from vipswitch.processes import Process
from vipswitch.provider import Capabilities
from vipswitch.result import Outcome
from vipswitch.testing.bed import ADDRESS, VIP, Bed
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud, WiredFile, WriteFirstFile

PGPOOL = processes.me()
"""Stands for the caller: a process that is alive."""


def bed_of(folder: Path, make: type[WiredFile] = WriteFirstFile) -> Bed:
    (folder / "cloud").mkdir()
    return Bed(FileCloud(folder / "cloud", VIP.addresses, make), folder)


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    """Three nodes on a cloud whose claim needs no read, with an address on the host."""
    return bed_of(tmp_path)


def manual(bed: Bed) -> ManualClock:
    assert isinstance(bed.cloud.clock, ManualClock)
    return bed.cloud.clock


def test_takeover_writes_each_place_once(bed: Bed) -> None:
    """At most one mutating call per place stands between the order and service."""
    bed.up("a")
    before = len(bed.cloud.writes())
    bed.up("b")
    assert len(bed.cloud.writes()) - before == 2


def test_trouble_that_lasts_longer_than_a_freeze_is_no_freeze(bed: Bed) -> None:
    """An API that throttles for half a minute: nobody else came, so nothing is lost."""
    bed.up("a")
    bed.cloud.faults.unavailable(20)
    assert bed.up("b", deadline_s=60.0).errors == ()
    assert bed.holders() == {bed.id("b")}


def test_host_that_cannot_take_the_address_leaves_the_cloud_alone(bed: Bed) -> None:
    """The host is proved able before the first write."""
    bed.up("a")
    bed.hosts["b"].broken = PermissionDenied("ip: not permitted", hint="sudoers")
    result = bed.up("b")
    assert result.exit_code == PermissionDenied.exit_code
    assert [e.message for e in result.errors] == ["ip: not permitted"]
    assert bed.holders() == {bed.id("a")}


def test_address_comes_off_again_when_nothing_was_written(bed: Bed) -> None:
    """Nobody was told to come here, so nothing stays behind."""
    bed.cloud.faults.unavailable(1000)
    assert bed.up("a", deadline_s=2.0).exit_code == TimeUp.exit_code
    assert bed.hosts["a"].changes == [f"add {ADDRESS}", f"remove {ADDRESS}"]


def test_address_stays_when_a_write_may_have_happened(bed: Bed) -> None:
    """Packets may be on their way already."""
    bed.up("a")
    bed.cloud.faults.stale_reads(1000)
    result = bed.up("b", deadline_s=2.0)
    assert result.exit_code == OutcomeUnknown.exit_code
    assert {place.outcome for place in result.places} == {Outcome.UNCONFIRMED}
    assert all("still shows a" in error.message for error in result.errors)
    assert bed.hosts["b"].has(ADDRESS)


def test_unconfirmed_says_what_was_read(bed: Bed) -> None:
    """Nobody is a finding; that nothing could be read is another."""
    bed.cloud.faults.stale_reads(1000)
    assert all("still shows nobody" in error.message for error in bed.up("a", deadline_s=2.0).errors)


class RacedFile(WriteFirstFile):
    """A cloud in which node c seizes everything right after b did."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, seen, deadline)
        if node == "b":
            super().claim(place, NodeId("c"), None, deadline)


def test_lost_race_takes_the_address_off_for_a_person(tmp_path: Path) -> None:
    """A third node after our own write means that another decision came later."""
    bed = bed_of(tmp_path, RacedFile)
    bed.up("a")
    bed.hosts["b"].addresses.add(ADDRESS)
    assert bed.up("b").exit_code == Lost.exit_code
    assert bed.holders() == {bed.id("c")}
    assert not bed.hosts["b"].has(ADDRESS)


def test_lost_race_leaves_the_address_while_the_caller_lives(tmp_path: Path) -> None:
    """Pgpool-II would run `up` again as soon as the address is gone: an endless fight."""
    bed = bed_of(tmp_path, RacedFile)
    bed.up("a")
    bed.hosts["b"].addresses.add(ADDRESS)
    assert bed.up("b", caller=PGPOOL).exit_code == Lost.exit_code
    assert bed.hosts["b"].has(ADDRESS)


def old_caller() -> Process:
    """A caller that started before every order of the bed, and is alive as far as the test goes."""
    return Process(os.getpid(), 0)


def test_repeated_up_of_a_loser_writes_nothing(bed: Bed) -> None:
    """Pgpool-II re-runs `up` on network events, also on a leader that has lost: that is no new order."""
    bed.up("a", caller=old_caller())
    bed.up("b")
    writes, changes = len(bed.cloud.writes()), list(bed.hosts["a"].changes)
    result = bed.up("a", caller=old_caller())
    assert (result.exit_code, result.repeated) == (Lost.exit_code, True)
    assert len(bed.cloud.writes()) == writes
    assert bed.hosts["a"].changes == changes


def test_repeated_up_of_the_holder_heals_the_host(bed: Bed) -> None:
    """Ours according to the cloud: the address is put back, and nothing is written."""
    bed.up("a", caller=old_caller())
    writes = len(bed.cloud.writes())
    bed.hosts["a"].addresses.clear()
    assert bed.up("a", caller=old_caller()).errors == ()
    assert bed.hosts["a"].has(ADDRESS)
    assert len(bed.cloud.writes()) == writes


def test_up_by_a_fresh_caller_is_a_new_order(bed: Bed) -> None:
    """A fresh escalation comes from a process younger than the last order."""
    bed.up("a", caller=old_caller())
    bed.up("b")
    assert bed.up("a", caller=Process(os.getpid(), 10**9)).errors == ()
    assert bed.holders() == {bed.id("a")}


def test_up_after_down_is_a_new_order_whoever_calls(bed: Bed) -> None:
    """Only `up` after `up` is a repeat."""
    bed.up("a", caller=old_caller())
    bed.down("a")
    assert bed.up("a", caller=old_caller()).repeated is False


def order(bed: Bed, verb: Verb, started: int) -> Order:
    return Order(VIP.name, verb, Process(1_000_000, started), None, processes.boot_id())


def test_older_order_that_arrives_later_does_nothing(bed: Bed) -> None:
    """Hooks overlap and arrive in any order: the one that was started later wins."""
    bed.switches["a"].carry_out(order(bed, Verb.DOWN, 2000), bed.deadline())
    result = bed.switches["a"].carry_out(order(bed, Verb.UP, 1999), bed.deadline())
    assert result.exit_code == Lost.exit_code
    assert bed.holders() == {None}
    assert bed.hosts["a"].changes == []


def test_an_up_that_its_hook_has_in_hand_itself_is_not_taken_for_it(bed: Bed) -> None:
    """The agent answered too late: it does nothing, and the hook's own work is not disturbed."""
    mine = order(bed, Verb.UP, 2000)
    bed.switches["a"].carry_out(mine, bed.deadline())
    with pytest.raises(Lost, match="by itself"):
        bed.switches["a"].take(mine, bed.deadline(), handed_over=True)


def test_taking_an_order_tells_what_it_will_be(bed: Bed) -> None:
    """A repeat is not written down: the order that it repeats stays the last."""
    fresh = bed.switches["a"].take(
        replace(order(bed, Verb.UP, 2000), runner=PGPOOL, asked_by="pgpool"), bed.deadline()
    )
    assert (fresh.purpose, fresh.order.generation) == (Purpose.CARRY_OUT, 2000)
    runner = Process(os.getpid(), 1500)
    again = bed.switches["a"].take(
        replace(order(bed, Verb.UP, 3000), runner=runner, asked_by="pgpool"), bed.deadline()
    )
    assert (again.purpose, again.order.generation) == (Purpose.REPEAT, 2000)
    last = bed.switches["a"]._orders.last(VIP.name)
    assert last is not None
    assert last.generation == 2000


def test_a_repeat_waits_for_the_up_that_it_repeats(bed: Bed) -> None:
    """It is still at work elsewhere; when it is done, there is something to read."""
    orders = bed.switches["a"]._orders
    last = replace(order(bed, Verb.UP, 2000), worker=PGPOOL)
    orders.take(last, bed.deadline())
    done = threading.Timer(0.05, orders.end, (last, OrderState.LOST, {}))
    done.start()
    assert bed.switches["a"].repeat(last, bed.deadline()).exit_code == Lost.exit_code
    done.join()


def test_a_repeat_of_an_up_that_never_ends_gives_up(bed: Bed) -> None:
    """It blocks Pgpool-II's watchdog, so it waits three seconds."""
    last = replace(order(bed, Verb.UP, 2000), worker=PGPOOL)
    bed.switches["a"]._orders.take(last, bed.deadline())
    before = manual(bed).now().monotonic
    assert bed.switches["a"].repeat(last, bed.deadline(60.0)).exit_code == TimeUp.exit_code
    assert manual(bed).now().monotonic - before == pytest.approx(3.0)


def test_a_repeat_that_a_down_has_overtaken_does_nothing(bed: Bed) -> None:
    """What it would repeat is not the last order any more."""
    last = order(bed, Verb.UP, 2000)
    bed.switches["a"]._orders.take(order(bed, Verb.DOWN, 2001), bed.deadline())
    result = bed.switches["a"].repeat(last, bed.deadline())
    assert (result.exit_code, result.repeated) == (Lost.exit_code, True)
    assert bed.hosts["a"].changes == []


class SupersededFile(WriteFirstFile):
    """A cloud in which a `down` arrives on this node while its `up` is at the first write."""

    bed: Bed | None = None

    def _write(self, place: Place, holder: NodeId | None, seen: Holding | None, deadline: Deadline) -> None:
        super()._write(place, holder, seen, deadline)
        bed, SupersededFile.bed = SupersededFile.bed, None
        if bed is not None:
            bed.switches["a"]._orders.take(order(bed, Verb.DOWN, 9000), bed.deadline())


def test_newer_order_stops_the_older_one_at_its_next_write(tmp_path: Path) -> None:
    """No work is done for an order that is not the newest."""
    bed = bed_of(tmp_path, SupersededFile)
    SupersededFile.bed = bed
    result = bed.up("a")
    assert result.exit_code == Lost.exit_code
    assert len(bed.cloud.writes()) == 1


class FrozenFile(WiredFile):
    """A cloud whose first read is followed by a freeze of this process, in which c takes over."""

    frozen: ClassVar[list[str]] = []

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        answers = super().read(places, deadline)
        if self.frozen and self.node(deadline) == "b":
            taker = self.frozen.pop()
            self.wire.clock.jump(boot=3.0)
            if taker:
                for place in places:
                    super().claim(place, NodeId(taker), None, deadline)
        return answers


def test_after_a_freeze_a_new_holder_is_left_alone(tmp_path: Path) -> None:
    """Whoever came while we stood still came later than our order."""
    bed = bed_of(tmp_path, FrozenFile)
    bed.up("a")
    FrozenFile.frozen = ["c"]
    assert bed.up("b", deadline_s=20.0).exit_code == Lost.exit_code
    assert bed.holders() == {bed.id("c")}


def test_after_a_freeze_without_change_the_order_goes_on(tmp_path: Path) -> None:
    """The price of a freeze in which nothing happened is one read."""
    bed = bed_of(tmp_path, FrozenFile)
    bed.up("a")
    FrozenFile.frozen = [""]
    assert bed.up("b", deadline_s=20.0).errors == ()
    assert bed.holders() == {bed.id("b")}


class BlindFrozenFile(WriteFirstFile):
    """A cloud before which this process freezes once it knows its own name: before its first write."""

    freeze = False

    def contention_key(self, place: Place) -> str:
        if BlindFrozenFile.freeze:
            BlindFrozenFile.freeze = False
            self.wire.clock.jump(wall=3600.0)
        return super().contention_key(place)


@pytest.mark.parametrize(("holder", "code"), [("a", Lost.exit_code), (None, 0)])
def test_freeze_before_the_first_write_seizes_only_from_nobody(
    tmp_path: Path, holder: str | None, code: int
) -> None:
    """Without an earlier look a holder may be the new one; where nobody holds there is nobody to hurt."""
    bed = bed_of(tmp_path, BlindFrozenFile)
    if holder:
        bed.up(holder)
    BlindFrozenFile.freeze = True
    assert bed.up("b").exit_code == code


def test_deadline_that_has_passed_writes_nothing(bed: Bed) -> None:
    """An order without time left fails and leaves no trace."""
    assert bed.up("a", deadline_s=0.0).exit_code == TimeUp.exit_code
    assert bed.cloud.writes() == ()
    assert not bed.hosts["a"].has(ADDRESS)


def test_down_takes_the_address_off_although_the_cloud_is_away(bed: Bed) -> None:
    """The host comes first, and does not need the cloud."""
    bed.up("a")
    bed.cloud.faults.unavailable(1000)
    assert bed.down("a", deadline_s=1.0).exit_code == TimeUp.exit_code
    assert not bed.hosts["a"].has(ADDRESS)


def test_down_frees_the_cloud_although_the_host_fails(bed: Bed) -> None:
    """One side's failure is no reason to leave the other undone, and it is reported."""
    bed.up("a")
    bed.hosts["a"].broken = HostError("ip: no such device")
    result = bed.down("a")
    assert result.exit_code == HostError.exit_code
    assert bed.holders() == {None}


class NamelessFile(WriteFirstFile):
    """A node whose identity cannot be found out."""

    def node(self, deadline: Deadline) -> NodeId:
        raise VipswitchError("metadata service: unreachable")


def test_down_without_identity_still_clears_the_host(tmp_path: Path) -> None:
    """Who we are matters in the cloud only."""
    bed = bed_of(tmp_path, NamelessFile)
    bed.hosts["a"].addresses.add(ADDRESS)
    assert bed.down("a").exit_code == VipswitchError.exit_code
    assert not bed.hosts["a"].has(ADDRESS)


class BuggyFile(WriteFirstFile):
    """A provider with a bug."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        raise ZeroDivisionError("a bug")


def test_bug_in_a_provider_ends_the_order_with_one_line(tmp_path: Path) -> None:
    """It neither hangs the order nor throws a traceback at anybody."""
    result = bed_of(tmp_path, BuggyFile).up("a")
    assert result.exit_code == 1
    assert "internal error: ZeroDivisionError" in result.errors[0].message


def test_status_names_each_place_and_the_host(bed: Bed) -> None:
    """What the cloud says and what the host has are two things."""
    bed.up("a")
    report = bed.status("b")
    assert report.state is State.OTHER
    assert report.host == {ADDRESS: False}
    assert {h.holder for h in report.places.values() if isinstance(h, Holding)} == {bed.id("a")}


def test_order_is_written_down_with_how_it_ended(bed: Bed) -> None:
    """The next hook, and the agent, find what was asked last and what came of it."""
    bed.up("a")
    bed.up("b")
    last = bed.switches["b"]._orders.last(VIP.name)
    assert last is not None
    assert (last.verb, last.state) == (Verb.UP, OrderState.DONE)
    assert replace(last, boot_id="other") != last


def test_last_order_of_another_boot_is_forgotten(bed: Bed) -> None:
    """A reboot forgets every order, and that is right."""
    orders = bed.switches["a"]._orders
    orders.take(replace(order(bed, Verb.UP, 5), boot_id="another boot"), bed.deadline())
    assert orders.last(VIP.name) is None


class Settles(WiredFile):
    """A cloud that takes some looks until it acts on what it has accepted."""

    looks = 3
    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=False)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        type(self).looks -= 1
        answers = super().read(places, deadline)
        return {p: replace(a, settled=type(self).looks < 0, note="pending") for p, a in answers.items()}


def test_up_waits_until_the_cloud_acts_on_it(tmp_path: Path) -> None:
    """It is the holder by then, so nothing is written again."""

    class Soon(Settles):
        looks = 5

    bed = bed_of(tmp_path, Soon)
    result = bed.up("a")
    assert (result.errors, result.warnings) == ((), ())
    assert Soon.looks < 0
    assert len(bed.cloud.writes()) == 2


def test_what_does_not_settle_in_time_is_held_with_a_warning(tmp_path: Path) -> None:
    """Nothing is left to do for us: the cloud has accepted it, and will act on it by itself."""

    class Late(Settles):
        looks = 10_000

    bed = bed_of(tmp_path, Late)
    result = bed.up("a", deadline_s=2.0)
    assert result.exit_code == 0
    assert {place.outcome for place in result.places} == {Outcome.HELD}
    assert len(result.warnings) == 2
    assert all("not in effect everywhere yet: pending" in warning for warning in result.warnings)
    assert bed.holders() == {bed.id("a")}


class NoAddress(WriteFirstFile):
    """A cloud whose claim needs no read, and that wants nothing of the host."""

    capabilities: ClassVar[Capabilities] = Capabilities(write_first=True, needs_address=False)


def test_without_an_address_the_last_order_tells_whether_to_look_first(tmp_path: Path) -> None:
    """A takeover starts with the write; `up` on the holder costs one read."""
    bed = bed_of(tmp_path, NoAddress)
    bed.up("a")
    before = len(bed.cloud.writes())
    bed.up("a")
    assert len(bed.cloud.writes()) == before
    bed.down("a")
    bed.cloud.faults.deny()
    assert bed.up("a").exit_code == PermissionDenied.exit_code


class Tagged(WriteFirstFile):
    """A cloud whose places are found by a tag; `found` is what is kept of it."""

    found: ClassVar[bool] = False
    asked: ClassVar[int] = 0

    @property
    def places(self) -> tuple[Place, ...]:
        if not type(self).found:
            raise ConfigError("places: not looked up yet")
        return super().places

    @property
    def tags(self) -> Mapping[str, Sequence[str]]:
        return {"tag:a=b": [str(place) for place in super().places] if type(self).found else []}

    def discover(self, deadline: Deadline, *, anew: bool = False) -> None:
        if anew or not type(self).found:
            self.wire.request()
            type(self).asked += 1
            type(self).found = True


@pytest.fixture
def tagged(tmp_path: Path) -> Bed:
    """Nothing is kept of the tag yet."""
    Tagged.found, Tagged.asked = False, 0
    return bed_of(tmp_path, Tagged)


def test_a_tag_is_looked_up_once(tagged: Bed) -> None:
    """The first order needs it; those after it use what is kept."""
    assert tagged.up("a").errors == ()
    tagged.up("b")
    assert tagged.holders() == {NodeId("b")}
    assert Tagged.asked == 1


def test_a_tag_that_cannot_be_looked_up_changes_nothing(tagged: Bed) -> None:
    """The order says why, and the host is as it was."""
    tagged.cloud.faults.deny()
    assert tagged.up("a").exit_code == PermissionDenied.exit_code
    assert tagged.hosts["a"].changes == []
    assert tagged.status("a").exit_code == PermissionDenied.exit_code
