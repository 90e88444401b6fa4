"""The agent's log: lines that machines can take apart, in the form that their reader expects."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from vipswitch.errors import Unavailable
from vipswitch.logs import is_journal, log_to
from vipswitch.model import Holding, NodeId, Place
from vipswitch.plan import AddAddress, Claim, Read
from vipswitch.steplog import StepLog
from vipswitch.world import Acknowledged, AddressAdded, Saw, Troubled

PLACE = Place("rtb-1", ip_address("10.99.0.50"))
Logged = Callable[[], str]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Our logger, as it was before the test afterwards."""
    ours = logging.getLogger("vipswitch")
    handlers, level, propagate = ours.handlers[:], ours.level, ours.propagate
    yield ours
    ours.handlers[:], ours.propagate = handlers, propagate
    ours.setLevel(level)


@pytest.fixture
def json_lines(logger: logging.Logger) -> Logged:
    """What is logged, as a container's log gets it."""
    stream = io.StringIO()
    log_to(stream, logging.INFO)
    return stream.getvalue


@pytest.fixture
def journal(logger: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """What is logged, as the journal gets it: a file stands for its stream."""
    with (tmp_path / "stream").open("w+") as stream:
        about = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino}")
        log_to(stream, logging.INFO)
        yield (tmp_path / "stream").read_text


def test_a_step_is_a_line_with_its_fields(json_lines: Logged) -> None:
    """VIP, place and node, the step with its milliseconds and what came of it, and for which order."""
    steps = StepLog("primary", node="eni-1", order="d5f437e8")
    steps.ended(Claim(PLACE, None), [Troubled(PLACE, Unavailable("rtb-1: throttled"))], 0.0612)
    line = json.loads(json_lines())
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "info",
        "message": "vip=primary step=claim rtb-1 10.99.0.50 failed: rtb-1: throttled ms=61",
        "vip": "primary",
        "place": "rtb-1 10.99.0.50",
        "node": "eni-1",
        "order": "d5f437e8",
        "step": "claim rtb-1 10.99.0.50",
        "outcome": "failed: rtb-1: throttled",
        "ms": 61.2,
    }


def test_each_place_that_was_read_has_its_line(json_lines: Logged) -> None:
    """With its own place; a step on the host has none."""
    steps, other = StepLog("primary"), Place("rtb-2", PLACE.address)
    holding = Holding(NodeId("eni-1"))
    steps.ended(Read((PLACE, other)), [Saw(PLACE, holding), Saw(other, holding)], 0.02)
    steps.ended(AddAddress(ip_address("10.99.0.50")), [AddressAdded(ip_address("10.99.0.50"))], 0.004)
    lines = [json.loads(line) for line in json_lines().splitlines()]
    assert [line.get("place") for line in lines] == [str(PLACE), str(other), None]
    assert not any("node" in line or "order" in line for line in lines)


def test_the_journal_gets_text_with_its_priority(journal: Logged) -> None:
    """And the fields that the text does not say."""
    StepLog("primary", node="eni-1").ended(Claim(PLACE, None), [Acknowledged(PLACE)], 0.061)
    logging.getLogger("vipswitch").warning("rtb-1: held by another", extra={"vip": "primary"})
    logging.getLogger("vipswitch.act").error("rtb-1: denied")
    step, warning, error = journal().splitlines()
    assert step == "<6>vip=primary step=claim rtb-1 10.99.0.50 done ms=61 place=rtb-1 10.99.0.50 node=eni-1"
    assert (warning, error) == ("<4>rtb-1: held by another vip=primary", "<3>rtb-1: denied")


def test_a_traceback_is_one_record(json_lines: Logged) -> None:
    """Its lines do not become records of their own."""
    try:
        raise RuntimeError("bug")
    except RuntimeError:
        logging.getLogger("vipswitch").error("stopped", exc_info=True)
    (line,) = json_lines().splitlines()
    assert "RuntimeError: bug" in json.loads(line)["traceback"]


def test_every_line_of_a_traceback_has_its_priority_in_the_journal(journal: Logged) -> None:
    """A line without one would become an entry of another level."""
    try:
        raise RuntimeError("bug")
    except RuntimeError:
        logging.getLogger("vipswitch").error("stopped", exc_info=True)
    assert len(journal().splitlines()) > 3
    assert all(line.startswith("<3>") for line in journal().splitlines())


def test_a_message_of_many_lines_is_one_record(json_lines: Logged) -> None:
    """Whatever it says."""
    logging.getLogger("vipswitch").warning('two\nlines and "quotes"')
    assert json.loads(json_lines())["message"] == 'two\nlines and "quotes"'


def test_another_stream_than_the_journal_s_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is inherited by children whose stderr goes elsewhere."""
    monkeypatch.setenv("JOURNAL_STREAM", "9:12345")
    with (tmp_path / "file").open("w") as file:
        assert not is_journal(file)
    assert not is_journal(file)
    assert not is_journal(io.StringIO())


def test_a_log_that_nobody_reads_stops_nobody(logger: logging.Logger) -> None:
    """The other end of the pipe is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    log_to(stream, logging.INFO)
    logger.warning("said to nobody")
    with pytest.raises(BrokenPipeError):
        stream.close()
