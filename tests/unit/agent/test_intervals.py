"""How often the cloud is asked: an account's API limit is shared by all clusters."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, GONE, Scene
from vipswitch.model import Verb
from vipswitch.processes import Process


@pytest.mark.parametrize(
    ("verb", "caller", "holders", "a_minute"),
    [
        (Verb.UP, ALIVE, ("b", "b"), 12),
        (Verb.UP, ALIVE, ("a", "a"), 12),
        (Verb.UP, GONE, ("b", "b"), 12),
        (Verb.UP, None, ("a", "a"), 12),
        (Verb.DOWN, ALIVE, ("a", "a"), 1),
        (Verb.DOWN, GONE, (None, None), 1),
        (None, None, ("a", "a"), 1),
        (None, None, ("b", "b"), 1),
    ],
)
def test_the_cloud_is_asked_every_five_seconds_or_every_minute(
    tmp_path: Path,
    verb: Verb | None,
    caller: Process | None,
    holders: tuple[str | None, str | None],
    a_minute: int,
) -> None:
    """Often while this node was told to have the VIP, seldom otherwise, for an hour."""
    scene = Scene(tmp_path)
    scene.held(*holders)
    scene.address(holders == ("b", "b"))
    if verb is not None:
        scene.told(verb, caller)
    while scene.clock.now().monotonic < 3600.0:
        scene.look()
    assert scene.requests == 60 * a_minute


def test_a_paused_vip_costs_no_request(tmp_path: Path) -> None:
    """Maintenance: nothing is asked, nothing is done."""
    scene = Scene(tmp_path, paused=lambda: True)
    scene.held(None, None)
    scene.told(Verb.UP, ALIVE)
    scene.look(100)
    assert (scene.requests, scene.writes) == (0, 0)


def test_an_api_that_is_away_is_asked_no_more_often(tmp_path: Path) -> None:
    """It would not come back the sooner."""
    scene = Scene(tmp_path)
    scene.held("b", "b")
    scene.told(Verb.UP, ALIVE)
    scene.cloud.faults.unavailable(100_000)
    while scene.clock.now().monotonic < 600.0:
        scene.look()
    assert scene.requests == 120
