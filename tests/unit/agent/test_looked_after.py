"""Pacemaker looks after its VIPs itself, by monitors, starts and stops: beside it the agent only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, GONE, Scene
from vipswitch.model import Verb
from vipswitch.orders import OrderState
from vipswitch.processes import Process
from vipswitch.testing.cloud import WriteFirstFile

LATER = 40
"""So many requests fail that the order's first round ends without success."""

MINE, THEIRS, NOBODYS = ("b", "b"), ("a", "a"), (None, None)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Nobody holds the VIP."""
    return Scene(tmp_path)


def pacemaker(
    scene: Scene, verb: Verb, state: OrderState = OrderState.DONE, *, caller: Process = ALIVE
) -> None:
    """Pacemaker's last order for b."""
    scene.told(verb, caller, state, asked_by="pacemaker")


@pytest.mark.parametrize("verb", [Verb.UP, Verb.DOWN])
@pytest.mark.parametrize("cloud", [MINE, THEIRS, NOBODYS, ("b", None), ("b", "a")])
@pytest.mark.parametrize("address", [True, False])
def test_nothing_is_healed_while_pacemaker_lives(
    scene: Scene, verb: Verb, cloud: tuple[str | None, str | None], address: bool
) -> None:
    """Whatever the cloud and the host say: its next monitor sees it as well."""
    scene.held(*cloud)
    scene.address(address)
    pacemaker(scene, verb)
    before = scene.writes
    scene.look(4)
    assert (scene.writes, scene.has_address, scene.holders) == (before, address, cloud)
    assert scene.requests >= 1


def test_what_a_cluster_that_was_killed_has_left_on_the_host_is_taken_off(scene: Scene) -> None:
    """Then nobody looks after it any more."""
    scene.held(*THEIRS)
    scene.address(True)
    pacemaker(scene, Verb.UP, caller=GONE)
    scene.look(3)
    assert (scene.has_address, scene.holders) == (False, THEIRS)


@pytest.mark.parametrize("state", [OrderState.PENDING, OrderState.FAILED])
def test_a_start_that_failed_is_not_gone_on_with(scene: Scene, state: OrderState) -> None:
    """Pacemaker knows that, and may have started the VIP elsewhere."""
    scene.held(*THEIRS)
    pacemaker(scene, Verb.UP, state)
    scene.look(4)
    assert scene.holders == THEIRS


def test_a_start_ends_with_the_time_that_its_hook_has(scene: Scene) -> None:
    """What Pacemaker takes for a failed start takes nothing later."""
    scene.held(*THEIRS)
    scene.wire.unavailable(LATER)
    heard = scene.orders_now(Verb.UP, asked_by="pacemaker")
    assert heard[0] == "taken"
    assert not any("goes on" in line for line in heard)
    assert scene.last.state is OrderState.FAILED
    scene.look(4)
    assert scene.holders == THEIRS


def test_a_stop_is_finished_once_the_cloud_answers(tmp_path: Path) -> None:
    """It can hurt nobody, and Pacemaker has its answer for the host's part."""
    scene = Scene(tmp_path, WriteFirstFile)
    scene.held(*MINE)
    scene.address(True)
    scene.wire.unavailable(LATER)
    scene.orders_now(Verb.DOWN, asked_by="pacemaker")
    assert scene.last.state is OrderState.DONE
    assert (scene.has_address, scene.holders) == (False, NOBODYS)
