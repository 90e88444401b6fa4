"""Requests that do not wait for each other."""

from __future__ import annotations

import threading

import pytest

from vipswitch.providers.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_work() -> None:
    """Whichever ends first; nothing at all is no mistake."""
    assert side_by_side([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
    assert side_by_side([]) == []


def test_no_job_waits_for_another() -> None:
    """They meet, which one after the other they never would."""
    meeting = threading.Barrier(3)
    assert len(side_by_side([lambda: meeting.wait(5)] * 3)) == 3


def test_a_single_job_runs_here() -> None:
    """A thread would cost more than it gives."""
    assert side_by_side([threading.current_thread]) == [threading.current_thread()]


def test_what_a_job_raises_is_raised() -> None:
    """After all of them have ended."""

    def fails() -> int:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        side_by_side([fails, lambda: 2])
