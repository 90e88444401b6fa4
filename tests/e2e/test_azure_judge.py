"""The judge of Azure's plays, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e import azure_judge, judge
from tests.e2e.azure_judge import NIC_WRITE
from tests.e2e.azure_methods import AZURE
from tests.e2e.evidence import Evidence, Hook, Query, Request, Route

ADDRESS = "10.0.1.50"
RULES = AZURE["azure-ip-configuration"].rules
DELETE = "Microsoft.Network/routeTables/routes/delete"


@pytest.fixture
def halfway() -> Evidence:
    """n1 dies at 100 s; n2 takes the address off it at 102 s, and dies; n3 gives it to itself at 109 s."""
    return Evidence(
        marks={"fault": 100.0, "killed halfway": 103.0},
        roles={"old": "n1", "halfway": "n2", "new": "n3"},
        hooks=[
            Hook("n1", "up", 90.0, 91.4, 0),
            Hook("n2", "up", 101.8),
            Hook("n3", "up", 108.5, 109.7, 0),
        ],
        requests=[
            Request("n2", NIC_WRITE, 102.0, True, 102.0, None, "n1"),
            Request("n2", NIC_WRITE, 102.9, True, None, None, "n2"),
            Request("n3", NIC_WRITE, 109.0, True, 109.0, None, "n3"),
        ],
        routes=[Route(91.3, ADDRESS, "n1"), Route(102.6, ADDRESS, None), Route(109.6, ADDRESS, "n3")],
        queries=[
            Query(at / 50, at / 50 + 0.005)
            for start, end in ((95.0, 100.0), (109.62, 115.0))
            for at in range(round(start * 50), round(end * 50))
        ],
    )


def test_an_address_that_the_next_leader_gives_itself_violates_nothing(halfway: Evidence) -> None:
    """One write is left to make."""
    assert azure_judge.halfway(halfway, RULES) == []


@pytest.mark.parametrize("subjects", [[], ["n1", "n2"]])
def test_a_leader_that_died_at_another_moment_proves_nothing(halfway: Evidence, subjects: list[str]) -> None:
    """Before its first write, or after its second."""
    writes = [Request("n2", NIC_WRITE, 102.0, True, 102.0, None, subject) for subject in subjects]
    found = azure_judge.halfway(replace(halfway, requests=[*writes, halfway.requests[2]]), RULES)
    assert found == [f"n2: was to die between its writes, and has written {subjects}"]


def test_an_address_that_stays_nowhere_is_caught(halfway: Evidence) -> None:
    """Also if `up` says that all is well."""
    found = azure_judge.halfway(replace(halfway, routes=halfway.routes[:2]), RULES)
    assert found == [f"{ADDRESS} leads to nobody, not n3, for 5.285 s, at fault +9.700 s"]


def test_a_write_to_the_interface_of_the_new_holder_is_caught(halfway: Evidence) -> None:
    """Even one that came before `up` returned, and did no harm."""
    write = Request("n1", NIC_WRITE, 109.2, True, 109.2, None, "n3")
    found = judge.takeover(replace(halfway, requests=[*halfway.requests, write]), RULES)
    assert found == [f"n1: {NIC_WRITE} changed n3 at fault +9.200 s"]


def test_a_release_of_the_own_interface_after_the_takeover_is_caught(halfway: Evidence) -> None:
    """A reading of before was still good enough for it."""
    write = Request("n1", NIC_WRITE, 110.0, True, 110.0, None, "n1")
    found = judge.takeover(replace(halfway, requests=[*halfway.requests, write]), RULES)
    assert found == [f"n1: {NIC_WRITE} took effect at fault +10.000 s"]


def test_a_route_that_is_deleted_is_caught(halfway: Evidence) -> None:
    """Whoever does it, and however early."""
    delete = Request("n3", DELETE, 108.6, True, 108.6, None, "vip")
    evidence = replace(halfway, requests=[delete])
    found = judge.takeover(evidence, AZURE["azure-route-table"].rules)
    assert found == [f"n3: {DELETE} changed vip at fault +8.600 s"]
