"""What Patroni's words mean for the VIP, and what is not taken for Patroni's words."""

from __future__ import annotations

import pytest

from vipswitch.callers import patroni
from vipswitch.callers.patroni import ACTIONS, LEADERS, ROLES, Called, orders, understood

VERBS = {
    ("on_start", "leads"): "up",
    ("on_restart", "leads"): "up",
    ("on_role_change", "leads"): "up",
    ("on_stop", "leads"): "down",
}


def moved(*words: str) -> dict[str, str]:
    """Each VIP that is moved, and the verb."""
    called = understood(words)
    assert isinstance(called, Called), called
    return {given[0]: verb for verb, given in orders(called)}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "on_reload"])
def test_only_a_leader_that_runs_takes_the_vip(action: str, role: str) -> None:
    """By whichever of its three names; everybody else lets go, and so does a leader that stops."""
    takes = action != "on_stop" and role in LEADERS
    assert moved("primary", action, role, "pg") == {"primary": "up" if takes else "down"}


@pytest.mark.parametrize("role", ROLES)
def test_a_reload_moves_nothing(role: str) -> None:
    """It may run beside the callback of a role change, and would come after it."""
    assert moved("primary", "--standby", "readers", "on_reload", role, "pg") == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_standby_leader_leads_where_that_is_said(role: str) -> None:
    """It cannot be written to, so by itself it is no leader."""
    leads = role in (*LEADERS, "standby_leader")
    found = moved("primary", "--standby-leader", "on_start", role, "pg")
    assert found == {"primary": "up" if leads else "down"}


@pytest.mark.parametrize("given", [["--standby", "readers"], ["--standby=readers"]])
@pytest.mark.parametrize("role", ROLES)
def test_the_vip_of_the_standby_is_a_replica_s(role: str, given: list[str]) -> None:
    """Of one that runs, and of nobody else: whoever leads lets go of it as he takes the other."""
    found = moved("primary", *given, "on_role_change", role, "pg")
    assert found["readers"] == ("up" if role == "replica" else "down")
    assert moved("primary", *given, "on_stop", role, "pg") == {"primary": "down", "readers": "down"}


def test_before_stop_lets_go_of_all() -> None:
    """Patroni appends nothing to it, so it says itself what it is."""
    assert moved("primary", "--standby", "readers", "before_stop") == {"primary": "down", "readers": "down"}


def test_flags_are_for_each_vip() -> None:
    """In the order in which they were given."""
    words = ["primary", "--config", "/x.toml", "--standby", "readers", "-v", "on_stop", "replica", "pg"]
    called = understood(words)
    assert isinstance(called, Called)
    flags = ["--config", "/x.toml", "-v", "--detach"]
    assert orders(called) == [("down", ["primary", *flags]), ("down", ["readers", *flags])]


WRONG = {
    "nothing": "",
    "no callback": "primary",
    "no role": "primary on_start pg",
    "unknown action": "primary on_fire master pg",
    "unknown role": "primary on_start leader pg",
    "no vip": "on_start master pg",
    "a flag for a vip": "--standby readers on_start master pg",
    "two vips": "primary secondary on_start master pg",
    "the same vip twice": "primary --standby primary on_start master pg",
    "a standby's vip without a name": "primary --standby on_start replica pg",
    "a standby's vip with an empty name": "primary --standby= on_start replica pg",
    "a flag for a standby's vip": "primary --standby -v on_start replica pg",
    "no scope": "primary on_start master",
    "Pgpool-II": "10.99.0.50",
    "keepalived": "primary INSTANCE VI_1 MASTER 100",
    "keepalived's notify_master": "primary master",
    "OCF": "start",
    "pre_promote": "primary pre_promote",
    "a long word": f"primary on_start {'x' * 5000} pg",
    "control characters": "primary \x1b[2J master pg",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_words_that_are_not_patroni_s(wrong: str) -> None:
    """Are refused in words that fit one line, whoever wrote them."""
    found = understood(WRONG[wrong].split())
    assert isinstance(found, str)
    assert found.isprintable()
    assert len(found) < 120


def test_nothing_is_begun_where_nothing_moves() -> None:
    """A reload costs the start of an interpreter."""
    assert patroni.obey([]) == 0
