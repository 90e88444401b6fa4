"""No request is sent once the deadline has passed, and none is waited for much longer."""

from __future__ import annotations

import socket
import time

import pytest

from tests.unit.providers.aws.rig import Rig, soon
from vipswitch.deadline import Clock, Deadline, Instant, SystemClock
from vipswitch.errors import OutcomeUnknown, TimeUp, Unavailable, VipswitchError


class JumpingClock(SystemClock):
    """Jumps ahead by an hour when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self._looks = looks

    def now(self) -> Instant:
        self._looks -= 1
        now, hour = super().now(), 3600.0 if self._looks < 0 else 0.0
        return Instant(now.monotonic + hour, now.boot + hour, now.wall + hour)


def passed() -> Deadline:
    return Deadline(0.0, SystemClock())


def test_nothing_is_sent_after_the_deadline(rig: Rig) -> None:
    """Neither reads nor writes."""
    provider = rig.provider()
    with pytest.raises(TimeUp):
        provider.claim(provider.places[0], rig.id(0), None, passed())
    with pytest.raises(TimeUp):
        provider.read(provider.places, passed())
    with pytest.raises(TimeUp):
        list(provider.prepare(rig.id(0), passed()))
    assert rig.asked() == []


@pytest.mark.parametrize("looks", [1, 2, 3])
def test_time_that_passes_while_connecting_counts(rig: Rig, looks: int) -> None:
    """DNS, TLS and a paused machine may take any time: the last look is right before the first byte."""
    clock: Clock = JumpingClock(looks)
    provider = rig.provider()
    with pytest.raises(VipswitchError):
        provider.claim(provider.places[0], rig.id(0), None, soon(10, clock))
    assert rig.cloud.journal.writes() == ()


@pytest.mark.timed
def test_a_slow_answer_is_given_up_at_the_deadline(rig: Rig) -> None:
    """What was sent may still happen: the outcome is unknown, and known to be."""
    provider = rig.provider()
    provider.read(provider.places, soon())
    rig.cloud.faults.delay(3.0, "ReplaceRoute")
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        provider.claim(provider.places[0], rig.id(0), None, soon(0.5))
    assert time.monotonic() - began < 1.0


@pytest.mark.timed
def test_a_silent_endpoint_is_given_up_at_the_deadline(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where packets vanish costs no more than what is left."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        address = silent.getsockname()
        fillers = [_filler(address) for _ in range(3)]
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{address[1]}")
        provider = rig.provider()
        began = time.monotonic()
        with pytest.raises(Unavailable):
            provider.claim(provider.places[0], rig.id(0), None, soon(0.8))
        assert time.monotonic() - began < 1.4
        for filler in fillers:
            filler.close()


def test_credentials_that_come_too_late_send_nothing(rig: Rig) -> None:
    """The deadline is that of the order, not of each of its requests."""
    provider = rig.provider(assume_role="arn:aws:iam::123456789012:role/vipswitch")
    rig.cloud.faults.drop_before(1, "AssumeRole")
    with pytest.raises(Unavailable):  # the clients are made by now, which takes its time
        provider.claim(provider.places[0], rig.id(0), None, soon())
    rig.cloud.journal.clear()
    rig.cloud.faults.delay(3.5, "AssumeRole")
    with pytest.raises(Unavailable) as caught:
        provider.claim(provider.places[0], rig.id(0), None, soon(2.0))
    assert "role" in caught.value.message
    assert rig.asked() == ["AssumeRole"]


def _filler(address: tuple[str, int]) -> socket.socket:
    """A connection that takes a place in the listener's queue."""
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(address)
    return filler
