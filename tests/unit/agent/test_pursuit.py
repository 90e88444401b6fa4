"""An order that cannot be done at once: pursued until it is done, lost, replaced, unwanted or too old."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, Scene, end, some_program
from vipswitch import processes
from vipswitch.deadline import SystemClock
from vipswitch.errors import Lost, PermissionDenied, TimeUp
from vipswitch.model import Verb
from vipswitch.orders import OrderState
from vipswitch.processes import Process
from vipswitch.testing.bed import ADDRESS
from vipswitch.testing.cloud import MarkingFile, WriteFirstFile

FOR_EVER = 10**9
LATER = 40
"""A request that is made in a later round, while the API is away."""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Node a holds the VIP."""
    scene = Scene(tmp_path)
    scene.held("a", "a")
    return scene


def given_up(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of orders that were given up."""
    said = (record.getMessage() for record in caplog.records)
    return [line.partition("given up: ")[2] for line in said if "given up" in line]


def test_an_api_that_is_away_for_a_while_ends_with_the_vip_here(scene: Scene) -> None:
    """The hook hears of the first round, and the agent goes on."""
    scene.wire.unavailable(LATER)
    heard = scene.orders_now(Verb.UP)
    assert heard[0] == "taken"
    assert heard[-2:] == ["say primary up: the agent goes on trying", f"exit {TimeUp.exit_code}"]
    assert (scene.holders, scene.has_address) == (("b", "b"), True)
    assert (scene.last.state, scene.last.worker) == (OrderState.DONE, processes.me())


def test_a_failed_round_is_noted_once_and_the_end_as_well(scene: Scene) -> None:
    """The later line of the same move says how it ended, after how many rounds."""
    scene.wire.unavailable(LATER)
    scene.orders_now(Verb.UP)
    first, last = scene.noted.moves
    assert (first.finished, first.exit_code, first.rounds) == (False, TimeUp.exit_code, 1)
    assert (last.finished, last.exit_code, last.id) == (True, 0, first.id)
    assert last.rounds > 1
    assert scene.noted.pendings == [True, False]


def test_an_order_that_is_done_at_once_is_noted_once(scene: Scene) -> None:
    """And was never pending."""
    assert scene.orders_now(Verb.UP) == ["taken", "exit 0"]
    assert [(move.finished, move.rounds) for move in scene.noted.moves] == [(True, 1)]
    assert scene.noted.pendings == []


def test_a_permission_that_is_missing_for_a_moment_is_waited_for(scene: Scene) -> None:
    """Credentials that are being renewed look like that."""
    scene.wire.deny()
    scene.wire.before[5] = lambda: setattr(scene.wire, "denied", False)
    heard = scene.orders_now(Verb.UP)
    assert heard[-1] == f"exit {PermissionDenied.exit_code}"
    assert (scene.holders, scene.last.state) == (("b", "b"), OrderState.DONE)


def test_the_host_keeps_its_address_while_the_order_is_pending(scene: Scene) -> None:
    """It is put there once."""
    seen: list[bool] = []
    scene.wire.unavailable(2 * LATER)
    scene.wire.before[LATER] = lambda: seen.append(scene.has_address)
    scene.orders_now(Verb.UP)
    assert seen == [True]
    assert scene.host.changes == [f"add {ADDRESS}"]


def test_an_order_is_given_up_after_ten_minutes(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """What it did to the host is taken back where nothing was written."""
    scene.wire.unavailable(FOR_EVER)
    scene.orders_now(Verb.UP)
    assert given_up(caplog) == ["not done within 10 minutes"]
    assert 600.0 <= scene.clock.now().boot < 602.0
    assert (scene.has_address, scene.last.state) == (False, OrderState.FAILED)


def test_a_suspended_machine_ages_an_order_too(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Ten minutes are ten minutes of the world."""
    scene.wire.unavailable(FOR_EVER)
    scene.wire.before[LATER] = lambda: scene.clock.jump(boot=700.0)
    scene.orders_now(Verb.UP)
    assert given_up(caplog) == ["not done within 10 minutes"]
    assert scene.clock.now().monotonic < 100.0


@pytest.mark.parametrize("number", [1, 5, LATER], ids=["first request", "first round", "later round"])
def test_an_up_ends_with_its_caller(scene: Scene, caplog: pytest.LogCaptureFixture, number: int) -> None:
    """Pgpool-II is dead: another node may have been elected, and this one must not come back."""
    with some_program() as pgpool:
        scene.wire.unavailable(FOR_EVER)
        scene.wire.before[number] = lambda: ended(scene, pgpool)
        scene.orders_now(Verb.UP, pgpool)
    assert given_up(caplog) == ["its pgpool has ended"]
    assert (scene.last.state, scene.writes, scene.has_address) == (OrderState.FAILED, 0, False)


def ended(scene: Scene, pgpool: Process) -> None:
    """Kill the caller and wait until the agent knows."""
    end(pgpool)
    pursuit = scene.keeper._pursuits._under_way[0]
    assert SystemClock().until(lambda: bool(pursuit.why), 10.0)
    scene.wire.unavailable(0)  # from now on it could be done


def test_an_up_whose_caller_is_gone_already_takes_nothing(scene: Scene) -> None:
    """It lay in the socket while its caller died."""
    with some_program() as pgpool:
        end(pgpool)
        heard = scene.orders_now(Verb.UP, pgpool)
    assert heard[-1] == f"exit {TimeUp.exit_code}"
    assert (scene.writes, scene.has_address) == (0, False)


def test_a_down_is_finished_without_its_caller(tmp_path: Path) -> None:
    """Keepalived stops its script after a second, and itself."""
    scene = Scene(tmp_path, WriteFirstFile)
    scene.held("b", "b")
    scene.address(True)
    with some_program() as keepalived:
        scene.wire.unavailable(2 * LATER)
        scene.wire.before[LATER] = lambda: end(keepalived)
        scene.orders_now(Verb.DOWN, keepalived)
    assert (scene.holders, scene.has_address) == ((None, None), False)
    assert scene.last.state is OrderState.DONE


def test_an_up_for_a_person_is_pursued_without_anybody_to_watch(scene: Scene) -> None:
    """Whoever asked was told that the agent goes on."""
    scene.wire.unavailable(LATER)
    scene.orders_now(Verb.UP, None)
    assert (scene.holders, scene.last.state) == (("b", "b"), OrderState.DONE)


def test_a_newer_order_ends_a_pending_one(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """A hook without the agent has taken the VIP's matter in hand."""
    scene.wire.unavailable(FOR_EVER)
    scene.wire.before[LATER] = lambda: scene.told(Verb.DOWN, ALIVE)
    scene.orders_now(Verb.UP)
    assert (scene.last.verb, scene.last.state, scene.writes) == (Verb.DOWN, OrderState.DONE, 0)
    assert scene.noted.moves[-1].exit_code != 0


class Raced(MarkingFile):
    """A cloud in which c seizes everything right after b did."""

    def claim(self, place, node, seen, deadline):  # type: ignore[no-untyped-def]
        super().claim(place, node, seen, deadline)
        if node == "b":
            super().claim(place, "c", None, deadline)


def test_a_lost_race_is_over(tmp_path: Path) -> None:
    """A third node came after our own write: nothing is tried again."""
    scene = Scene(tmp_path, Raced)
    scene.held("a", "a")
    scene.address(True)  # the first request is then a read
    heard = scene.orders_now(Verb.UP)
    assert heard[-1] == f"exit {Lost.exit_code}"
    assert not any("goes on" in line for line in heard)
    assert (scene.holders, scene.last.state) == (("c", "c"), OrderState.LOST)
    assert scene.noted.pendings == []


def leaving(scene: Scene) -> Callable[[], object]:
    return scene.keeper.leave


def test_an_agent_that_ends_leaves_the_order_pending(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """The next agent finds it as it is, with the host's address and whom it has seen."""
    scene.address(True)  # the first request is then a read
    scene.wire.before[2] = lambda: scene.wire.unavailable(FOR_EVER)
    scene.wire.before[LATER] = leaving(scene)
    scene.orders_now(Verb.UP)
    assert scene.last.state is OrderState.PENDING
    assert dict(scene.last.first_seen) == {str(place): "a" for place in scene.provider.places}
    assert (scene.has_address, given_up(caplog)) == (True, [])
    assert not scene.keeper.busy


def test_what_an_agent_has_left_the_next_one_finishes(scene: Scene) -> None:
    """With one look, as an order."""
    scene.wire.unavailable(FOR_EVER)
    scene.wire.before[LATER] = leaving(scene)
    scene.orders_now(Verb.UP)
    gone = Process(ALIVE.pid, 3)
    scene.told(Verb.UP, ALIVE, OrderState.PENDING, worker=gone, first_seen=scene.last.first_seen)
    scene.wire.unavailable(0)
    scene.look()
    assert (scene.holders, scene.last.state) == (("b", "b"), OrderState.DONE)


def test_an_order_that_a_bug_has_ended_is_not_pending_for_ever(scene: Scene) -> None:
    """A VIP with an order under way is not looked after."""

    def fails(vip: str, on: bool) -> None:
        raise ZeroDivisionError("a bug")

    scene.noted.pending = fails  # type: ignore[method-assign]
    scene.wire.unavailable(FOR_EVER)
    with pytest.raises(ZeroDivisionError):
        scene.orders_now(Verb.UP)
    assert (scene.last.state, scene.keeper.busy) == (OrderState.FAILED, False)


def test_a_repeated_up_is_answered_and_not_pursued(scene: Scene) -> None:
    """Pgpool-II's watchdog runs it again on every network event, also on a node that has lost."""
    watchdog = Process(ALIVE.pid, ALIVE.started)
    scene.told(Verb.UP, watchdog, by=Process(1_000_000, ALIVE.started + 1))
    heard = scene.orders_now(Verb.UP, watchdog)
    assert (heard[0], heard[-1]) == ("taken", f"exit {Lost.exit_code}")
    assert (scene.holders, scene.writes) == (("a", "a"), 0)
    assert [str(move.reason) for move in scene.noted.moves] == ["repeat"]


def test_an_older_order_is_refused(scene: Scene) -> None:
    """A newer hook was quicker: the older one hears that it has lost."""
    scene.told(Verb.DOWN, ALIVE, by=Process(1_000_000, 5000))
    heard = scene.orders_now(Verb.UP)
    assert (heard[0], heard[-1]) == ("taken", f"exit {Lost.exit_code}")
    assert scene.last.verb is Verb.DOWN


def test_a_down_that_is_detached_lets_the_hook_go_before_the_cloud_answers(tmp_path: Path) -> None:
    """Keepalived kills it after a second: the host side is done, and the agent does the rest."""
    scene = Scene(tmp_path, WriteFirstFile)
    scene.held("b", "b")
    scene.address(True)
    scene.wire.unavailable(LATER)
    assert scene.orders_now(Verb.DOWN, detach=True) == ["taken", "exit 0"]
    assert (scene.holders, scene.has_address) == ((None, None), False)
