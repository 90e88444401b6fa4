"""Orders that nobody works on any more: which of them the agent goes on with, and how far it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, GONE, Ears, Scene
from vipswitch import processes
from vipswitch.agent.answer import Answer
from vipswitch.agent.monitor import OFTEN_S, SELDOM_S
from vipswitch.deadline import Deadline
from vipswitch.model import Holding, NodeId, Place, Verb
from vipswitch.orders import OrderState
from vipswitch.processes import Process
from vipswitch.testing.cloud import MarkingFile

PENDING, FAILED, LOST, DONE = OrderState.PENDING, OrderState.FAILED, OrderState.LOST, OrderState.DONE
AN_AGENT = Process(ALIVE.pid, 2)
"""An agent that has ended."""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Node a holds the VIP."""
    scene = Scene(tmp_path)
    scene.held("a", "a")
    return scene


def test_a_pending_up_is_gone_on_with_at_once(scene: Scene) -> None:
    """Its hook was killed, its caller lives: it is an order, and takes the VIP."""
    scene.told(Verb.UP, ALIVE, PENDING)
    scene.look()
    assert (scene.holders, scene.has_address) == (("b", "b"), True)
    assert (scene.last.state, scene.last.worker) == (DONE, processes.me())


def test_a_failed_up_is_gone_on_with(scene: Scene) -> None:
    """Its hook gave up at its deadline, and Pgpool-II never asks again."""
    scene.told(Verb.UP, ALIVE, FAILED)
    scene.look()
    assert scene.holders == ("b", "b")


def test_a_pending_up_that_an_agent_had_for_a_person_is_gone_on_with(scene: Scene) -> None:
    """The agent was killed: whoever asked was told that it goes on."""
    scene.told(Verb.UP, None, PENDING, worker=AN_AGENT)
    scene.look()
    assert scene.holders == ("b", "b")


@pytest.mark.parametrize(
    ("caller", "state", "changes"),
    [
        (GONE, PENDING, {}),
        (GONE, FAILED, {}),
        (None, PENDING, {}),
        (None, FAILED, {"worker": AN_AGENT}),
        (ALIVE, LOST, {}),
        (ALIVE, DONE, {}),
        (ALIVE, PENDING, {"taken_s": -601.0}),
        (ALIVE, FAILED, {"taken_s": -601.0}),
        (ALIVE, PENDING, {"boot_id": "another boot"}),
    ],
    ids=["gone", "gone-failed", "person", "person-failed", "lost", "done", "old", "old-failed", "boot"],
)
def test_an_up_that_nobody_wants_or_that_is_over_takes_nothing(
    scene: Scene, caller: Process | None, state: OrderState, changes: dict[str, object]
) -> None:
    """Another node holds the VIP, and there is no order against it."""
    scene.told(Verb.UP, caller, state, **changes)
    scene.look(4)
    assert (scene.holders, scene.writes) == (("a", "a"), 0)


@pytest.mark.parametrize("caller", [ALIVE, GONE, None], ids=["alive", "gone", "person"])
def test_a_pending_down_is_finished_whoever_stands_behind_it(scene: Scene, caller: Process | None) -> None:
    """Its hook was killed in the middle: keepalived gives it a second."""
    scene.held("b", "b")
    scene.address(True)
    scene.told(Verb.DOWN, caller, PENDING)
    scene.look()
    assert (scene.holders, scene.has_address) == ((None, None), False)
    assert scene.last.state is DONE


@pytest.mark.parametrize("caller", [ALIVE, GONE], ids=["alive", "gone"])
def test_a_failed_down_of_a_hook_is_finished_at_the_next_look(scene: Scene, caller: Process) -> None:
    """The agent was late to answer, and the hook alone may not change the host: 5 s, not two minutes."""
    scene.address(True)
    scene.told(Verb.UP, ALIVE)
    scene.look()
    scene.told(Verb.DOWN, caller, FAILED)
    assert scene.keeper.interval_s == OFTEN_S
    scene.look()
    assert (scene.has_address, scene.last.state) == (False, DONE)
    assert scene.keeper.interval_s == SELDOM_S


def test_a_failed_down_of_a_person_is_left_to_the_table(scene: Scene) -> None:
    """Who gave it was told so, and may have stopped it on purpose."""
    scene.address(True)
    scene.told(Verb.DOWN, None, FAILED)
    assert scene.keeper.interval_s == SELDOM_S
    scene.look()
    assert (scene.has_address, scene.last.state) == (True, FAILED)


def test_a_down_that_failed_long_ago_is_not_gone_on_with(scene: Scene) -> None:
    """Ten minutes, as for every order; then the table counts alone."""
    scene.told(Verb.DOWN, ALIVE, FAILED, taken_s=-601.0)
    assert scene.keeper.interval_s == SELDOM_S


def test_an_order_that_some_process_works_on_is_left_to_it(scene: Scene) -> None:
    """A hook that does without the agent is at it; nothing is even looked at."""
    scene.told(Verb.UP, ALIVE, PENDING, worker=ALIVE)
    scene.look(4)
    assert (scene.writes, scene.noted.states) == (0, [])


def test_a_resumed_order_leaves_a_third_node_alone(scene: Scene) -> None:
    """Its hook had seen a, wrote, and died; then c was told to have the VIP."""
    seen = {str(place): "a" for place in scene.provider.places}
    scene.told(Verb.UP, ALIVE, PENDING, first_seen=seen)
    scene.held("c", "c")
    scene.look(4)
    assert (scene.holders, scene.writes) == (("c", "c"), 0)
    assert scene.last.state is LOST


class Meanwhile(MarkingFile):
    """A cloud whose first write is the moment at which something else happens."""

    happens: Callable[[], None] | None = None

    def claim(self, place: Place, node: NodeId, seen: Holding | None, deadline: Deadline) -> None:
        happens, Meanwhile.happens = Meanwhile.happens, None
        if happens is not None:
            happens()
        super().claim(place, node, seen, deadline)


def test_an_old_order_does_not_end_a_newer_one_that_is_under_way(tmp_path: Path) -> None:
    """The newer one came between the look and what the look found left over."""
    scene = Scene(tmp_path, Meanwhile)
    scene.held("a", "a")
    old = scene.told(Verb.UP, ALIVE, PENDING)
    Meanwhile.happens = lambda: scene.keeper.resume(old)
    hook = Ears()
    order = replace(old, by=Process(1_000_000, old.generation + 1), worker=processes.me(), state=PENDING)
    scene.keeper.order(order, scene._soon(), Answer(hook, 1), scene.clock.now())
    assert hook.heard == ["taken", "exit 0"]
    assert (scene.holders, scene.last) == (
        ("b", "b"),
        replace(order, state=DONE, first_seen=scene.last.first_seen),
    )


def test_a_newer_order_ends_an_old_one_that_is_under_way(scene: Scene) -> None:
    """A `down` that comes while an `up` is at its first look: the VIP is not here afterwards."""
    up = scene.told(Verb.UP, ALIVE, PENDING)
    heard: list[str] = []

    def goes_down() -> None:
        thread = threading.Thread(target=lambda: heard.extend(scene.orders_now(Verb.DOWN)))
        thread.start()
        thread.join()

    scene.wire.before[1] = goes_down
    scene.keeper.resume(up)
    assert heard == ["taken", "exit 0"]
    assert (scene.last.verb, scene.last.state) == (Verb.DOWN, DONE)
    assert (scene.has_address, scene.writes, scene.holders) == (False, 0, ("a", "a"))
    assert scene.noted.moves[-1].verb is Verb.UP
    assert scene.noted.moves[-1].exit_code != 0
