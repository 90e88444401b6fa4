"""The judge of the split and its heal, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e import race_judge
from tests.e2e.evidence import AddressEvent, Deed, Evidence, Hook, Query, Request, Route


@pytest.fixture
def healed() -> Evidence:
    """Split at 100 s; n2 leads at 116 s and gives way at 130 s; the agent of n1 restores the VIP at 138 s."""
    spans = [(95.0, 130.0), (138.12, 145.0)]
    return Evidence(
        marks={"fault": 100.0, "heal": 120.0},
        roles={"old": "n1", "new": "n2"},
        hooks=[
            Hook("n1", "up", 90.0, 90.4, 0),
            Hook("n2", "up", 116.0, 116.2, 0),
            Hook("n2", "down", 130.0, 130.1, 0),
        ],
        requests=[
            Request("n2", "ReplaceRoute", 116.08, True, 116.09),
            Request("n2", "CreateTags", 130.04, True, 130.05),
            Request("n1", "ReplaceRoute", 138.08, True, 138.09),
        ],
        routes=[Route(90.3, "rtb-1", "n1"), Route(116.1, "rtb-1", "n2"), Route(138.1, "rtb-1", "n1")],
        addresses=[
            AddressEvent(90.2, "n1", True),
            AddressEvent(116.05, "n2", True),
            AddressEvent(130.02, "n2", False),
        ],
        queries=[
            Query(at / 50, at / 50 + 0.005)
            for start, end in spans
            for at in range(round(start * 50), round(end * 50))
        ],
        deeds=[Deed(138.0, "n1", "up", "restore", 0, True)],
    )


def test_a_vip_that_comes_back_to_the_leader_violates_nothing(healed: Evidence) -> None:
    """By one write, upon the other's mark."""
    assert race_judge.healed_by_mark(healed) == []


def test_a_vip_that_stays_orphaned_is_caught(healed: Evidence) -> None:
    """The route leads to a node that has let go, and no client has an answer."""
    late = [*healed.routes[:2], Route(147.0, "rtb-1", "n1")]
    found = race_judge.healed_by_mark(
        replace(healed, routes=late, queries=[*healed.queries, Query(150, 150)])
    )
    assert found == [
        "the VIP did not come to n1 for good within 15.0 s",
        "rtb-1 leads to n2, not n1, for 1.900 s, at fault +45.100 s",
    ]


def test_a_leader_that_fights_while_both_lead_is_caught(healed: Evidence) -> None:
    """However short it has the VIP."""
    fight = [Route(118.0, "rtb-1", "n1"), Route(118.5, "rtb-1", "n2")]
    routes = [*healed.routes[:2], *fight, healed.routes[2]]
    found = race_judge.healed_by_mark(replace(healed, routes=routes))
    assert found == ["rtb-1 leads to n1, not n2, for 0.500 s, at fault +18.000 s"]


def test_a_second_move_after_the_heal_is_caught(healed: Evidence) -> None:
    """One write for each route is enough."""
    again = Request("n1", "ReplaceRoute", 141.0, True, 141.1)
    found = race_judge.healed_by_mark(replace(healed, requests=[*healed.requests, again]))
    assert found == ["n1: 2 writes for 1 routes"]


def test_a_vip_that_pgpool_has_moved_proves_nothing(healed: Evidence) -> None:
    """A version that escalates again needs no agent."""
    hooks = [*healed.hooks, Hook("n1", "up", 137.9, 138.2, 0)]
    found = race_judge.healed_by_mark(replace(healed, hooks=hooks))
    assert found == ["n1: Pgpool-II ran `up` at fault +37.900 s"]


def test_a_leader_that_is_chosen_after_the_heal_spoils_the_play(healed: Evidence) -> None:
    """A mere repetition of `up`, by a process older than the heal, does not."""
    assert not race_judge.elected_anew(healed)
    for caller_started, spoiled in ((99.0, False), (137.8, True)):
        up = Hook("n2", "up", 137.9, 138.2, 0, caller_started=caller_started)
        assert race_judge.elected_anew(replace(healed, hooks=[*healed.hooks, up])) == spoiled


def test_an_address_that_stays_on_the_node_that_gave_way_is_caught(healed: Evidence) -> None:
    """It goes before anything is marked."""
    found = race_judge.healed_by_mark(replace(healed, addresses=healed.addresses[:2]))
    assert found == ["n2: the address is not off within 1.0 s"]


def test_a_heal_by_authority_needs_that_nothing_was_marked(healed: Evidence) -> None:
    """Else the mark may have healed it."""
    found = race_judge.healed_by_authority(healed)
    assert found == ["n2: CreateTags was permitted", "n1: no finished `up` (authority) in the history"]
    refused = [replace(r, committed=None) if r.action == "CreateTags" else r for r in healed.requests]
    asked = [replace(healed.deeds[0], reason="authority")]
    assert race_judge.healed_by_authority(replace(healed, requests=refused, deeds=asked)) == []


@pytest.fixture
def contested(healed: Evidence) -> Evidence:
    """The same split, still on at 130 s; Pgpool-II has run `up` on the loser once more."""
    return replace(
        healed,
        marks={"fault": 100.0, "storm": 117.0},
        hooks=[*healed.hooks[:2], Hook("n1", "up", 118.0, 118.1, 4)],
        requests=healed.requests[:1],
        routes=healed.routes[:2],
        addresses=[*healed.addresses[:2], AddressEvent(117.1, "n1", False)],
        queries=[query for query in healed.queries if query.started < 130],
        deeds=[],
    )


def test_a_leader_that_only_reads_violates_nothing(contested: Evidence) -> None:
    """One write is tolerated, on both nodes together."""
    once = Request("n1", "CreateRoute", 119.0, True, None, "RouteAlreadyExists")
    assert race_judge.contested(contested) == []
    assert race_judge.contested(replace(contested, requests=[*contested.requests, once])) == []


def test_two_writes_that_change_nothing_are_caught(contested: Evidence) -> None:
    """They cost requests of an account's limit, without end."""
    writes = [Request(node, "CreateTags", 119.0, True, 119.1) for node in ("n1", "n2")]
    found = race_judge.contested(replace(contested, requests=[*contested.requests, *writes]))
    assert found == [f"{node}: CreateTags was asked for at fault +19.000 s" for node in ("n1", "n2")]


def test_a_split_without_network_events_proves_nothing(contested: Evidence) -> None:
    """Pgpool-II must have called."""
    found = race_judge.contested(replace(contested, hooks=contested.hooks[:2]))
    assert found == ["n1: the storm made Pgpool-II run nothing"]


def test_a_loser_that_gets_its_address_back_is_caught(contested: Evidence) -> None:
    """It has lost the VIP."""
    back = [*contested.addresses, AddressEvent(118.05, "n1", True)]
    assert race_judge.contested(replace(contested, addresses=back)) == ["n1 has the address again"]
