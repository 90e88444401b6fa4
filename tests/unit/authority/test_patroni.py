"""The patroni authority, on a stateful fake over real HTTP."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.authority.fake_patroni import FakePatroni, serve
from tests.unit.authority.programs import ask
from vipswitch.authority import Answer, Verdict, build
from vipswitch.authority.settings import PatroniSettings

Change = Callable[[FakePatroni], object]


@pytest.fixture
def fake() -> FakePatroni:
    """pg1 leads, is asked, and the others follow it."""
    return FakePatroni()


@pytest.fixture
def url(fake: FakePatroni) -> Iterator[str]:
    with serve(fake) as url:
        yield url


def answer(url: str, me: str = "pg1", holder: str = "pg2", *, timeout_s: float = 10.0) -> Answer:
    """May `me` take the VIP from `holder`?"""
    return build(PatroniSettings(url)).ask(ask(me, holder), timeout_s)


@pytest.mark.parametrize("role", ["replica", "sync_standby", "quorum_standby"])
@pytest.mark.parametrize("state", ["running", "streaming"])
def test_leader_may_take_from_a_running_replica(fake: FakePatroni, url: str, role: str, state: str) -> None:
    """The store and the local Patroni agree."""
    fake.roles["pg2"], fake.states["pg2"] = role, state
    assert answer(url) == Answer(Verdict.YES, "pg1 leads, and pg2 is a running replica")
    assert fake.requests == ["/cluster", "/patroni"]


def test_member_is_known_by_its_name_or_its_host(url: str) -> None:
    """So that Pgpool-II and Patroni can share one [node.NAME]."""
    assert answer(url, "10.0.1.10", "10.0.2.10").verdict is Verdict.YES
    assert answer(url, "10.0.1.1", "10.0.2.10").verdict is Verdict.UNKNOWN
    assert answer(url, "pg1", "pg22").verdict is Verdict.UNKNOWN


def test_role_is_primary_from_4_0_on(fake: FakePatroni, url: str) -> None:
    """`master` is the older word; the name of the node is not in the oldest answers."""
    fake.spoilt["/patroni"] = b'{"state": "running", "role": "primary", "patroni": {"version": "4.0.0"}}'
    assert answer(url).verdict is Verdict.YES


@pytest.mark.parametrize("leader", ["pg2", "pg3"])
def test_others_are_told_no(fake: FakePatroni, url: str, leader: str) -> None:
    """Also when it is the holder that leads: a real second leader is not fought."""
    fake.leader = leader
    assert answer(url) == Answer(Verdict.NO, f"{leader} leads")


def change(**fields: object) -> Change:
    """Sets these fields of the fake."""
    return lambda fake: [setattr(fake, name, value) for name, value in fields.items()]


def member(name: str, *, role: str | None = None, state: str | None = None) -> Change:
    """Changes what the store has of one member; without either it is gone."""

    def apply(fake: FakePatroni) -> None:
        if role is None and state is None:
            del fake.states[name]
        if role is not None:
            fake.roles[name] = role
        if state is not None:
            fake.states[name] = state

    return apply


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (change(leader=None), "0 members lead"),
        (change(roles={"pg2": "leader"}), "2 members lead"),
        (change(roles={"pg1": "standby_leader"}), "pg1 is standby_leader"),
        (change(primary=None), "pg1 calls itself 'replica'"),
        (change(asked="pg2", primary="pg2"), "the Patroni that was asked is not pg1"),
        (change(store_is_up=False), "/cluster: status 503"),
        (change(failsafe=True), "failsafe_mode_is_active is True"),
        (change(pause=True), "pause is True"),
        (change(pause="no"), "pause is 'no'"),
        (member("pg1", state="starting"), "pg1 is leader, starting"),
        (member("pg2", state="stopped"), "pg2 is replica, stopped"),
        (member("pg2", state="in archive recovery"), "pg2 is replica, in archive recovery"),
        (member("pg2", state="start failed"), "pg2 is replica, start failed"),
        (member("pg2", role="witness"), "pg2 has the role 'witness'"),
        (member("pg3", role="master"), "pg3 has the role 'master'"),
        (member("pg1"), "0 members lead"),
        (member("pg2"), "pg2 is not one member's name or host"),
        (change(status={"/patroni": 503}), "/patroni: status 503"),
        (change(status={"/cluster": 302}), "/cluster: status 302"),
    ],
)
def test_whatever_is_not_clear_is_unknown(fake: FakePatroni, url: str, happens: Change, why: str) -> None:
    """No key, two leaders, a stopped replica, a cluster in maintenance, a store that is down."""
    happens(fake)
    given = answer(url)
    assert given.verdict is Verdict.UNKNOWN
    assert why in given.why


def _members(*members: object) -> bytes:
    return json.dumps({"members": members}).encode()


_LEADER = {"name": "pg1", "role": "leader", "state": "running", "host": "10.0.1.10"}
_OTHER = {"name": "pg2", "role": "replica", "state": "running", "host": "10.0.2.10"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"members": {}}',
        b'{"members": [',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"members": []}' + b" " * (1 << 20),
        _members(),
        _members("pg1"),
        _members(_LEADER, {**_OTHER, "name": 2}),
        _members(_LEADER, {**_OTHER, "state": None}),
        _members(_LEADER, {**_OTHER, "host": 2}),
        _members(_LEADER, {**_OTHER, "name": "pg1"}),
        _members(_LEADER, _OTHER, _OTHER),
        _members(_LEADER, {"name": "pg2", "role": "replica"}),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_garbage_is_unknown(fake: FakePatroni, url: str, body: bytes) -> None:
    """Nothing is guessed from what is not an answer of Patroni's, in either place."""
    fake.spoilt["/cluster"] = body
    assert answer(url).verdict is Verdict.UNKNOWN
    fake.spoilt = {"/patroni": body}
    assert answer(url).verdict is Verdict.UNKNOWN


