"""What the demo concludes from what it saw, on evidence made by hand."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from vipswitch.demo.blackout import Blackout, blackout
from vipswitch.demo.client import turns
from vipswitch.demo.ear import Ear, Run
from vipswitch.demo.events import Event
from vipswitch.demo.given import Keys, as_file, as_flags
from vipswitch.demo.probes import Probe, Probes
from vipswitch.demo.scene import Request, Route
from vipswitch.demo.strip import by_seconds, strip
from vipswitch.demo.verdict import Facts, untrue

UP = Run("n2", "up", 12.0, 12.5, 0)
ROUTES = [Route(5.0, "clients' table", "n1"), Route(12.25, "clients' table", "n2")]


def probes(*spans: tuple[int, int, str | None]) -> list[Probe]:
    """One probe every 20 ms, answered after 1 ms; spans in hundredths of a second."""
    return [
        Probe(at / 100, at / 100 + 0.001 if node else None, node)
        for start, end, node in spans
        for at in range(start, end, 2)
    ]


SEEN = probes((900, 1000, "n1"), (1000, 1230, None), (1230, 1400, "n2"))


@pytest.fixture
def facts() -> Facts:
    """n1 had the VIP and died, n2 took it, the late `down` of n1 changed nothing."""
    status = {"n1": (0, "primary  other  rtb-1  n2\n"), "n2": (0, "primary  self  rtb-1  n2\n")}
    return Facts(
        first=Run("n1", "up", 4.0, 5.0, 0),
        second=UP,
        blackout=blackout(SEEN, ROUTES, UP),
        taken=[Request("n2", "ReplaceRoute", True, 12.2)],
        routes=ROUTES,
        down=Run("n1", "down", 15.0, 15.2, 0),
        late=[],
        routes_after=ROUTES,
        probes=probes((1500, 1600, "n2")),
        status=status,
    )


def test_the_blackout_is_divided_among_those_who_caused_it() -> None:
    """Until the hook is called, until the route has moved, until the answer; together all of it."""
    gap = blackout(SEEN, ROUTES, UP)
    assert isinstance(gap, Blackout)
    assert gap.detection_s == pytest.approx(12.0 - 9.981)
    assert gap.hook_s == pytest.approx(0.25)
    assert gap.propagation_s == pytest.approx(12.301 - 12.25)
    assert gap.detection_s + gap.hook_s + gap.propagation_s == pytest.approx(gap.total_s)


def test_without_an_answer_there_is_no_blackout_that_ended() -> None:
    """A gap that never ended has no length."""
    assert blackout(probes((900, 1000, "n1"), (1000, 1400, None)), ROUTES, UP) is None


def test_what_went_well_is_not_doubted(facts: Facts) -> None:
    """The verdict is not simply strict."""
    assert list(untrue(facts)) == []


def test_a_vip_that_did_not_move_is_found_out(facts: Facts) -> None:
    """Whatever the hook's exit code says."""
    stayed = [Route(5.0, "clients' table", "n1")]
    found = list(untrue(replace(facts, routes=stayed, routes_after=stayed)))
    assert found == ["clients' table: leads to n1, not n2"]


def test_a_late_down_that_changes_something_is_found_out(facts: Facts) -> None:
    """By its request, by the route, by the client."""
    deleted = [*ROUTES, Route(15.1, "clients' table", None)]
    late = [Request("n1", "DeleteRoute", True, 15.1)]
    lost = probes((1500, 1520, "n2"), (1520, 1600, None))
    assert list(untrue(replace(facts, late=late, routes_after=deleted, probes=lost))) == [
        "the late `down` asked AWS to DeleteRoute",
        "clients' table: led to nobody after the late `down`",
        "40 of 50 probes were lost during the late `down`",
    ]


def test_an_address_that_stays_on_the_old_node_is_found_out(facts: Facts) -> None:
    """`down` always takes the address off."""
    stale = "primary  other  rtb-1      n2\n                this host  has 10.99.0.50\n"
    found = list(untrue(replace(facts, status={**facts.status, "n1": (0, stale)})))
    assert found == ["n1: `vipswitch status` does not say that this host does not have the address"]


def test_the_line_shows_who_answered_in_each_tenth_of_a_second() -> None:
    """The node's number, a dot for silence, a space where nobody asked."""
    assert strip(SEEN, start=9.75, end=12.55) == "111" + "·" * 22 + "222"
    assert strip([], start=0.0, end=0.3) == "   "


def test_the_line_is_broken_into_rows_of_seconds() -> None:
    """A gap after each second."""
    assert by_seconds("1" * 25, seconds=2) == ["1111111111 1111111111", "11111"]


def test_the_client_tells_of_its_first_answer_and_of_the_first_after_a_silence() -> None:
    """And of nothing else."""
    texts = [event.text for event in turns(SEEN)]
    assert texts == ["is answered by n1", "is answered by n2 after 2320 ms of silence"]


def test_an_answer_is_put_to_its_question() -> None:
    """Whatever was asked meanwhile."""
    seen = Probes()
    for line in ("0 1.00", "1 1.02", "0 1.00 1.03 n1"):
        seen.take(line)
    assert seen.all() == (Probe(1.0, 1.03, "n1"), Probe(1.02))


def test_an_ear_hears_when_a_hook_begins_and_ends_and_each_of_its_steps() -> None:
    """What is not for people is kept, not told."""
    told: list[Event] = []
    ear = Ear("n1", told.append)
    lines = [
        "demo: up begins: /opt/bin/vipswitch-if-up 10.99.0.50 --provider file",
        "vipswitch: vip=primary step=add-address 10.99.0.50 done ms=4",
        "vipswitch: vip=primary step=read 1 place place=rtb-1 10.99.0.50 holder=eni-1 ms=19",
        "LOG:  pool_discard_oid_maps: discarded memqcache oid maps",
        "demo: up ended 0",
    ]
    for number, line in enumerate(lines):
        ear.hear(line, at=float(number))
    assert [event.text for event in told] == [
        "runs vipswitch-if-up 10.99.0.50",
        "  add-address 10.99.0.50 done, 4 ms",
        "  read rtb-1 10.99.0.50: held by eni-1, 19 ms",
        "up ended with exit code 0 after 4000 ms",
    ]
    assert ear.runs == [Run("n1", "up", 0.0, 4.0, 0)]
    assert ear.lines == lines


def test_a_hook_is_told_the_same_by_a_file_and_by_flags(tmp_path: Path) -> None:
    """Flags are for user namespaces, where no file is trusted."""
    keys: Keys = {"provider": "aws-route-table", "route_tables": ["rtb-1", "rtb-2"]}
    config = tomllib.loads(Path(as_file(tmp_path, keys).env["VIPSWITCH_CONFIG"]).read_text())
    assert config == {"vip": {"primary": {"address": "10.99.0.50", **keys}}}
    assert as_flags(keys).words == ("--provider", "aws-route-table", "--route-tables", "rtb-1,rtb-2")
