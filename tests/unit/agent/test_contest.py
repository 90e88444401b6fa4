"""A contested VIP: nothing is done without an authority, and with one only upon two clear answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.agent.scene import ALIVE, GONE, Scene
from vipswitch.agent.contest import question
from vipswitch.authority import Answer, Question
from vipswitch.authority.model import no, unknown, yes
from vipswitch.deadline import Deadline
from vipswitch.errors import ConfigError
from vipswitch.model import NodeId, State, Verb
from vipswitch.move import Reason
from vipswitch.nodes import Node
from vipswitch.orders import OrderState, repeats
from vipswitch.processes import Process
from vipswitch.provider import Provider
from vipswitch.testing.clock import ManualClock

YES, NO, UNKNOWN = yes("b leads"), no("a leads"), unknown("no answer")


class Oracle:
    """An authority that gives the answers it was told to give, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[Question] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self._answers = list(answers)

    def ask(self, question: Question, timeout_s: float) -> Answer:
        self.asked.append(question)
        self.meanwhile()
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def contested(folder: Path, oracle: Oracle | None) -> Scene:
    """Node a holds the VIP; b was told to have it, by a caller that lives."""
    scene = Scene(folder, authority=oracle)
    scene.held("a", "a")
    scene.address(True)
    scene.told(Verb.UP, ALIVE)
    return scene


