"""The loop's waiting: what is due is done, also when it falls due while the loop makes up its mind."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import TypeVar

import pytest

from vipswitch.deadline import Instant
from vipswitch.loop import HUSH_S
from vipswitch.model import Verb
from vipswitch.orders import Order
from vipswitch.processes import Process, boot_id
from vipswitch.result import Result
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud

T = TypeVar("T")


class CreepingClock(ManualClock):
    """A clock on which looking at it takes 10 ms, as on a machine that is too busy to go on."""

    def now(self) -> Instant:
        self.wait(0.01)
        return super().now()


def test_a_try_that_falls_due_meanwhile_is_not_put_off_to_the_deadline(tmp_path: Path) -> None:
    """Between planning and waiting time goes by; the next try must not be lost in it."""
    (tmp_path / "cloud").mkdir()
    cloud = FileCloud(tmp_path / "cloud", VIP.addresses)
    cloud.clock = cloud.faults.clock = CreepingClock()
    bed = Bed(cloud, tmp_path)
    bed.cloud.faults.unavailable(3)
    result = bed.up("a", deadline_s=60.0)
    assert result.errors == ()
    assert result.seconds < 10.0


class WatchedClock(ManualClock):
    """A clock that lets something happen when the loop waits for longer than between two tries."""

    def __init__(self) -> None:
        super().__init__()
        self.hushes = 0
        self.bed: Bed | None = None

    def next_from(self, source: queue.SimpleQueue[T], seconds: float, *, expected: bool) -> T | None:
        if not expected and seconds > HUSH_S / 2:
            self.hushes += 1
            if self.bed is not None:
                self.bed.switches["b"].carry_out(_order(Verb.DOWN, "keepalived", 2001), self.bed.deadline())
        return super().next_from(source, seconds, expected=expected)


def _order(verb: Verb, asked_by: str, started: int = 2000) -> Order:
    return Order(VIP.name, verb, Process(4711, started), Process(800, 10), boot_id(), asked_by=asked_by)


def _bed(folder: Path) -> tuple[Bed, WatchedClock]:
    """Node a holds the VIP."""
    (folder / "cloud").mkdir()
    cloud, clock = FileCloud(folder / "cloud", VIP.addresses), WatchedClock()
    cloud.clock = cloud.faults.clock = clock
    bed = Bed(cloud, folder)
    assert bed.up("a").errors == ()
    return bed, clock


def _up(bed: Bed, asked_by: str) -> Result:
    return bed.switches["b"].carry_out(_order(Verb.UP, asked_by), bed.deadline(60.0))


SILENT, BUSY = 30, 2
"""So many requests fail: the delays between them are seconds together, or hundredths of one."""


@pytest.mark.parametrize(
    ("asked_by", "failing", "hushes"),
    [("keepalived", SILENT, 1), ("keepalived", BUSY, 0), ("keepalived", 0, 0), ("pgpool", SILENT, 0)],
)
def test_who_elects_by_silence_waits_for_its_peers_when_the_cloud_answers_again(
    tmp_path: Path, asked_by: str, failing: int, hushes: int
) -> None:
    """Both places, side by side; where the cloud was only busy, nobody waits."""
    bed, clock = _bed(tmp_path)
    bed.cloud.faults.unavailable(failing)
    assert _up(bed, asked_by).errors == ()
    assert bed.holders() == {bed.id("b")}
    assert bool(clock.hushes) == bool(hushes)


def test_a_down_that_comes_while_the_peers_are_waited_for_leaves_the_vip_where_it_is(tmp_path: Path) -> None:
    """A standby whose network was silent was MASTER for a moment, and nobody is to suffer from it."""
    bed, clock = _bed(tmp_path)
    clock.bed = bed
    bed.cloud.faults.unavailable(SILENT)
    result = _up(bed, "keepalived")
    assert clock.hushes
    assert result.exit_code == 4
    assert bed.holders() == {bed.id("a")}


def test_nobody_is_waited_for_where_nobody_has_the_vip(tmp_path: Path) -> None:
    """There is nobody to be hurt."""
    bed, clock = _bed(tmp_path)
    assert bed.down("a").errors == ()
    bed.cloud.faults.unavailable(SILENT)
    assert _up(bed, "keepalived").errors == ()
    assert (bed.holders(), clock.hushes) == ({bed.id("b")}, 0)
