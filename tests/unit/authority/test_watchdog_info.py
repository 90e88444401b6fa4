"""pcp_watchdog_info's output, recorded from real clusters of 4.3.5 and spoilt by hand, is read exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from vipswitch.authority.model import Answer, Verdict
from vipswitch.authority.pgpool import standby
from vipswitch.authority.watchdog_info import Quorum, WatchdogNode, parse

RECORDED = {path.stem: path.read_text() for path in Path(__file__).with_name("pcp").glob("*.txt")}
GOOD = RECORDED["two-healed"]
ONE, TWO, THREE = "10.0.1.10", "10.0.2.10", "10.0.3.10"

VERSION_4_2 = """\
Watchdog Cluster Information \n\
Total Nodes          : 2
Remote Nodes         : 1
Quorum state         : QUORUM EXIST
Alive Remote Nodes   : 1
VIP up on local node : YES
Leader Node Name     : pg1:9999 Linux pg1
Leader Host Name     : pg1

Watchdog Node Information \n\
Node Name      : pg1:9999 Linux pg1
Host Name      : pg1
Delegate IP    : 10.99.0.50
Pgpool port    : 9999
Watchdog port  : 9000
Node priority  : 1
Status         : 4
Status Name    : LEADER

Node Name      : pg2:9999 Linux pg2
Host Name      : pg2
Delegate IP    : 10.99.0.50
Pgpool port    : 9999
Watchdog port  : 9000
Node priority  : 1
Status         : 7
Status Name    : STANDBY

"""


def judged(text: str, me: str = ONE, holder: str = TWO) -> Answer | WatchdogNode:
    """What is made of an output."""
    return standby(parse(text), me, holder)


def test_everything_that_matters_is_read() -> None:
    """The local node first, then the others, with Pgpool-II's own words."""
    watchdog = parse(RECORDED["three-standby-stopped"])
    assert (watchdog.quorum, watchdog.escalated, watchdog.leader_host) == (Quorum.EXIST, True, ONE)
    assert watchdog.local == WatchdogNode(ONE, 9000, "LEADER", True)
    assert [(node.host, node.status) for node in watchdog.remote] == [(TWO, "STANDBY"), (THREE, "SHUTDOWN")]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_every_recorded_output_but_that_of_one_node_is_read(name: str) -> None:
    """Nothing that the real program prints is taken for garbage; a list of one node is no cluster."""
    if name == "two-local-only":
        with pytest.raises(ValueError, match="2 nodes, 1 of them remote, and 1 listed"):
            parse(RECORDED[name])
    else:
        assert parse(RECORDED[name]).local.host in (ONE, TWO, THREE)


@pytest.mark.parametrize(
    ("name", "me", "holder"),
    [
        ("two-leader", ONE, TWO),
        ("two-healed", ONE, TWO),
        ("three-leader", ONE, THREE),
        ("three-standby-cut", ONE, TWO),
    ],
)
def test_leader_with_quorum_may_take_from_a_connected_standby(name: str, me: str, holder: str) -> None:
    """Also after the heal of a split in which both have led."""
    assert judged(RECORDED[name], me, holder) == WatchdogNode(holder, 9000, "STANDBY", True)


@pytest.mark.parametrize(
    ("name", "me", "holder", "why"),
    [
        ("two-split-leader", ONE, TWO, "leads, but quorum is on the edge"),
        ("two-split-second-leader", TWO, ONE, "leads, but quorum is on the edge"),
        ("two-split-joining", TWO, ONE, "0 nodes lead"),
        ("two-healed-loading", ONE, TWO, "leads, but quorum is on the edge"),
        ("two-healed-both-lead", ONE, TWO, "2 nodes lead"),
        ("two-healed-initializing", ONE, TWO, "leads, but quorum is on the edge"),
        ("three-starting", ONE, TWO, "leads, but quorum absent; it has not escalated"),
        ("three-standby-cut", ONE, THREE, "10.0.3.10 is LOST"),
        ("three-standby-stopped", ONE, THREE, "10.0.3.10 is SHUTDOWN"),
        ("three-cut-off", THREE, ONE, "0 nodes lead"),
        ("three-alone", ONE, TWO, "leads, but quorum absent"),
        ("two-leader", TWO, ONE, "that was asked is 10.0.1.10, and this node is 10.0.2.10"),
        ("two-leader", ONE, "10.0.2.1", "10.0.2.1 is none of the other"),
        ("two-leader", ONE, ONE, "10.0.1.10 is none of the other"),
    ],
)
def test_without_quorum_or_a_known_connected_standby_nobody_can_tell(
    name: str, me: str, holder: str, why: str
) -> None:
    """Each of these was seen on a real cluster while it was split, healing, starting or dying."""
    answer = judged(RECORDED[name], me, holder)
    assert isinstance(answer, Answer)
    assert answer.verdict is Verdict.UNKNOWN
    assert why in answer.why


