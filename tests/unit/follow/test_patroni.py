"""Following Patroni's REST API, on a stateful fake over real HTTP; the real one is in tests/e2e."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.unit.authority.fake_patroni import FakePatroni, serve
from vipswitch.deadline import SystemClock
from vipswitch.follow.patroni import Patroni
from vipswitch.follow.sighting import Leader, Sighting
from vipswitch.followed import PatroniSource

Change = Callable[[FakePatroni], object]


@pytest.fixture
def fake() -> FakePatroni:
    """pg1 leads and is asked."""
    return FakePatroni()


@pytest.fixture
def url(fake: FakePatroni) -> Iterator[str]:
    with serve(fake) as url:
        yield url


def seen(url: str, me: str = "pg1") -> Sighting:
    return Patroni(PatroniSource(url), me, SystemClock()).look()


@pytest.mark.parametrize("me", ["pg1", "10.0.1.10"])
def test_primary_with_the_key_leads(url: str, me: str) -> None:
    """By its name, or by where its PostgreSQL listens."""
    assert seen(url, me).leader is Leader.ME


@pytest.mark.parametrize("leader", ["pg2", "pg3"])
def test_whoever_has_not_the_key_does_not_lead(fake: FakePatroni, url: str, leader: str) -> None:
    """Though the local PostgreSQL may still be a primary: the other one was elected."""
    fake.leader = leader
    assert seen(url).leader is Leader.ANOTHER
    assert "/patroni" not in fake.requests


def test_member_that_is_promoted_leads_when_it_is_primary(fake: FakePatroni, url: str) -> None:
    """It has the key before: the VIP comes to a PostgreSQL that takes writes."""
    fake.primary = None
    assert seen(url).leader is Leader.UNKNOWN
    fake.primary = "pg1"
    assert seen(url).leader is Leader.ME


def test_store_that_is_down_is_unknown(fake: FakePatroni, url: str) -> None:
    """Also when Patroni has demoted the local primary for that: nobody can be elected meanwhile."""
    fake.store_is_up, fake.primary = False, None
    assert seen(url).leader is Leader.UNKNOWN


def test_key_that_nobody_has(fake: FakePatroni, url: str) -> None:
    """Said by a store that answers."""
    fake.leader = None
    assert seen(url).leader is Leader.NOBODY


def test_paused_cluster_without_a_leader_is_left_to_people(fake: FakePatroni, url: str) -> None:
    """Its primary runs on without the key."""
    fake.pause, fake.leader = True, None
    assert seen(url).leader is Leader.PEOPLE


@pytest.mark.parametrize(("leader", "sight"), [("pg1", Leader.ME), ("pg2", Leader.ANOTHER)])
def test_leader_is_followed_in_a_pause_too(fake: FakePatroni, url: str, leader: str, sight: Leader) -> None:
    """A switchover that somebody asks for works in a pause."""
    fake.pause, fake.leader = True, leader
    assert seen(url).leader is sight


def change(**fields: object) -> Change:
    return lambda fake: [setattr(fake, name, value) for name, value in fields.items()]


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (change(roles={"pg1": "standby_leader"}), "pg1 is standby_leader"),
        (change(roles={"pg2": "leader"}), "2 members lead"),
        (change(failsafe=True), "failsafe_mode_is_active is True"),
        (change(pause="no"), "pause is 'no'"),
        (change(asked="pg2", primary="pg2"), "the Patroni that was asked is not pg1"),
        (change(status={"/patroni": 503}), "/patroni: status 503"),
        (change(spoilt={"/cluster": b"[]"}), "no JSON object"),
        (change(spoilt={"/cluster": json.dumps({"members": [7]}).encode()}), "a member is no object"),
    ],
)
def test_whatever_is_not_clear_is_unknown(fake: FakePatroni, url: str, happens: Change, why: str) -> None:
    """Nothing is guessed."""
    happens(fake)
    found = seen(url)
    assert (found.leader, why in found.why) == (Leader.UNKNOWN, True), found.why


def test_wrong_name_takes_no_vip_away(url: str) -> None:
    """A host name that is no member's would else be one that never leads."""
    assert seen(url, "ip-10-0-1-10").why.endswith("ip-10-0-1-10 is not one member's name or host")


def test_patroni_that_is_gone_is_unknown(url: str) -> None:
    """Whether its PostgreSQL runs on, nobody can say here."""
    assert seen("http://127.0.0.1:9").leader is Leader.UNKNOWN


def test_rest_ends_with_the_follower() -> None:
    """Though an interval may be a minute."""
    ended = threading.Event()
    ended.set()
    since = time.monotonic()
    Patroni(PatroniSource("http://127.0.0.1:9"), "pg1", SystemClock()).rest(60.0, ended)
    assert time.monotonic() - since < 5.0
