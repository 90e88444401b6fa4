"""The judge itself, on evidence made by hand."""

from dataclasses import replace

import pytest

from tests.e2e import judge
from tests.e2e.blackout import divided
from tests.e2e.evidence import AddressEvent, Evidence, Hook, Query, Request, Route


@pytest.fixture
def good() -> Evidence:
    """n1 is stopped at 100 s; n2 has the VIP at 102.3 s, and its hook returns at 102.4 s."""
    answered = [Query(at / 50, at / 50 + 0.005) for at in [*range(4900, 5000), *range(5116, 5500)]]
    refused = [Query(at / 50, at / 50 + 0.001, "refused") for at in range(5000, 5116)]
    return Evidence(
        marks={"fault": 100.0},
        roles={"old": "n1", "new": "n2"},
        hooks=[
            Hook("n1", "up", 90.0, 90.4, 0),
            Hook("n1", "down", 100.1, 100.5, 0),
            Hook("n2", "up", 102.1, 102.4, 0),
        ],
        requests=[Request("n2", "ReplaceRoute", 102.25, True, 102.29)],
        routes=[Route(90.3, "rtb-1", "n1"), Route(102.3, "rtb-1", "n2")],
        addresses=[
            AddressEvent(90.2, "n1", True),
            AddressEvent(100.2, "n1", False),
            AddressEvent(102.2, "n2", True),
        ],
        queries=sorted([*answered, *refused], key=lambda query: query.started),
    )


def test_a_clean_takeover_violates_nothing(good: Evidence) -> None:
    """The judge is not simply strict."""
    assert judge.stopped(good) == []


def test_an_instant_without_holder_is_seen_however_short(good: Evidence) -> None:
    """A route that was gone for a millisecond between two samples is a violation."""
    gap = [Route(105.0, "rtb-1", None), Route(105.001, "rtb-1", "n2")]
    assert judge.stopped(replace(good, routes=good.routes + gap)) == [
        "rtb-1 leads to nobody, not n2, for 0.001 s, at fault +5.000 s"
    ]


def test_a_table_that_was_never_moved_is_a_wrong_holder(good: Evidence) -> None:
    """Every table counts, also one that saw no change."""
    left = [*good.routes, Route(90.3, "rtb-2", "n1")]
    assert any("rtb-2 leads to n1" in each for each in judge.stopped(replace(good, routes=left)))


def test_an_up_that_failed_ends_no_blackout(good: Evidence) -> None:
    """Only an exit code of 0 says that the VIP is here."""
    failed = [replace(hook, code=1) for hook in good.hooks]
    assert judge.stopped(replace(good, hooks=failed))[0] == "no `up` succeeded after the fault"


def test_a_late_write_to_a_route_is_seen_even_if_it_changed_nothing(good: Evidence) -> None:
    """A write that happens to do no harm is a late write all the same."""
    late = Request("n1", "DeleteRoute", 100.2, True, 107.4)
    found = judge.stopped(replace(good, requests=[*good.requests, late]))
    assert found == ["n1: DeleteRoute took effect at fault +7.400 s"]


def test_an_answer_after_more_than_200_ms_is_late(good: Evidence) -> None:
    """Measured from the return of `up`."""
    deaf = [query for query in good.queries if not 102.0 < query.started < 102.9]
    assert judge.stopped(replace(good, queries=deaf)) == ["the first answer came 0.505 s after the new `up`"]


def test_clients_of_a_name_may_be_late_by_its_ttl(good: Evidence) -> None:
    """How late is a rule of the method."""
    deaf = [query for query in good.queries if not 102.0 < query.started < 102.9]
    patient = replace(judge.ROUTES, first_answer_within_s=1.2)
    assert judge.stopped(replace(good, queries=deaf), patient) == []


def test_a_method_without_an_address_on_hosts_asks_for_none(good: Evidence) -> None:
    """But `down` must have been run."""
    rules = replace(judge.ROUTES, address=False)
    assert judge.stopped(replace(good, addresses=[]), rules) == []
    silent = [hook for hook in good.hooks if hook.hook != "down"]
    assert judge.stopped(replace(good, hooks=silent), rules) == ["n1: Pgpool-II never ran `down`"]


