"""Release marks of several places at once, beside orders that come meanwhile, and old readings of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from vipswitch import processes
from vipswitch.deadline import Deadline, SystemClock
from vipswitch.errors import Lost, TimeUp, VipswitchError
from vipswitch.model import Holding, NodeId, Place, Verb
from vipswitch.orders import Jointly, Order, OrderBook
from vipswitch.processes import Process
from vipswitch.result import Outcome
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.cloud import FileCloud, MarkingFile


def bed_of(folder: Path, make: type[MarkingFile] = MarkingFile) -> Bed:
    (folder / "cloud").mkdir()
    return Bed(FileCloud(folder / "cloud", VIP.addresses, make), folder)


class ForgetsSlowly(MarkingFile):
    """A cloud that shows a mark for a while after it was taken away; it counts the removals."""

    shows = 3
    removals = 0

    def unmark(self, place: Place, node: NodeId, deadline: Deadline) -> None:
        type(self).removals += 1
        super().unmark(place, node, deadline)

    def read(self, places: Sequence[Place], deadline: Deadline) -> Mapping[Place, Holding | VipswitchError]:
        answers = super().read(places, deadline)
        if not type(self).removals or type(self).shows <= 0:
            return answers
        type(self).shows -= 1
        return {p: replace(a, released=True) if isinstance(a, Holding) else a for p, a in answers.items()}


@pytest.mark.parametrize("reads", [3, 10_000])
def test_a_mark_that_still_shows_is_an_old_reading(tmp_path: Path, reads: int) -> None:
    """It was taken away once for each place: looked at again with pauses, and never taken away in a storm."""

    class Cloud(ForgetsSlowly):
        shows = reads

    bed = bed_of(tmp_path, Cloud)
    bed.up("a")
    bed.down("a")
    result = bed.up("a", deadline_s=3.0)
    assert result.exit_code == 0
    assert Cloud.removals == 2
    assert bool(result.warnings) is (reads > 3)


class Together(MarkingFile):
    """A cloud whose marks wait for each other: all are set side by side, or none in time."""

    meeting: ClassVar[threading.Barrier]

    def contention_key(self, place: Place) -> str:
        return str(place)

    def mark(self, place: Place, node: NodeId, generation: int, deadline: Deadline) -> None:
        self.meeting.wait(10.0)
        super().mark(place, node, generation, deadline)


def test_marks_of_several_places_are_set_side_by_side(tmp_path: Path) -> None:
    """Fifty tables must not take fifty round trips, while another node waits for the last."""

    class Two(Together):
        meeting = threading.Barrier(2)

    bed = bed_of(tmp_path, Two)
    bed.up("a")
    assert {place.outcome for place in bed.down("a").places} == {Outcome.RELEASED}


def test_an_up_waits_until_the_marks_of_the_down_before_it_are_set(tmp_path: Path) -> None:
    """Else it could be marked after it has looked for marks, and be taken for one that has let go."""
    book, clock = OrderBook(tmp_path, SystemClock()), SystemClock()
    down = Order("primary", Verb.DOWN, Process(1_000_000, 100), None, processes.boot_id())
    book.take(down, Deadline(1.0, clock))
    jointly = Jointly(book, down)
    up = replace(down, verb=Verb.UP, by=Process(1_000_001, 101))
    with jointly.hold(Deadline(1.0, clock)):
        with jointly.hold(Deadline(1.0, clock)), pytest.raises(TimeUp):
            book.take(up, Deadline(0.01, clock))
        with pytest.raises(TimeUp):
            book.take(up, Deadline(0.01, clock))
    book.take(up, Deadline(1.0, clock))
    with pytest.raises(Lost), jointly.hold(Deadline(1.0, clock)):
        pytest.fail("marked for an order that was replaced")
