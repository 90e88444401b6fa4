"""The judge of agents, on evidence made by hand: what it lets pass, and each thing that it catches."""

from dataclasses import replace

import pytest

from tests.e2e import agent_judge
from tests.e2e.evidence import AddressEvent, Deed, Evidence, Hook, Query, Request, Route


def answered(*spans: tuple[float, float]) -> list[Query]:
    """Queries every 20 ms from moment to moment."""
    return [
        Query(at / 50, at / 50 + 0.005)
        for start, end in spans
        for at in range(round(start * 50), round(end * 50))
    ]


@pytest.fixture
def restored() -> Evidence:
    """n1 holds the VIP; somebody deletes its route at 100 s, and its agent creates it at 109 s."""
    return Evidence(
        marks={"deleted": 100.0},
        roles={"old": "n1", "new": "n1", "person": "10.0.200.10"},
        hooks=[Hook("n1", "up", 90.0, 90.4, 0)],
        requests=[
            Request("10.0.200.10", "DeleteRoute", 100.01, True, 100.02),
            Request("n1", "CreateRoute", 109.0, True, 109.01),
        ],
        routes=[Route(90.3, "rtb-1", "n1"), Route(100.03, "rtb-1", None), Route(109.02, "rtb-1", "n1")],
        queries=answered((95, 100), (109.04, 120)),
    )


def test_a_route_that_is_created_again_in_time_violates_nothing(restored: Evidence) -> None:
    """One request by the holder, nine seconds later."""
    assert agent_judge.route_deleted(restored) == []


def test_a_restore_that_replaces_is_caught(restored: Evidence) -> None:
    """It would take the route from whoever had come to hold it meanwhile."""
    forced = [replace(r, action="ReplaceRoute") if r.node == "n1" else r for r in restored.requests]
    found = agent_judge.route_deleted(replace(restored, requests=forced))
    assert found == ["n1: ReplaceRoute was asked for at deleted +9.000 s"]


def test_a_restore_by_another_node_is_caught(restored: Evidence) -> None:
    """Even where the cloud refuses it."""
    refused = Request("n2", "CreateRoute", 109.5, True, None, "RouteAlreadyExists")
    found = agent_judge.route_deleted(replace(restored, requests=[*restored.requests, refused]))
    assert found == ["n2: CreateRoute was asked for at deleted +9.500 s"]


def test_a_restore_that_is_late_is_caught(restored: Evidence) -> None:
    """Three looks are enough."""
    late = [*restored.routes[:2], Route(116.0, "rtb-1", "n1")]
    found = agent_judge.route_deleted(replace(restored, routes=late))
    assert found == [
        "the VIP did not come to n1 for good within 15.0 s",
        "rtb-1 leads to nobody, not n1, for 1.000 s, at deleted +15.000 s",
    ]


def test_a_route_that_pgpool_has_restored_proves_nothing(restored: Evidence) -> None:
    """The scenario has lost its bite."""
    again = [*restored.hooks, Hook("n1", "up", 105.0, 105.4, 0)]
    found = agent_judge.route_deleted(replace(restored, hooks=again))
    assert found == ["n1: Pgpool-II ran `up` at deleted +5.000 s"]


@pytest.fixture
def finished() -> Evidence:
    """n1 dies at 100 s; the hook of n2 is killed at 102.2 s, and its agent moves the VIP at 102.3 s."""
    return Evidence(
        marks={"fault": 100.0, "hook killed": 102.2},
        roles={"old": "n1", "new": "n2"},
        hooks=[Hook("n1", "up", 90.0, 90.4, 0), Hook("n2", "up", 102.0, 102.21, -9)],
        requests=[
            Request("n2", "ReplaceRoute", 102.1, True),
            Request("n2", "ReplaceRoute", 102.29, True, 102.3),
        ],
        routes=[Route(90.3, "rtb-1", "n1"), Route(102.31, "rtb-1", "n2")],
        addresses=[AddressEvent(90.2, "n1", True), AddressEvent(102.1, "n2", True)],
        queries=answered((95, 100), (102.34, 110)),
        deeds=[Deed(102.05, "n2", "up", "order", 0, True)],
    )


def test_an_order_that_outlives_its_hook_violates_nothing(finished: Evidence) -> None:
    """It is finished, and clients notice."""
    assert agent_judge.hook_killed(finished) == []


def test_a_hook_that_was_not_killed_proves_nothing(finished: Evidence) -> None:
    """It may have done the work itself."""
    lived = [finished.hooks[0], replace(finished.hooks[1], code=0)]
    found = agent_judge.hook_killed(replace(finished, hooks=lived))
    assert found == ["n2: `up` was to be killed, and ended with [0]"]


def test_a_write_that_came_before_the_kill_proves_nothing(finished: Evidence) -> None:
    """Then the hook's order was done when it was killed."""
    early = Request("n2", "ReplaceRoute", 102.1, True, 102.15)
    prepared = replace(early, action="ModifyNetworkInterfaceAttribute")
    assert agent_judge.hook_killed(replace(finished, requests=[prepared])) == []
    found = agent_judge.hook_killed(replace(finished, requests=[early]))
    assert found == ["n2: ReplaceRoute took effect before the hook was killed"]


def test_a_move_that_is_not_in_the_history_is_caught(finished: Evidence) -> None:
    """Or that stands there as one to go on with."""
    found = agent_judge.hook_killed(replace(finished, deeds=[replace(finished.deeds[0], finished=False)]))
    assert found == ["n2: no finished `up` (order) in the history"]


@pytest.fixture
def cleared() -> Evidence:
    """n1 dies at 100 s with its agent, n2 takes over; the agent of n1 starts at 105 s, tidies up at 111 s."""
    return Evidence(
        marks={"fault": 100.0, "agent": 105.0},
        roles={"old": "n1", "new": "n2"},
        hooks=[Hook("n1", "up", 90.0, 90.4, 0), Hook("n2", "up", 102.0, 102.2, 0)],
        requests=[Request("n2", "ReplaceRoute", 102.1, True, 102.11)],
        routes=[Route(90.3, "rtb-1", "n1"), Route(102.12, "rtb-1", "n2")],
        addresses=[
            AddressEvent(90.2, "n1", True),
            AddressEvent(102.1, "n2", True),
            AddressEvent(111.0, "n1", False),
        ],
        queries=answered((95, 100), (102, 120)),
    )


def test_a_stale_address_that_goes_in_time_violates_nothing(cleared: Evidence) -> None:
    """And nothing else was done."""
    assert agent_judge.stale_address(cleared) == []


def test_a_stale_address_that_stays_too_long_is_caught(cleared: Evidence) -> None:
    """Two looks are enough."""
    late = [*cleared.addresses[:2], AddressEvent(118.0, "n1", False)]
    found = agent_judge.stale_address(replace(cleared, addresses=late))
    assert found == ["n1: the address was not gone within 12.0 s"]


def test_an_agent_that_asks_for_a_write_as_it_starts_is_caught(cleared: Evidence) -> None:
    """What the dead node held is another's now."""
    write = Request("n1", "CreateTags", 110.9, True, 110.95)
    found = agent_judge.stale_address(replace(cleared, requests=[*cleared.requests, write]))
    assert found == ["n1: CreateTags was asked for at fault +10.900 s"]


def test_an_order_that_no_agent_carried_out_is_caught(finished: Evidence) -> None:
    """Counted by node and verb."""
    deeds = [*finished.deeds, Deed(90.1, "n1", "up", "order", 0, True)]
    assert agent_judge.alone(replace(finished, deeds=deeds)) == []
    assert agent_judge.alone(finished) == ["n1: 1 `up` without the agent"]
