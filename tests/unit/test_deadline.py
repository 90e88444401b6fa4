"""Deadlines and freezes, on time that moves only when told to."""

import pytest

from vipswitch.deadline import Deadline, Instant, SystemClock, frozen_between
from vipswitch.testing.clock import ManualClock

NOON = Instant(100.0, 100.0, 5000.0)


def test_deadline_counts_down_and_passes() -> None:
    """It has passed exactly when nothing remains."""
    clock = ManualClock()
    deadline = Deadline(2.0, clock)
    clock.wait(1.5)
    assert (deadline.remaining(), deadline.passed(), deadline.capped(3.0)) == (0.5, False, 0.5)
    clock.wait(0.5)
    assert (deadline.remaining(), deadline.passed()) == (0.0, True)


def test_deadline_passes_while_the_machine_is_suspended() -> None:
    """The monotonic clock stands still then; the boot clock does not."""
    clock = ManualClock()
    deadline = Deadline(2.0, clock)
    clock.jump(boot=3.0)
    assert deadline.passed()


def test_cancelled_deadline_has_passed() -> None:
    """A signal ends all writing at once."""
    deadline = Deadline(60.0, ManualClock())
    deadline.cancel()
    assert deadline.passed()


@pytest.mark.parametrize(
    ("later", "frozen"),
    [
        (Instant(101.0, 101.0, 5001.0), False),
        (Instant(103.0, 103.0, 5003.0), True),
        (Instant(100.1, 160.0, 5000.1), True),
        (Instant(100.1, 100.1, 8600.0), True),
        (Instant(100.1, 100.1, 1400.0), True),
    ],
    ids=["a second", "stopped process", "suspended machine", "paused virtual machine", "clock set back"],
)
def test_freeze_is_seen_on_any_clock(later: Instant, frozen: bool) -> None:
    """Each kind of standing still moves another clock."""
    assert frozen_between(NOON, later) is frozen


def test_system_clock_moves_all_three_hands() -> None:
    """The real clock is read from the kernel."""
    clock = SystemClock()
    earlier = clock.now()
    later = clock.now()
    assert later.monotonic >= earlier.monotonic
    assert later.boot >= earlier.boot
    assert not frozen_between(earlier, later)


def test_a_manual_clock_shows_the_smallest_wait() -> None:
    """A remainder that rounding swallows would be waited for again and again."""
    clock = ManualClock()
    clock.wait(600.0)
    before = clock.now()
    clock.wait(1e-16)
    after = clock.now()
    assert after.monotonic > before.monotonic
    assert after.boot > before.boot
    clock.wait(0.0)
    assert clock.now() == after