def test_one_host_of_two_members_is_nobody(fake: FakePatroni, url: str) -> None:
    """Which of them holds the VIP cannot be told."""
    fake.spoilt["/cluster"] = _members(_LEADER, _OTHER, {**_OTHER, "name": "pg3"})
    assert answer(url, "pg1", "10.0.2.10").verdict is Verdict.UNKNOWN
    assert answer(url, "pg1", "pg3").verdict is Verdict.YES


def test_node_without_a_host_is_unknown(fake: FakePatroni, url: str) -> None:
    """Nobody has said which member it is; Patroni is not asked."""
    given = build(PatroniSettings(url)).ask(ask("pg1", None), 1.0)
    assert given.verdict is Verdict.UNKNOWN
    assert fake.requests == []


@pytest.mark.timed
@pytest.mark.parametrize("silent", ["drips", "accepts", "refuses"])
def test_slow_or_absent_patroni_is_unknown_in_time(fake: FakePatroni, url: str, silent: str) -> None:
    """One that talks a byte at a time does not hold us longer than one that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        elsewhere = f"http://127.0.0.1:{listening.getsockname()[1]}"
        if silent == "refuses":
            listening.close()
        fake.drip_s = 0.05
        began = time.monotonic()
        given = answer(url if silent == "drips" else elsewhere, timeout_s=0.4)
        assert time.monotonic() - began < 1.0
    assert given.verdict is Verdict.UNKNOWN
    assert ("refused" if silent == "refuses" else "no answer in time") in given.why


def test_tls_is_verified(fake: FakePatroni, tmp_path: Path) -> None:
    """Against the file that the config names, else against the system's certificates; and the name counts."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    both = tmp_path / "both.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test"
    words = [*make.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", both, "-out", f"{both}.crt"]
    subprocess.run(words, check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + Path(f"{both}.crt").read_bytes())
    with serve(fake, both) as url:
        trusting = build(PatroniSettings(url, both))
        assert trusting.ask(ask("pg1", "pg2"), 10.0).verdict is Verdict.YES
        assert "certificate" in answer(url).why.lower()
        elsewhere = build(PatroniSettings(url.replace("127.0.0.1", "localhost"), both))
        assert "certificate" in elsewhere.ask(ask("pg1", "pg2"), 10.0).why.lower()
        assert (
            build(PatroniSettings(url, tmp_path / "none")).ask(ask("pg1", "pg2"), 1.0).verdict
            is Verdict.UNKNOWN
        )