@pytest.mark.parametrize("name", ["two-standby", "three-standby"])
def test_standby_is_told_no(name: str) -> None:
    """Another node leads."""
    me = parse(RECORDED[name]).local.host
    assert judged(RECORDED[name], me, ONE) == Answer(Verdict.NO, "10.0.1.10 leads")


def test_version_4_2_is_read_too() -> None:
    """It has other labels, and no membership."""
    assert judged(VERSION_4_2, "PG1", "pg2") == WatchdogNode("pg2", 9000, "STANDBY", True)
    with pytest.raises(ValueError, match="fields"):
        parse(VERSION_4_2.replace("VIP up on local node", "Local node escalation"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Local node escalation    : YES", "Local node escalation    : NO"),
        (
            "Status            : 7\nStatus Name       : STANDBY",
            "Status            : 0\nStatus Name       : DEAD",
        ),
        (
            "Status Name       : STANDBY\nMembership Status : MEMBER",
            "Status Name       : STANDBY\nMembership Status : REVOKED-LOST",
        ),
        (
            "Status Name       : LEADER\nMembership Status : MEMBER",
            "Status Name       : LEADER\nMembership Status : REVOKED-LOST",
        ),
        ("Leader Host Name         : 10.0.1.10", "Leader Host Name         : 10.0.2.10"),
        ("Quorum state             : QUORUM EXIST", "Quorum state             : NO LEADER NODE"),
    ],
)
def test_one_word_less_is_not_yes(before: str, after: str) -> None:
    """Every part of the condition is looked at."""
    assert before in GOOD
    answer = judged(GOOD.replace(before, after))
    assert isinstance(answer, Answer)
    assert answer.verdict is Verdict.UNKNOWN


def test_truncated_output_is_refused() -> None:
    """Wherever it breaks off."""
    for length in range(len(GOOD)):
        with pytest.raises(ValueError):
            parse(GOOD[:length])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Host Name         : 10.0.2.10", "Host Name         : 10.0.1.10", "listed twice"),
        (
            "Quorum state             : QUORUM EXIST",
            "Quorum state             : QUORUM EXISTS",
            "quorum state",
        ),
        ("Quorum state             : QUORUM EXIST", "Quorum state             : UNKNOWN", "quorum state"),
        ("Local node escalation    : YES", "Local node escalation    : yes", "escalation"),
        ("Status Name       : STANDBY", "Status Name       : FOLLOWER", "status 7 'FOLLOWER'"),
        ("Status            : 7", "Status            : 4", "status 4 'STANDBY'"),
        ("Status            : 7", "Status            : 12", "status 12 'STANDBY'"),
        ("Status            : 7", "Status            : -7", "not a number"),
        ("Membership Status : MEMBER", "Membership Status : GUEST", "membership"),
        ("Total Nodes              : 2", "Total Nodes              : 3", "3 nodes"),
        ("Remote Nodes             : 1", "Remote Nodes             : 2", "2 of them remote"),
        ("Alive Remote Nodes       : 1", "Alive Remote Nodes       : 2", "2 of 1 remote"),
        ("Watchdog port     : 9000\n", "", "fields"),
        ("Pgpool port       : 9999\n", "Pgpool port       : 9999\nWeather           : fair\n", "fields"),
        (
            "Pgpool port       : 9999\n",
            "Pgpool port       : 9999\nPgpool port       : 9999\n",
            "not expected",
        ),
        ("Watchdog Node Information \n", "", "no Watchdog Node Information"),
        (
            "Watchdog Cluster Information \n",
            "Password: Watchdog Cluster Information \n",
            "no Watchdog Cluster",
        ),
    ],
)
def test_unexpected_output_is_refused(before: str, after: str, told: str) -> None:
    """A newer Pgpool-II that says something new must be read by somebody first."""
    assert before in GOOD
    with pytest.raises(ValueError, match=told):
        parse(GOOD.replace(before, after, 1))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\n\n\n\n", "ERROR: x", f"x\n{GOOD}", f"{GOOD}\n", f"{GOOD}x", GOOD * 2]
)
def test_garbage_around_the_output_is_refused(text: str) -> None:
    """It may be from something else."""
    with pytest.raises(ValueError):
        parse(text)
