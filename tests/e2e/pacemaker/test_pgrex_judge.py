"""The judge of a PG-REX pair finds what is wrong, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.e2e.evidence import Route
from tests.e2e.pacemaker.pgrex_evidence import Evidence, Standby, Statement
from tests.e2e.pacemaker.pgrex_judge import BACK_WITHIN_S, violations

_MARKS = (
    "begun",
    "switchover",
    "switched",
    "joined after switchover",
    "standby killed",
    "moved to primary",
    "powered on",
    "joined after power failure",
    "primary killed",
    "promoted",
    "powered on again",
    "joined after promotion",
    "end",
)
_EVERY_S = 10.0
_AT = {mark: number * _EVERY_S for number, mark in enumerate(_MARKS)}
_WRITES = [Statement(second, second + 0.5, said=str(second)) for second in range(1, 120)]
_READS = [
    Statement(second, second + 0.5, said="primary" if second in range(48, 65) else "standby")
    for second in range(1, 120)
]


def played() -> Evidence:
    """A play in which everybody did his part; an act every ten seconds."""
    return Evidence(
        roles={"primary": "n1", "standby": "n2"},
        marks=dict(_AT),
        moves={
            "primary": _moves("10.0.1.100", n1=1.0, n2=15.0, back=85.0),
            "replication": _moves("10.0.2.100", n1=1.0, n2=16.0, back=86.0),
            "standby": [
                Route(at, "10.0.1.101", node)
                for at, node in ((2.0, "n2"), (28.0, "n1"), (45.0, "n2"), (68.0, "n1"), (108.0, "n2"))
            ],
        },
        writes=list(_WRITES),
        reads=list(_READS),
        standbys=[Standby(_AT["begun"], "n2", "10.0.2.100", "10.0.2.12")],
        rows={"n1": list(range(1, 130)), "n2": list(range(1, 130))},
        addresses={
            "n1": {"eth0": ["10.0.1.100"], "eth1": ["10.0.2.100"], "eth2": []},
            "n2": {"eth0": ["10.0.1.101"], "eth1": [], "eth2": []},
        },
        fenced=["n1", "n2"],
    )


def _moves(address: str, *, n1: float, n2: float, back: float) -> list[Route]:
    return [Route(n1, address, "n1"), Route(n2, address, "n2"), Route(back, address, "n1")]


def _silent(statements: list[Statement], since: str) -> list[Statement]:
    """From a mark on every statement fails."""
    return [
        replace(each, said=None, error="no route") if each.ended > _AT[since] else each for each in statements
    ]


def _later(evidence: Evidence) -> None:
    """The end of the play comes so late that a silence before it is too long."""
    evidence.marks["end"] += BACK_WITHIN_S - 35.0


def _never_written_again(evidence: Evidence) -> None:
    evidence.writes = _silent(evidence.writes, "primary killed")
    _later(evidence)


def _never_read_again(evidence: Evidence) -> None:
    evidence.reads = _silent(evidence.reads, "primary killed")
    _later(evidence)


def _nothing_written(evidence: Evidence) -> None:
    evidence.writes = _silent(evidence.writes, "begun")


def _row_lost(evidence: Evidence) -> None:
    evidence.rows["n1"].remove(40)


def _needless_move(evidence: Evidence) -> None:
    evidence.moves["primary"].insert(2, Route(50.0, "10.0.1.100", None))
    evidence.moves["primary"].insert(3, Route(51.0, "10.0.1.100", "n2"))


def _not_mended(evidence: Evidence) -> None:
    evidence.marks |= {"deleted": 4.0, "mended": 6.0}
    evidence.moves["primary"].insert(1, Route(4.5, "10.0.1.100", None))


def _left_apart(evidence: Evidence) -> None:
    del evidence.moves["replication"][2]


def _readers_stay(evidence: Evidence) -> None:
    del evidence.moves["standby"][1]


def _read_from_primary(evidence: Evidence) -> None:
    evidence.reads = [replace(each, said="primary") for each in evidence.reads]


def _replicated_from_elsewhere(evidence: Evidence) -> None:
    evidence.standbys.append(Standby(35.0, "n1", "10.0.1.12", "10.0.1.11"))


def _address_stays(evidence: Evidence) -> None:
    evidence.addresses["n2"]["eth1"].append("10.0.2.100")


def _wrong_nic(evidence: Evidence) -> None:
    evidence.addresses["n1"] = {"eth0": ["10.0.1.100", "10.0.2.100"], "eth1": [], "eth2": []}


def _fenced_twice(evidence: Evidence) -> None:
    evidence.fenced.append("n1")


@pytest.mark.parametrize(
    ("alter", "found"),
    [
        (_never_written_again, "no answer for 95.0 s after: primary killed"),
        (_never_read_again, "no answer for 95.0 s after: primary killed"),
        (_nothing_written, "no row was ever written"),
        (_row_lost, "n1 lost 1 rows"),
        (_needless_move, "primary was at n2, None, n2, not at n2, between switched and primary killed"),
        (_not_mended, "primary was at None, not at n1, between mended and switchover"),
        (_left_apart, "replication was at n2, not at n1, between promoted and end"),
        (_readers_stay, "standby was at n2, not at n1, between joined after switchover and standby killed"),
        (_read_from_primary, "read from ['primary'], not from standby, after: joined after power failure"),
        (_replicated_from_elsewhere, "n1 replicated from 10.0.1.12 by 10.0.1.11"),
        (_address_stays, "n2 has 10.0.2.100 on eth1"),
        (_wrong_nic, "n1 has 10.0.2.100 on eth0"),
        (_fenced_twice, "fenced: ['n1', 'n2', 'n1'], not ['n1', 'n2']"),
    ],
)
def test_what_is_wrong_is_found(alter: Callable[[Evidence], None], found: str) -> None:
    """Each in words that say what, who and when."""
    evidence = played()
    alter(evidence)
    assert found in violations(evidence)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    """Also after the evidence was written and read."""
    assert violations(Evidence.from_json(played().to_json())) == []