def test_a_contested_vip_is_left_alone_and_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Taking the address off would make Pgpool-II run `up` again: a fight without end."""
    scene = contested(tmp_path, None)
    with caplog.at_level("WARNING", "vipswitch.agent"):
        scene.look(10)
    assert (scene.writes, scene.has_address, scene.host.changes) == (0, True, [])
    assert scene.noted.states == [(State.OTHER, True)] * 10
    assert [r.getMessage() for r in caplog.records] == ["primary: other, contested; last order here: up"]


def test_two_times_yes_is_an_order(tmp_path: Path) -> None:
    """The one way in which the agent takes a VIP from another node by itself."""
    oracle = Oracle(YES)
    scene = contested(tmp_path, oracle)
    before = scene.last
    scene.look(3)
    assert scene.holders == ("b", "b")
    assert (scene.last.verb, scene.last.state, scene.last.asked_by) == (Verb.UP, OrderState.DONE, "agent")
    assert (scene.last.caller, scene.last.generation > before.generation) == (ALIVE, True)
    assert [move.reason for move in scene.noted.moves] == [Reason.AUTHORITY]


def test_two_times_yes_is_one_order(tmp_path: Path) -> None:
    """It has the VIP then, and asks nobody any more."""
    oracle = Oracle(YES)
    scene = contested(tmp_path, oracle)
    scene.look(12)
    assert (len(oracle.asked), len(scene.noted.moves), scene.writes) == (2, 1, 2)


def test_the_question_names_both_nodes(tmp_path: Path) -> None:
    """The authority must know whom the VIP would be taken from."""
    oracle = Oracle(NO)
    contested(tmp_path, oracle).look(2)
    assert (oracle.asked[0].me, oracle.asked[0].holder) == (NodeId("b"), NodeId("a"))


@pytest.mark.parametrize(
    "answers",
    [
        (NO,),
        (UNKNOWN,),
        (YES, NO),
        (YES, UNKNOWN, NO),
        (YES, NO, YES, UNKNOWN, YES, NO),
    ],
    ids=lambda answers: "-".join(answer.verdict.value for answer in answers),
)
def test_anything_but_two_times_yes_in_a_row_changes_nothing(
    tmp_path: Path, answers: tuple[Answer, ...]
) -> None:
    """Unknown is not yes, and once is not enough."""
    oracle = Oracle(*answers)
    scene = contested(tmp_path, oracle)
    scene.look(10)
    assert len(oracle.asked) == 9
    assert (scene.holders, scene.writes) == (("a", "a"), 0)


def test_yes_about_one_holder_says_nothing_of_the_next(tmp_path: Path) -> None:
    """Another node took the VIP between two questions."""
    oracle = Oracle(YES, YES, NO)
    scene = contested(tmp_path, oracle)
    scene.look(2)
    scene.held("c", "c")
    scene.look(3)
    assert [question.holder for question in oracle.asked] == ["a", "c", "c"]
    assert scene.writes == 0


def test_yes_before_an_order_is_forgotten(tmp_path: Path) -> None:
    """The order is newer than what the authority was asked about."""
    oracle = Oracle(YES, YES, NO)
    scene = contested(tmp_path, oracle)
    scene.look(2)
    scene.told(Verb.UP, ALIVE)
    scene.look(3)
    assert (len(oracle.asked), scene.writes) == (3, 0)


def test_yes_before_a_pause_is_forgotten(tmp_path: Path) -> None:
    """A person had the VIP in hand meanwhile."""
    oracle, paused = Oracle(YES, YES, NO), False
    scene = Scene(tmp_path, authority=oracle, paused=lambda: paused)
    scene.held("a", "a")
    scene.told(Verb.UP, ALIVE)
    scene.look(2)
    paused = True
    scene.look()
    paused = False
    scene.look(3)
    assert (len(oracle.asked), scene.writes) == (3, 0)


@pytest.mark.parametrize("verb", list(Verb))
def test_an_order_that_comes_while_the_authority_is_asked_wins(tmp_path: Path, verb: Verb) -> None:
    """What a caller has asked for is newer than what the agent thinks."""
    oracle = Oracle(YES)
    scene = contested(tmp_path, oracle)
    scene.look(2)
    oracle.meanwhile = lambda: scene.told(verb, ALIVE)
    scene.look()
    assert (scene.last.verb, scene.last.asked_by) == (verb, "pgpool")
    assert (scene.holders, scene.writes) == (("a", "a"), 0)


def test_a_hook_that_started_after_the_last_order_is_newer_than_the_authoritys(tmp_path: Path) -> None:
    """It was on its way while the agent decided: its `down` is not refused as an old one."""
    scene = contested(tmp_path, Oracle(YES))
    before = scene.last
    scene.look(3)
    scene.told(Verb.DOWN, ALIVE, by=Process(1_000_001, before.generation + 2))
    assert scene.last.verb is Verb.DOWN


@pytest.mark.parametrize(("starts", "repeated"), [(-1, True), (2, False)], ids=["watchdog", "escalation"])
def test_the_authoritys_order_does_not_make_a_fresh_one_look_like_a_repeat(
    tmp_path: Path, starts: int, repeated: bool
) -> None:
    """An escalation that started before the agent decided is still younger than the last order."""
    scene = contested(tmp_path, Oracle(YES))
    runner = Process(4711, scene.last.generation + starts)
    scene.look(3)
    assert scene.last.asked_by == "agent"
    up = replace(scene.last, by=Process(4712, runner.started + 100), runner=runner, asked_by="pgpool")
    assert repeats(up, scene.last) is repeated


def test_places_of_two_other_nodes_are_not_asked_about(tmp_path: Path) -> None:
    """Nobody holds the VIP as a whole: there is nobody to ask about."""
    oracle = Oracle(YES)
    scene = contested(tmp_path, oracle)
    scene.held("a", "c")
    scene.look(6)
    assert (oracle.asked, scene.writes) == ([], 0)


@pytest.mark.parametrize(
    ("holders", "verb", "caller"),
    [
        (("b", "b"), Verb.UP, ALIVE),
        (("a", "a"), Verb.UP, GONE),
        (("a", "a"), Verb.UP, None),
        (("a", "a"), Verb.DOWN, ALIVE),
        ((None, None), Verb.UP, GONE),
        (("a", "b"), Verb.UP, ALIVE),
    ],
)
def test_what_is_not_contested_is_asked_of_nobody(
    tmp_path: Path, holders: tuple[str | None, str | None], verb: Verb, caller: Process | None
) -> None:
    """An authority is never asked whether to do more than an order would."""
    oracle = Oracle(YES)
    scene = Scene(tmp_path, authority=oracle)
    scene.held(*holders)
    scene.told(verb, caller)
    scene.look(6)
    assert oracle.asked == []


def test_without_any_order_nobody_is_asked(tmp_path: Path) -> None:
    """This node was never told to have the VIP."""
    oracle = Oracle(YES)
    scene = Scene(tmp_path, authority=oracle)
    scene.held("a", "a")
    scene.look(4)
    assert oracle.asked == []


def test_answers_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the authority said and why stands in the log."""
    scene = contested(tmp_path, Oracle(NO))
    with caplog.at_level("INFO", "vipswitch.agent"):
        scene.look(2)
    assert "primary: authority says no: a leads" in caplog.messages


class Spelling:
    """A provider whose nodes may be written with capital letters, and that has no node called 10.0.1.4."""

    def spelt(self, node: NodeId, deadline: Deadline) -> NodeId:
        if node == "10.0.1.4":
            raise ConfigError(f"{node}: no network interface")
        return NodeId(node.lower())


@pytest.mark.parametrize(
    ("provider", "holder"), [(Spelling(), "db2.example"), (object(), None)], ids=["spells", "does not"]
)
def test_nodes_are_known_however_the_config_writes_them(provider: Provider, holder: str | None) -> None:
    """A VIP would never be healed because of a capital letter; what is another method's id stays."""
    nodes = {
        "a": Node(ids=(NodeId("10.0.1.4"), NodeId("rg/nic-a")), host="db1.example"),
        "b": Node(ids=(NodeId("RG/NIC-B"),), host="db2.example"),
    }
    asked = question(nodes, "primary", provider, ManualClock())(NodeId("rg/nic-a"), NodeId("rg/nic-b"))
    assert (asked.my_host, asked.holder_host) == ("db1.example", holder)
