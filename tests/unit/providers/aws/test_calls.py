"""What is told of each request, for whoever counts: once, with its code, and only to listeners."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.unit.providers.aws.rig import Rig, soon
from vipswitch.errors import VipswitchError


class Ear(logging.Handler):
    """Remembers what was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str, str]] = []
        self.ms: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = record.__dict__
        self.told.append((fields["cloud"], fields["action"], fields["code"]))
        self.ms.append(fields["ms"])


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Somebody who listens while the test runs."""
    listening, logger = Ear(), logging.getLogger("vipswitch.api")
    logger.addHandler(listening)
    logger.setLevel(logging.DEBUG)
    yield listening
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(listening)


def test_each_request_is_told_once(rig: Rig, ear: Ear) -> None:
    """As many as the cloud itself has counted."""
    tested = rig.provider()
    before = len(rig.asked())
    tested.read(tested.places, soon())
    tested.claim(tested.places[0], rig.id(0), None, soon())
    assert [f"{action.partition(':')[2]}" for _, action, _ in ear.told] == rig.asked()[before:]
    assert ("aws", "ec2:DescribeRouteTables", "ok") in ear.told
    assert all(0 < ms < 10_000 for ms in ear.ms)


def test_a_refusal_is_told_with_the_cloud_s_own_code(rig: Rig, ear: Ear) -> None:
    """Not with what we made of it."""
    rig.cloud.faults.throttle(1, "DescribeRouteTables")
    tested = rig.provider()
    with pytest.raises(VipswitchError):
        tested.read(tested.places, soon())
    assert ear.told[-1] == ("aws", "ec2:DescribeRouteTables", "RequestLimitExceeded")


def test_no_answer_is_told_with_our_error(rig: Rig, ear: Ear) -> None:
    """A write whose answer was lost is of another kind than one that never left."""
    tested = rig.provider()
    rig.give(tested.places[0], 1)
    rig.cloud.faults.drop_after(1, "ReplaceRoute")
    with pytest.raises(VipswitchError):
        tested.claim(tested.places[0], rig.id(0), None, soon())
    assert ear.told == [("aws", "ec2:ReplaceRoute", "OutcomeUnknown")]
    rig.cloud.faults.drop_after(1, "DescribeRouteTables")
    with pytest.raises(VipswitchError):
        tested.read(tested.places, soon())
    assert ear.told[1:] == [("aws", "ec2:DescribeRouteTables", "Unavailable")]


def test_what_never_left_is_no_request(rig: Rig, ear: Ear) -> None:
    """The deadline had passed before."""
    tested = rig.provider()
    with pytest.raises(VipswitchError):
        tested.read(tested.places, soon(0.0))
    assert ear.told == []


def test_nobody_is_told_who_does_not_listen(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """At the level of a hook, not even a record is made."""
    caplog.set_level(logging.INFO, "vipswitch")
    tested = rig.provider()
    tested.read(tested.places, soon())
    assert not [record for record in caplog.records if record.name == "vipswitch.api"]
