"""Watching callers live: told once, of the right process, and never after the watching has ended."""

from __future__ import annotations

import os
import threading

from tests.unit.agent.scene import WATCH, end, some_program
from vipswitch import processes
from vipswitch.processes import Process

SOON_S = 10.0


def test_the_end_of_a_program_is_told() -> None:
    """By the kernel, whoever killed it."""
    gone = threading.Event()
    with some_program() as program:
        WATCH.watch(program, gone.set)
        assert not gone.is_set()
        end(program)
        assert gone.wait(SOON_S)


def test_a_program_that_has_ended_before_is_told_of_at_once() -> None:
    """Also while it waits to be buried: nobody stands behind the order."""
    gone = threading.Event()
    with some_program() as program:
        end(program)
        WATCH.watch(program, gone.set)
        assert gone.is_set()
    buried = threading.Event()
    WATCH.watch(program, buried.set)
    assert buried.is_set()


def test_a_pid_that_has_come_back_is_another_program() -> None:
    """A process is its pid and its start."""
    gone, me = threading.Event(), processes.me()
    WATCH.watch(Process(me.pid, me.started + 1), gone.set)
    assert gone.is_set()


def test_who_is_not_watched_any_more_is_not_told_of() -> None:
    """The order is done; others who watch the same program are told all the same."""
    told: list[str] = []
    gone = threading.Event()
    with some_program() as program:
        forget = WATCH.watch(program, lambda: told.append("forgotten"))
        WATCH.watch(program, gone.set)
        forget()
        forget()
        end(program)
        assert gone.wait(SOON_S)
    assert told == []


def test_watching_keeps_no_descriptor_open() -> None:
    """An agent lives for years."""
    gone = threading.Event()
    with some_program() as program:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            WATCH.watch(program, lambda: None)()
        WATCH.watch(program, gone.set)
        end(program)
        assert gone.wait(SOON_S)
        assert len(os.listdir("/proc/self/fd")) == before