def test_a_late_write_is_one_of_the_method(good: Evidence) -> None:
    """A mark that the old leader sets after the takeover moves nothing."""
    late = [Request("n1", action, 100.2, True, 107.4) for action in ("CreateTags", "DisassociateAddress")]
    rules = replace(judge.ROUTES, moves=frozenset({"DisassociateAddress"}))
    found = judge.stopped(replace(good, requests=[*good.requests, *late]), rules)
    assert found == ["n1: DisassociateAddress took effect at fault +7.400 s"]


def test_a_silence_later_on_is_seen(good: Evidence) -> None:
    """The route may be right while packets go nowhere."""
    deaf = [query for query in good.queries if not 104.0 < query.started < 106.0]
    assert any("no query succeeded for 2.0" in each for each in judge.stopped(replace(good, queries=deaf)))


def test_an_address_that_comes_back_on_the_old_leader_is_seen(good: Evidence) -> None:
    """Even if it goes again."""
    back = [AddressEvent(103.0, "n1", True), AddressEvent(103.1, "n1", False)]
    found = judge.stopped(replace(good, addresses=good.addresses + back))
    assert found == ["n1: the address came back at fault +3.000 s"]


def test_a_storm_that_ran_nothing_proves_nothing(good: Evidence) -> None:
    """A scenario that has lost its bite is reported as a violation."""
    calm = replace(good, marks={"storm": 103.0})
    assert judge.storm(calm) == ["n2: the storm made Pgpool-II run nothing"]


def test_a_refused_write_in_a_storm_is_a_write(good: Evidence) -> None:
    """The storm may ask the cloud for nothing but reads."""
    refused = Request("n2", "CreateRoute", 103.5, True, None, "RouteAlreadyExists")
    rerun = Hook("n2", "up", 103.4, 103.8, 0)
    stormy = replace(good, marks={"storm": 103.0}, hooks=[*good.hooks, rerun], requests=[refused])
    assert judge.storm(stormy) == ["n2: CreateRoute was asked for at storm +0.500 s"]


def test_the_blackout_is_divided_among_those_who_caused_it(good: Evidence) -> None:
    """Election until `up` starts, then the hook, then the network."""
    blackout = divided(good)
    assert blackout is not None
    assert blackout.election_s == pytest.approx(2.1)
    assert blackout.hook_s == pytest.approx(0.3)
    assert blackout.routed_s == pytest.approx(0.2)
    assert blackout.propagation_s == pytest.approx(0.025)


def test_a_second_leader_that_gives_way_may_mark_what_it_lets_go_of(good: Evidence) -> None:
    """The first may not: it has nothing to let go of."""
    marks = [Request(node, "CreateTags", 103.6, True, 103.7) for node in ("n2", "n1")]
    rerun = Hook("n1", "up", 103.4, 103.5, 4)
    stormy = replace(good, marks={"fault": 100.0, "storm": 103.0}, hooks=[*good.hooks, rerun], requests=marks)
    assert judge.split_storm(stormy) == ["n1: CreateTags was asked for at fault +3.600 s"]


def test_a_second_leader_that_is_chosen_again_may_write(good: Evidence) -> None:
    """A mere repetition of its `up`, by a process older than the storm, may not."""
    rerun = Hook("n1", "up", 103.4, 103.5, 4)
    again = Hook("n2", "up", 110.0, 110.4, 0, caller_started=109.9)
    writes = [Request("n2", "ReplaceRoute", moment, True, moment) for moment in (110.2, 110.6)]
    stormy = replace(
        good, marks={"fault": 100.0, "storm": 103.0}, hooks=[*good.hooks, rerun, again], requests=writes
    )
    assert judge.split_storm(stormy) == ["n2: ReplaceRoute was asked for at fault +10.600 s"]
    repeated = replace(again, caller_started=99.0)
    stormy = replace(stormy, hooks=[*good.hooks, rerun, repeated])
    assert len(judge.split_storm(stormy)) == len(writes)


def test_a_first_leader_that_is_chosen_again_after_the_heal_spoils_the_play(good: Evidence) -> None:
    """The second one does not, nor does a repetition."""
    for node, caller_started, spoiled in (("n1", 109.9, True), ("n1", 99.0, False), ("n2", 109.9, False)):
        up = Hook(node, "up", 110.0, 110.4, 0, caller_started=caller_started)
        marks = {"fault": 100.0, "storm": 103.0, "heal": 106.0}
        assert judge.first_elected_anew(replace(good, marks=marks, hooks=[*good.hooks, up])) == spoiled
