"""The judge of outages, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e import outage_judge
from tests.e2e.evidence import AddressEvent, Deed, Evidence, Hook, Query, Request, Route


@pytest.fixture
def outlived() -> Evidence:
    """n1 dies at 100 s, `up` of n2 fails at 112 s, the API is back at 160 s, the VIP on n2 at 161 s."""
    return Evidence(
        marks={"fault": 100.0, "return": 160.0},
        roles={"old": "n1", "new": "n2"},
        hooks=[Hook("n1", "up", 90.0, 90.4, 0), Hook("n2", "up", 102.0, 112.1, 5)],
        requests=[Request("n2", "ReplaceRoute", 160.9, True, 160.95)],
        routes=[Route(90.3, "rtb-1", "n1"), Route(161.0, "rtb-1", "n2")],
        addresses=[AddressEvent(90.2, "n1", True), AddressEvent(102.1, "n2", True)],
        queries=[Query(at / 50, at / 50 + 0.005) for at in range(8051, 8500)],
        deeds=[Deed(102.0, "n2", "up", "order", 0, True)],
    )


def test_an_order_that_outlives_the_outage_violates_nothing(outlived: Evidence) -> None:
    """The hook has failed in time, and the agent has gone on."""
    assert outage_judge.api_down(outlived) == []


def test_an_order_that_comes_too_late_is_caught(outlived: Evidence) -> None:
    """Within seconds of the return."""
    late = [outlived.routes[0], Route(169.0, "rtb-1", "n2")]
    found = outage_judge.api_down(replace(outlived, routes=late))
    assert found == [
        "the VIP did not come to n2 for good within 8.0 s",
        "rtb-1 leads to n1, not n2, for 1.000 s, at fault +68.000 s",
    ]


def test_a_hook_that_keeps_its_caller_waiting_is_caught(outlived: Evidence) -> None:
    """Pgpool-II would wait without end."""
    slow = [outlived.hooks[0], replace(outlived.hooks[1], ended=130.0)]
    assert outage_judge.api_down(replace(outlived, hooks=slow)) == ["n2: `up` took 28.000 s"]


def test_a_hook_that_says_success_is_caught(outlived: Evidence) -> None:
    """Nothing had been done; nor may it name another reason."""
    said = [outlived.hooks[0], replace(outlived.hooks[1], code=0)]
    assert outage_judge.api_down(replace(outlived, hooks=said)) == ["n2: `up` ended with 0"]
    assert outage_judge.api_refuses(outlived) == ["n2: `up` ended with 5"]


def test_a_second_up_proves_nothing(outlived: Evidence) -> None:
    """It may have done what the agent should."""
    again = [*outlived.hooks, Hook("n2", "up", 160.5, 161.0, 0)]
    [found] = outage_judge.api_down(replace(outlived, hooks=again))
    assert found.startswith("not one `up` that ended before the API was back")


def test_another_node_that_stirs_is_caught(outlived: Evidence) -> None:
    """A write, or an address."""
    write = Request("n3", "CreateRoute", 150.0, True, None, "RouteAlreadyExists")
    took = AddressEvent(150.1, "n3", True)
    evidence = replace(outlived, requests=[*outlived.requests, write], addresses=[*outlived.addresses, took])
    assert outage_judge.api_down(evidence) == [
        "n3: CreateRoute was asked for at fault +50.000 s",
        "n3: took the address at fault +50.100 s",
    ]
