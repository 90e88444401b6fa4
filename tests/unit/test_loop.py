"""The loop's waiting: what is due is done, also when it falls due while the loop makes up its mind."""

from __future__ import annotations

from pathlib import Path

from vipswitch.deadline import Instant
from vipswitch.testing.bed import VIP, Bed
from vipswitch.testing.clock import ManualClock
from vipswitch.testing.cloud import FileCloud


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
