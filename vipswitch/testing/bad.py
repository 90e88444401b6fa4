"""Providers that each break one promise, in a few lines, as real scripts and agents do.

`CAUGHT_BY` names the contract tests that must fail for each. A contract test that catches none of
these is not worth having.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from vipswitch.deadline import Deadline
from vipswitch.errors import Conflict, OutcomeUnknown, PermissionDenied, Refused, Unavailable, VipswitchError
from vipswitch.model import Holding, NodeId, Place
from vipswitch.provider import Capabilities
from vipswitch.providers.local import Local
from vipswitch.testing.cloud import MarkingFile, WiredFile

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


class RestoresNothing(MarkingFile):
    """Says that it filled the place, and did not."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        return


class RestoresByReplacing(MarkingFile):
    """Has one write for everything: whoever came since the look is replaced."""

    def restore(self, place: Place, node: NodeId, seen: Holding, deadline: Deadline) -> None:
        self._write(place, node, None, deadline)


class MarksNothing(MarkingFile):
    """Says that it left a mark, and did not."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        return


class MarksByDeletingThePointer(MarkingFile):
    """Says that nobody holds the place in the simplest way."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        self._write(place, None, None, deadline)


class MarksByWritingThePlaceAnew(MarkingFile):
    """Keeps pointer and mark in one object, and writes both without looking."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        self._write(place, node, None, deadline)
        super().mark(place, node, generation, deadline)


class MarksAllPlaces(MarkingFile):
    """Has one mark for the whole VIP."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        for each in self.places:
            super().mark(each, node, generation, deadline)


class MarksQuietly(MarkingFile):
    """Takes a mark for something that may fail without a word."""

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        try:
            super().mark(place, node, generation, deadline)
        except PermissionDenied:
            return


class BelievesAnyMark(MarkingFile):
    """Takes the place for released while there is a mark, whoever left it."""

    def read(self, places: Sequence[Place], deadline: Deadline) -> Answers:
        answers, marked = super().read(places, deadline), self._marks()
        return {p: _as_if_released(a) if p.id in marked else a for p, a in answers.items()}


class NeverUnmarks(MarkingFile):
    """Leaves the mark where the node took the VIP up again."""

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        return


class UnmarksAnybodys(MarkingFile):
    """Removes whatever mark is there."""

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        self._change_marks(place, lambda marks: {p: m for p, m in marks.items() if p != place.id}, deadline)


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
    SwallowsTheConflict: (
        "test_claim_on_a_changed_place_is_a_conflict",
        "test_restore_of_a_place_taken_since_is_a_conflict",
    ),
    ClaimsWithoutToken: (
        "test_claim_on_a_changed_place_is_a_conflict",
        "test_restore_of_a_place_taken_since_is_a_conflict",
    ),
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
    RestoresNothing: ("test_restore_fills_an_empty_place", "test_restore_takes_a_released_place"),
    RestoresByReplacing: (
        "test_restore_of_a_place_taken_since_is_a_conflict",
        "test_restore_of_a_released_place_taken_since_is_a_conflict",
        "test_restore_of_a_place_taken_up_again_is_a_conflict",
    ),
    MarksNothing: ("test_mark_shows_as_released_to_others",),
    MarksByDeletingThePointer: ("test_mark_shows_as_released_to_others",),
    MarksByWritingThePlaceAnew: ("test_late_mark_of_a_former_holder_is_not_believed",),
    MarksAllPlaces: ("test_mark_at_one_place_says_nothing_of_another",),
    MarksQuietly: ("test_denied_mark_says_so",),
    BelievesAnyMark: (
        "test_mark_of_a_former_holder_is_not_believed",
        "test_late_mark_of_a_former_holder_is_not_believed",
    ),
    NeverUnmarks: (
        "test_unmark_takes_the_mark_away",
        "test_restore_of_a_place_taken_up_again_is_a_conflict",
    ),
    UnmarksAnybodys: ("test_unmark_leaves_the_mark_of_another_node",),
}

CAUGHT_LOCALLY: dict[type[Local], tuple[str, ...]] = {
    ForgetsToAnnounce: ("test_up_takes_the_vip_from_another_node",),
    WantsNoAddress: ("test_up_makes_this_node_the_holder",),
}


def _as_if_released(answer: Holding | VipswitchError) -> Holding | VipswitchError:
    return replace(answer, released=True) if isinstance(answer, Holding) else answer


def _as_if_held_by(node: NodeId, answer: Holding | VipswitchError) -> Holding | VipswitchError:
    return Holding(node, answer.token) if isinstance(answer, Holding) else answer
