"""The promises of `vipswitch.provider` as a test suite. A provider's whole test file is a subclass:

    class TestMyProvider(CompareAndSetContract):
        def cloud(self, folder: Path) -> Cloud:
            return MyCloud(folder)

`HolderContract` holds for every way of moving a VIP, `PlaceContract` for those with places in a
cloud. `GuardedClaimContract` holds where a claim can be bound to what was read, `ReleaseContract` where
`down` frees the place, `CompareAndSetContract` where both do. `RestoreContract` holds where a place that
nobody holds can be filled without taking it from somebody, `MarkContract` where `down` leaves the pointer and
marks it released. Each test is failed by a planted provider in `vipswitch.testing.bad`; one that no bad
provider fails would prove nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch.errors import ConfigError, Conflict, Halfway, PermissionDenied
from vipswitch.model import Holding, State
from vipswitch.provider import Marks, Releases, Restores
from vipswitch.result import Outcome
from vipswitch.testing.bed import Bed
from vipswitch.testing.cloud import Cloud

_DENIED = PermissionDenied.exit_code

_LOOKS = 100


class HolderContract:
    """What holds for every provider, judged by whom clients reach."""

    def cloud(self, folder: Path) -> Cloud:
        """The provider's test cloud; `folder` is empty and private."""
        raise NotImplementedError

    @pytest.fixture
    def bed(self, tmp_path: Path) -> Iterator[Bed]:
        """Three nodes on that cloud."""
        folder = tmp_path / "cloud"
        folder.mkdir()
        bed = Bed(self.cloud(folder), tmp_path)
        yield bed
        bed.cloud.close()

    def test_up_makes_this_node_the_holder(self, bed: Bed) -> None:
        """Success means that the VIP is here, and only here."""
        assert bed.up("a").errors == ()
        assert bed.holders() == {bed.id("a")}

    def test_up_takes_the_vip_from_another_node(self, bed: Bed) -> None:
        """A fresh order seizes: the caller's quorum has decided."""
        bed.up("a")
        assert bed.up("b").errors == ()
        assert bed.holders() == {bed.id("b")}

    def test_up_again_changes_nothing(self, bed: Bed) -> None:
        """An order may be given twice."""
        bed.up("a")
        assert bed.up("a").errors == ()
        assert bed.holders() == {bed.id("a")}

    def test_late_down_cannot_hurt_the_new_holder(self, bed: Bed) -> None:
        """The loser's `down` comes after the winner's `up` in every failover that is not a crash."""
        bed.up("a")
        bed.up("b")
        assert bed.down("a").errors == ()
        assert bed.holders() == {bed.id("b")}
        assert not bed.has_addresses("a")


class PlaceContract(HolderContract):
    """What holds for every provider with places in a cloud."""

    def test_up_when_already_holding_writes_nothing(self, bed: Bed) -> None:
        """Pgpool-II repeats `up` on every network event: that must cost one read."""
        bed.up("a")
        before = len(bed.cloud.writes())
        assert bed.up("a").errors == ()
        assert len(bed.cloud.writes()) == before

    def test_could_not_look_is_not_nobody(self, bed: Bed) -> None:
        """An unreachable cloud says nothing about who holds the VIP."""
        bed.up("a")
        bed.cloud.faults.unavailable(100)
        report = bed.status("b")
        assert report.state is State.UNKNOWN
        assert report.exit_code != 0

    def test_trouble_that_passes_is_outlived(self, bed: Bed) -> None:
        """Throttling and short outages end in success, within the deadline."""
        bed.cloud.faults.unavailable(3)
        assert bed.up("a").errors == ()
        assert bed.holders() == {bed.id("a")}

    def test_failures_inside_the_cloud_are_outlived(self, bed: Bed) -> None:
        """An answer of 500 says nothing of what was done: look, and write again if it was not."""
        bed.up("a")
        bed.cloud.faults.fails_inside(2)
        assert bed.up("b").errors == ()
        assert bed.holders() == {bed.id("b")}

    def test_denied_is_said_and_changes_nothing(self, bed: Bed) -> None:
        """Want of permission has its own exit code, and the address does not stay on the host."""
        bed.up("a")
        bed.cloud.faults.deny()
        assert bed.up("b").exit_code == _DENIED
        assert bed.holders() == {bed.id("a")}
        assert not bed.has_addresses("b")

    def test_stale_reads_are_not_a_lost_race(self, bed: Bed) -> None:
        """After our own write the old holder may show for a while: that is not another's victory."""
        bed.up("a")
        bed.cloud.faults.stale_reads(2)
        assert bed.up("b").errors == ()
        assert bed.holders() == {bed.id("b")}

    def test_lost_answer_is_never_followed_by_a_blind_write(self, bed: Bed) -> None:
        """The write may have happened, and a third node may have come since: look before writing."""
        bed.up("b")
        bed.up("a")
        bed.give_addresses("b")  # with that, or b's own last order, b looks first and knows whom it replaces
        bed.cloud.faults.missing(bed.place(1))
        bed.cloud.faults.lose_answer(then=lambda: _takes(bed, "c"))
        assert bed.up("b").exit_code != 0
        assert bed.cloud.truth()[bed.place(0)] == bed.id("c")

    def test_lost_answer_of_a_write_that_happened_is_success(self, bed: Bed) -> None:
        """A read settles what the lost answer left open."""
        bed.up("a")
        bed.cloud.faults.lose_answer(then=lambda: None)
        assert bed.up("b").errors == ()
        assert bed.holders() == {bed.id("b")}

    def test_nothing_is_written_after_the_deadline(self, bed: Bed) -> None:
        """A cluster that has waited long enough decides anew; a late write would contradict it."""
        bed.up("a")
        began = bed.cloud.clock.now().monotonic
        bed.cloud.faults.slow(1.5)
        bed.up("b", deadline_s=1.0)
        assert [at for at in bed.cloud.writes() if at > began + 1.0] == []

    def test_one_missing_place_neither_stops_nor_hides_the_other(self, bed: Bed) -> None:
        """Each place has its own result; the exit code is the worst one's."""
        bed.cloud.faults.missing(bed.place(1))
        result = bed.up("a")
        outcomes = {place.place: place.outcome for place in result.places}
        assert outcomes == {bed.place(0): Outcome.HELD, bed.place(1): Outcome.FAILED}
        assert result.exit_code == ConfigError.exit_code
        assert bed.cloud.truth()[bed.place(0)] == bed.id("a")


