"""The judge itself, on evidence made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.e2e.pacemaker import judge
from tests.e2e.pacemaker.evidence import Evidence, Moment

N1 = Moment(1.0, "n1", [], ["n1"], ["n1"], [])
N2 = Moment(2.0, "n2", [], ["n2"], ["n2"], [])
NOTICED = replace(N2, failures=["vip_monitor_5000 on n2"])
GOOD: Mapping[str, Mapping[str, Moment]] = {
    "steady": {
        "started": N1,
        "brown-out": N1,
        "moved": N2,
        "astray": NOTICED,
        "deleted": NOTICED,
        "partition": replace(N2, fenced=["n1"]),
    },
    "outage": {
        "started": N1,
        "during the outage": replace(N2, holders=["n1"]),
        "moved": N2,
        "killed": replace(N1, addresses=["n1", "n2"]),
        "returned": N1,
        "all returned": N1,
    },
    "away": {"started": N1, "during the outage": replace(N2, holders=["n1"]), "moved": N2},
}
JUDGES: Mapping[str, Callable[[Evidence], list[str]]] = {
    "steady": judge.steady,
    "outage": judge.outage,
    "away": judge.away,
}


@pytest.mark.parametrize("scenario", GOOD)
def test_what_should_be_violates_nothing(scenario: str) -> None:
    """The judge is not simply strict."""
    assert JUDGES[scenario](Evidence(GOOD[scenario])) == []


@pytest.mark.parametrize(
    ("scenario", "moment", "planted", "said"),
    [
        ("steady", "moved", N1, "the move moved nothing"),
        ("steady", "moved", replace(N2, addresses=["n1", "n2"]), "moved: the VIP is not with n2 alone"),
        ("steady", "brown-out", N2, "brown-out: the VIP is not with n1 alone"),
        ("steady", "brown-out", NOTICED, "an API that could not be asked failed vip_monitor_5000 on n2"),
        ("steady", "astray", N2, "nobody noticed"),
        ("steady", "deleted", replace(NOTICED, holders=[None]), "deleted: the VIP is not with n2 alone"),
        ("away", "moved", N1, "the move moved nothing"),
        ("away", "moved", replace(N2, where=None), "the resource stays stopped for good"),
        (
            "outage",
            "moved",
            replace(N2, failures=["vip_start_0 on n2"]),
            "the outage failed vip_start_0 on n2",
        ),
        ("away", "during the outage", replace(N2, fenced=["n1"]), "n1 was fenced for an outage"),
        ("outage", "killed", replace(N1, holders=["n2"]), "the survivor did not take the VIP"),
        ("outage", "returned", replace(N1, addresses=["n1", "n2"]), "returned: the VIP is not with n1 alone"),
        ("outage", "all returned", replace(N1, holders=["n2"]), "all returned: the VIP is not with n1 alone"),
        (
            "outage",
            "all returned",
            replace(N1, failures=["vip_monitor_5000"]),
            "what was left was taken",
        ),
        ("steady", "deleted", replace(NOTICED, fenced=["n1"]), "n1 was fenced for nothing"),
        ("steady", "partition", N2, "the partition fenced nobody"),
        ("steady", "partition", replace(N2, fenced=["n1", "n2"]), "the partition fenced n1 and n2"),
        ("steady", "partition", replace(N2, fenced=["n2"]), "the VIP is on a fenced node"),
    ],
)
def test_what_should_not_be_is_found(scenario: str, moment: str, planted: Moment, said: str) -> None:
    """Each in words of its own."""
    found = JUDGES[scenario](Evidence({**GOOD[scenario], moment: planted}))
    assert any(each.startswith(said) for each in found), found
