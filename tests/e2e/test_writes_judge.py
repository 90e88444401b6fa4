"""The judge of late and of half done writes, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e import judge, writes_judge
from tests.e2e.azure import NIC_WRITE
from tests.e2e.azure_methods import AZURE
from tests.e2e.evidence import AddressEvent, Evidence, Hook, Query, Request, Route
from tests.e2e.gcp import INSERT
from tests.e2e.gcp_methods import GCP

ADDRESS = "10.0.1.50"
RULES = AZURE["azure-ip-configuration"].rules
DELETE = "Microsoft.Network/routeTables/routes/delete"


def answered(*spans: tuple[float, float]) -> list[Query]:
    """Queries every 20 ms from moment to moment."""
    return [
        Query(at / 50, at / 50 + 0.005)
        for start, end in spans
        for at in range(round(start * 50), round(end * 50))
    ]


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
        queries=answered((95.0, 100.0), (109.62, 115.0)),
    )


def test_an_address_that_the_next_leader_gives_itself_violates_nothing(halfway: Evidence) -> None:
    """One write is left to make."""
    assert writes_judge.halfway(halfway, RULES) == []


@pytest.mark.parametrize("subjects", [[], ["n1", "n2"]])
def test_a_leader_that_died_at_another_moment_proves_nothing(halfway: Evidence, subjects: list[str]) -> None:
    """Before its first write, or after its second."""
    writes = [Request("n2", NIC_WRITE, 102.0, True, 102.0, None, subject) for subject in subjects]
    found = writes_judge.halfway(replace(halfway, requests=[*writes, halfway.requests[2]]), RULES)
    assert found == [f"n2: was to die between its writes, and has written {subjects}"]


def test_an_address_that_stays_nowhere_is_caught(halfway: Evidence) -> None:
    """Also if `up` says that all is well."""
    found = writes_judge.halfway(replace(halfway, routes=halfway.routes[:2]), RULES)
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


@pytest.fixture
def late() -> Evidence:
    """n1 is stopped at 100 s, n2 takes over at 103 s, and a write of n1 is let through at 108 s."""
    return Evidence(
        marks={"fault": 100.0, "release": 108.0},
        roles={"old": "n1", "new": "n2"},
        hooks=[
            Hook("n1", "up", 90.0, 91.4, 0),
            Hook("n1", "down", 100.1, 110.1, 6),
            Hook("n2", "up", 102.0, 103.7, 0),
        ],
        requests=[
            Request("n1", NIC_WRITE, 100.7, True, None, "PreconditionFailed", "n1"),
            Request("n2", NIC_WRITE, 102.4, True, 102.4, None, "n1"),
            Request("n2", NIC_WRITE, 103.0, True, 103.0, None, "n2"),
        ],
        routes=[Route(91.3, ADDRESS, "n1"), Route(103.0, ADDRESS, None), Route(103.6, ADDRESS, "n2")],
        addresses=[AddressEvent(90.5, "n1", True), AddressEvent(100.6, "n1", False)],
        queries=answered((95.0, 100.0), (103.62, 115.0)),
    )


def test_a_late_write_that_is_refused_violates_nothing(late: Evidence) -> None:
    """Its reading was old by then."""
    assert writes_judge.late_write(late, RULES) == []


def test_a_late_write_that_takes_effect_is_caught(late: Evidence) -> None:
    """Although the interface is its own."""
    blind = replace(late.requests[0], committed=108.0, error=None)
    found = writes_judge.late_write(replace(late, requests=[blind, *late.requests[1:]]), RULES)
    assert found == [f"n1: {NIC_WRITE} took effect at fault +8.000 s"]


def test_a_late_deletion_of_the_new_holders_route_is_caught(late: Evidence) -> None:
    """One of the own route, which is an old one by then, is not."""
    insert = Request("n2", INSERT, 102.4, True, 102.4, None, "n2")
    for whose in ("n1", "n2"):
        delete = Request("n1", "compute.routes.delete", 100.7, True, 108.0, None, whose)
        found = writes_judge.late_write(replace(late, requests=[insert, delete]), GCP["gcp-route"].rules)
        told = [] if whose == "n1" else ["n1: compute.routes.delete changed n2 at fault +8.000 s"]
        assert found == told


def test_a_route_that_is_gone_before_the_next_is_made_is_caught(late: Evidence) -> None:
    """However short the break; an address of a network interface cannot be moved without one."""
    broken = [f"{ADDRESS} leads to nobody for 0.600 s, at fault +3.000 s"]
    assert judge.killed(late, GCP["gcp-route"].rules) == broken
    assert judge.killed(late, GCP["gcp-alias-ip"].rules) == []


def test_a_down_that_wrote_nothing_proves_nothing(late: Evidence) -> None:
    """There was nothing that could be late."""
    found = writes_judge.late_write(replace(late, requests=late.requests[1:]), RULES)
    assert found == ["n1: had no write that could be late"]