class GuardedClaimContract(PlaceContract):
    """What holds where a claim can be bound to the state that was read."""

    def test_claim_on_a_changed_place_is_a_conflict(self, bed: Bed) -> None:
        """A write that was decided on old news is not made."""
        bed.up("a")
        seen = _seen_by(bed, "b")
        bed.up("c")
        with pytest.raises(Conflict):
            bed.switches["b"].provider.claim(bed.place(), bed.id("b"), seen, bed.deadline())
        assert bed.holders() == {bed.id("c")}


class ReleaseContract(PlaceContract):
    """What holds where `down` frees the places that this node holds."""

    def test_release_of_a_changed_place_is_a_conflict(self, bed: Bed) -> None:
        """A release that was on the wire for a minute finds the new holder, and leaves it alone."""
        bed.up("a")
        seen = _seen_by(bed, "a")
        bed.up("b")
        with pytest.raises(Conflict):
            _release(bed, "a", seen)
        assert bed.holders() == {bed.id("b")}

    def test_release_of_what_is_not_ours_is_a_conflict(self, bed: Bed) -> None:
        """Even with the latest token."""
        bed.up("b")
        with pytest.raises(Conflict):
            _release(bed, "a", _seen_by(bed, "a"))
        assert bed.holders() == {bed.id("b")}

    def test_down_frees_what_this_node_holds(self, bed: Bed) -> None:
        """A clean stop leaves nobody as holder, so that nobody is taken for it."""
        bed.up("a")
        assert bed.down("a").errors == ()
        assert bed.holders() == {None}


class RestoreContract(PlaceContract):
    """What holds where a place can be filled that nobody holds, and left alone when somebody came.

    By `restore`, or, where the provider has none, by its claim.
    """

    def test_restore_fills_an_empty_place(self, bed: Bed) -> None:
        """A pointer that was lost comes back to the node whose order still stands."""
        bed.cloud.empty(bed.place())
        seen = _seen_by(bed, "a")
        assert seen.holder is None
        _restore(bed, "a", seen)
        assert bed.cloud.truth()[bed.place()] == bed.id("a")

    def test_restore_of_a_place_taken_since_is_a_conflict(self, bed: Bed) -> None:
        """Another decision came between the look and the write, and it is the later one."""
        bed.cloud.empty(bed.place())
        seen = _seen_by(bed, "a")
        _takes(bed, "c")
        with pytest.raises(Conflict):
            _restore(bed, "a", seen)
        assert bed.cloud.truth()[bed.place()] == bed.id("c")


