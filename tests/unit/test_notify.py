"""What the service manager hears, as datagrams on a real NOTIFY_SOCKET."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch.agent.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def named(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A value of NOTIFY_SOCKET, of each kind that systemd uses."""
    return str(tmp_path / "notify") if request.param == "path" else f"@vipswitch-test-{os.getpid()}"


@pytest.fixture
def manager(named: str) -> Iterator[socket.socket]:
    """The service manager's end."""
    with listen(named) as end:
        yield end


def listen(named: str) -> socket.socket:
    """A socket that receives what is sent to NOTIFY_SOCKET."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.settimeout(5)
    end.bind(named.replace("@", "\0", 1) if named.startswith("@") else named)
    return end


def notifier(named: str) -> Notifier:
    """As in an agent that was started with this NOTIFY_SOCKET."""
    return Notifier.from_environment({"NOTIFY_SOCKET": named})


def heard(manager: socket.socket) -> dict[str, str]:
    """The next datagram, as its variables."""
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))


def test_each_message_is_one_datagram(named: str, manager: socket.socket) -> None:
    """In the words of sd_notify(3)."""
    told = notifier(named)
    told.ready()
    told.alive()
    told.stopping()
    assert [heard(manager) for _ in range(3)] == [{"READY": "1"}, {"WATCHDOG": "1"}, {"STOPPING": "1"}]


def test_reload_carries_the_monotonic_time(named: str, manager: socket.socket) -> None:
    """By it systemd tells this reload from an earlier one; its clock is CLOCK_MONOTONIC in microseconds."""
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    notifier(named).reloading()
    message = heard(manager)
    assert message.keys() == {"RELOADING", "MONOTONIC_USEC"}
    assert before <= int(message["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_status_is_one_line_whatever_is_in_it(named: str, manager: socket.socket) -> None:
    """A line break would begin another variable, and a lone surrogate has no UTF-8."""
    notifier(named).status("2 VIPs, \N{EN DASH} primary:\nREADY=1 \udc80")
    assert heard(manager) == {"STATUS": "2 VIPs, \N{EN DASH} primary: READY=1 ?"}


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_nothing_is_sent_without_a_socket(environment: dict[str, str]) -> None:
    """In the foreground, or under a service manager that listens in another way."""
    told = Notifier.from_environment(environment)
    assert told.address is None
    for tell in (told.ready, told.reloading, told.alive, told.stopping, lambda: told.status("idle")):
        tell()


def test_vanished_socket_is_no_error_and_a_new_one_is_found(tmp_path: Path) -> None:
    """A service manager may be replaced while the agent runs."""
    named = str(tmp_path / "notify")
    told = notifier(named)
    told.ready()
    with listen(named):
        told.ready()
    told.alive()
    os.unlink(named)
    told.alive()
    with listen(named) as manager:
        told.status("back")
        assert heard(manager) == {"STATUS": "back"}


def test_address_that_no_socket_can_have_is_no_error() -> None:
    """A path of more than 107 bytes."""
    notifier(f"/{'x' * 200}").ready()


def test_standing_service_manager_holds_nobody_up(named: str, manager: socket.socket) -> None:
    """Once its queue is full, a message is dropped after a moment."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, contextlib.suppress(BlockingIOError):
        other.setblocking(False)
        while True:
            other.sendto(b"X=1", manager.getsockname())
    telling = threading.Thread(target=notifier(named).alive, daemon=True)
    telling.start()
    telling.join(5)
    assert not telling.is_alive()


@pytest.mark.parametrize(
    ("variables", "interval"),
    [
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "3000000"}, 1.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({}, None),
    ],
)
def test_interval_is_half_of_what_systemd_waits_for(
    variables: dict[str, str], interval: float | None
) -> None:
    """None where it does not watch, or watches another process: sd_watchdog_enabled(3)."""
    assert Notifier.from_environment(variables).watchdog_interval_s == interval


def test_children_do_not_inherit_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that speaks sd_notify would answer in the agent's name."""
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.setenv(name, "1")
    Notifier.from_environment()
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & os.environ.keys()
