"""Providers that each break one promise, in a few lines, as real scripts and agents do.

`CAUGHT_BY` names the contract tests that must fail for each. A contract test that catches none of
these is not worth having.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, OutcomeUnknown, PermissionDenied, Refused, Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.provider import Capabilities
from vipswitch.providers.local import Local
from vipswitch.testing.cloud import WiredFile

Answers = Mapping[Place, Holding | VipswitchError]


class SaysYesAndDoesNothing(WiredFile):
    """Reports success for a claim that it never made."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        return


class ReleasesBlindly(WiredFile):
    """Removes whatever stands there, as the script shipped with Pgpool-II deletes the route."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self._write(place, None, None, deadline)


class ReleasesWhatItDoesNotHold(WiredFile):
    """Looks the holder's state up at release time without asking whose it is."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        return {p: _as_if_held_by(self.node(deadline), a) for p, a in answers.items()}

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self._write(place, None, seen, deadline)


class SwallowsTheConflict(WiredFile):
    """Takes a refused compare-and-set for a success."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except Conflict:
            return


class ClaimsWithoutToken(WiredFile):
    """Leaves out the precondition that the cloud offers."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, None, deadline)


class TakesUnreachableForNobody(WiredFile):
    """Answers "nobody holds it" when it could not look."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        try:
            return super().read(places, deadline)
        except Unavailable:
            return dict.fromkeys(places, Holding(None))


class RepeatsALostWrite(WiredFile):
    """Writes again when the answer was lost, without looking."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown:
            super().claim(place, node, None, deadline)


class SaysALostWriteFailed(WiredFile):
    """Reports a write whose answer was lost as one that certainly failed for good."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except OutcomeUnknown as lost:
            raise Refused(lost.message) from lost


class WritesAfterTheDeadline(WiredFile):
    """Tries again by itself, without looking at the time."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        try:
            super().claim(place, node, seen, deadline)
        except Unavailable:
            super().claim(place, node, seen, Deadline(60.0, self.wire.clock))


class TakesAStaleReadForALostRace(WiredFile):
    """Checks its own success at once and gives up when the old holder still shows."""

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        super().claim(place, node, seen, deadline)
        answer = self.read([place], deadline)[place]
        if isinstance(answer, Holding) and answer.holder != node:
            raise Refused(f"{place}: taken by {answer.holder}")


class GivesUpAtOnce(WiredFile):
    """Takes throttling for a refusal."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        try:
            return super().read(places, deadline)
        except Unavailable as busy:
            raise Refused(busy.message) from busy


class TakesDenialForTrouble(WiredFile):
    """Hides want of permission behind "try again later"."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        try:
            return super().read(places, deadline)
        except PermissionDenied as denied:
            raise Unavailable(denied.message) from denied


class AllOrNothing(WiredFile):
    """Lets one missing place spoil the answer about the others."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        for answer in answers.values():
            if isinstance(answer, VipswitchError):
                raise answer
        return answers


class WritesWhenAlreadyHolding(WiredFile):
    """Refreshes what it holds whenever it looks."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers = super().read(places, deadline)
        for place, answer in answers.items():
            if isinstance(answer, Holding) and answer.holder == self.node(deadline):
                self.claim(place, answer.holder, None, deadline)
        return super().read(places, deadline)


class NeverFrees(WiredFile):
    """Answers yes to a release and keeps the place."""

    def release(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        return


class ForgetsToAnnounce(Local):
    """Adds the address and leaves the neighbours with the old one."""

    capabilities: ClassVar[Capabilities] = Capabilities(write_first=True, announces=False)


class WantsNoAddress(Local):
    """Announces an address that the host never gets."""

    capabilities: ClassVar[Capabilities] = Capabilities(needs_address=False, announces=True)


CAUGHT_BY: dict[type[WiredFile], tuple[str, ...]] = {
    SaysYesAndDoesNothing: (
        "test_up_makes_this_node_the_holder",
        "test_up_takes_the_vip_from_another_node",
        "test_up_again_changes_nothing",
    ),
    ReleasesBlindly: ("test_release_of_a_changed_place_is_a_conflict",),
    ReleasesWhatItDoesNotHold: (
        "test_late_down_cannot_hurt_the_new_holder",
        "test_release_of_what_is_not_ours_is_a_conflict",
    ),
    SwallowsTheConflict: ("test_claim_on_a_changed_place_is_a_conflict",),
    ClaimsWithoutToken: ("test_claim_on_a_changed_place_is_a_conflict",),
    TakesUnreachableForNobody: ("test_could_not_look_is_not_nobody",),
    RepeatsALostWrite: ("test_lost_answer_is_never_followed_by_a_blind_write",),
    SaysALostWriteFailed: (
        "test_lost_answer_of_a_write_that_happened_is_success",
        "test_failures_inside_the_cloud_are_outlived",
    ),
    WritesAfterTheDeadline: ("test_nothing_is_written_after_the_deadline",),
    TakesAStaleReadForALostRace: ("test_stale_reads_are_not_a_lost_race",),
    GivesUpAtOnce: ("test_trouble_that_passes_is_outlived",),
    TakesDenialForTrouble: ("test_denied_is_said_and_changes_nothing",),
    AllOrNothing: ("test_one_missing_place_neither_stops_nor_hides_the_other",),
    WritesWhenAlreadyHolding: ("test_up_when_already_holding_writes_nothing",),
    NeverFrees: ("test_down_frees_what_this_node_holds",),
}

CAUGHT_LOCALLY: dict[type[Local], tuple[str, ...]] = {
    ForgetsToAnnounce: ("test_up_takes_the_vip_from_another_node",),
    WantsNoAddress: ("test_up_makes_this_node_the_holder",),
}


def _as_if_held_by(node: NodeId, answer: Holding | VipswitchError) -> Holding | VipswitchError:
    return Holding(node, answer.token) if isinstance(answer, Holding) else answer