class MarkContract(RestoreContract):
    """What holds where `down` leaves the pointer, and notes beside it that its holder has let go."""

    def test_mark_shows_as_released_to_others(self, bed: Bed) -> None:
        """The pointer stays: to delete it would hurt whoever comes next."""
        bed.up("a")
        assert not _seen_by(bed, "b").released
        for number in range(2):
            _mark(bed, "a", number=number)
        seen = _seen_by(bed, "b")
        assert (seen.holder, seen.released) == (bed.id("a"), True)
        assert bed.status("b").state is State.NOBODY
        assert bed.holders() == {bed.id("a")}

    def test_mark_at_one_place_says_nothing_of_another(self, bed: Bed) -> None:
        """Each place has its own: they are marked one by one, and some may fail."""
        bed.up("a")
        _mark(bed, "a", number=0)
        assert _seen_by(bed, "b", 0).released
        assert not _seen_by(bed, "b", 1).released

    def test_mark_of_a_former_holder_is_not_believed(self, bed: Bed) -> None:
        """It is still there after the next takeover, and it speaks of another node."""
        bed.up("a")
        _mark(bed, "a")
        bed.up("b")
        seen = _seen_by(bed, "c")
        assert (seen.holder, seen.released) == (bed.id("b"), False)

    def test_late_mark_of_a_former_holder_is_not_believed(self, bed: Bed) -> None:
        """It was on the wire while another node took the place: it neither shows nor moves anything."""
        bed.up("a")
        bed.up("b")
        with contextlib.suppress(Conflict):
            _mark(bed, "a")
        seen = _seen_by(bed, "c")
        assert (seen.holder, seen.released) == (bed.id("b"), False)
        assert bed.holders() == {bed.id("b")}

    def test_unmark_takes_the_mark_away(self, bed: Bed) -> None:
        """A node that takes up the VIP again says so; where there is no mark nothing happens."""
        bed.up("a")
        _mark(bed, "a")
        for _ in range(2):
            _unmark(bed, "a")
            seen = _seen_by(bed, "b")
            assert (seen.holder, seen.released) == (bed.id("a"), False)

    def test_unmark_leaves_the_mark_of_another_node(self, bed: Bed) -> None:
        """Only the holder knows whether it has let go."""
        bed.up("a")
        _mark(bed, "a")
        _unmark(bed, "b")
        assert _seen_by(bed, "c").released

    def test_denied_mark_says_so(self, bed: Bed) -> None:
        """Then nothing is marked, and people are told what to allow."""
        bed.up("a")
        bed.cloud.faults.deny()
        with pytest.raises(PermissionDenied) as caught:
            _mark(bed, "a")
        assert caught.value.hint
        assert bed.holders() == {bed.id("a")}

    def test_restore_takes_a_released_place(self, bed: Bed) -> None:
        """The one case in which a restore replaces a pointer: its holder has said that it may."""
        bed.up("a")
        _mark(bed, "a")
        _restore(bed, "b", _seen_by(bed, "b"))
        assert bed.cloud.truth()[bed.place()] == bed.id("b")
        assert not _seen_by(bed, "c").released

    def test_restore_of_a_released_place_taken_since_is_a_conflict(self, bed: Bed) -> None:
        """Whoever came since has not let go."""
        bed.up("a")
        _mark(bed, "a")
        seen = _seen_by(bed, "b")
        bed.up("c")
        with pytest.raises(Conflict):
            _restore(bed, "b", seen)
        assert bed.holders() == {bed.id("c")}

    def test_restore_of_a_place_taken_up_again_is_a_conflict(self, bed: Bed) -> None:
        """The pointer is where it was, and its holder has taken the mark away."""
        bed.up("a")
        _mark(bed, "a")
        seen = _seen_by(bed, "b")
        _unmark(bed, "a")
        with pytest.raises(Conflict):
            _restore(bed, "b", seen)
        assert bed.holders() == {bed.id("a")}


class CompareAndSetContract(GuardedClaimContract, RestoreContract, ReleaseContract):
    """What holds where every write can be bound to the state that was read."""


def _takes(bed: Bed, node: str) -> None:
    """Another node's takeover of the first place, past the switch, in as many writes as that takes."""
    provider, place = bed.cloud.provider(node), bed.place(0)
    for _ in range(_LOOKS):
        seen = provider.read([place], bed.deadline())[place]
        assert isinstance(seen, Holding), seen
        if seen.busy:
            continue
        with contextlib.suppress(Halfway, Conflict):
            return provider.claim(place, bed.id(node), seen, bed.deadline())
    raise AssertionError(f"{node} could not take {place}")


def _seen_by(bed: Bed, node: str, number: int = 0) -> Holding:
    place = bed.place(number)
    answer = bed.switches[node].provider.read([place], bed.deadline())[place]
    assert isinstance(answer, Holding), answer
    return answer


def _restore(bed: Bed, node: str, seen: Holding) -> None:
    provider = bed.switches[node].provider
    fill = provider.restore if isinstance(provider, Restores) else provider.claim
    fill(bed.place(), bed.id(node), seen, bed.deadline())


def _mark(bed: Bed, node: str, *, number: int = 0) -> None:
    provider = bed.switches[node].provider
    assert isinstance(provider, Marks), "a provider whose `down` marks what it leaves has `mark`"
    provider.mark(bed.place(number), bed.id(node), 1000, bed.deadline())


def _unmark(bed: Bed, node: str) -> None:
    provider = bed.switches[node].provider
    assert isinstance(provider, Marks)
    provider.unmark(bed.place(), bed.id(node), bed.deadline())


def _release(bed: Bed, node: str, seen: Holding) -> None:
    provider = bed.switches[node].provider
    assert isinstance(provider, Releases), "a provider whose `down` frees its places has `release`"
    provider.release(bed.place(), bed.id(node), seen, bed.deadline())
