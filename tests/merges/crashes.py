"""A process that dies before or after each of its writes, at every turn of every merge; what repairs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.merges.method import Method
from tests.merges.pairs import Check, Pair, has_address
from tests.merges.scene import ALIVE, Death, Scene
from tests.merges.theatre import Theatre
from tests.merges.trial import Tally, checked, judged_always
from vipswitch.model import Verb
from vipswitch.testing.merges import Run, again, explore

_MOST_WRITES = 12


def all_deaths(
    folder: Path,
    method: type[Method],
    pair: Pair,
    actor: str,
    repairs: Sequence[Check],
    *,
    reduced: bool = True,
    **how: Any,
) -> Tally:
    """Let the actor die at each write that it makes in any merge, and then try each repair."""
    theatre = Theatre(folder, method, pair.enter, holder=pair.holder, **how)
    tally = Tally()
    for write, carried_out in itertools.product(range(_MOST_WRITES), (False, True)):
        before = tally.deaths
        death = Death(actor, write, carried_out)
        seen: set[str] = set()
        for run in explore(theatre.begin(death), reduced=reduced):
            if run.play.died:
                tally.deaths += 1
                tally.repairs += _repaired(theatre.begin(death), run, seen, repairs)
        if tally.deaths == before:
            break
    return tally


def _repaired(begin: Callable[[], Any], run: Run[Scene], seen: set[str], repairs: Sequence[Check]) -> int:
    """How many repairs were tried: none where the same was left behind before."""
    judged_always(run.play, run.schedule)
    left = run.play.state
    if left in seen:
        return 0
    seen.add(left)
    for repair in repairs:
        with again(begin, run) as scene:
            checked(repair, scene, f"{run.schedule}\n{repair.__name__}")
    return len(repairs)


def alone(scene: Scene) -> None:
    """One node takes over; the old holder's caller lives."""
    scene.told("c", Verb.UP)
    scene.up("a", caller=ALIVE)


def beside_another(scene: Scene) -> None:
    """Two nodes' orders at once; that of the one that dies is an HA manager's, which lives on."""
    scene.told("c", Verb.UP)
    scene.up("a", caller=ALIVE)
    scene.up("b")


def beside_a_down(scene: Scene) -> None:
    """The old holder lets go meanwhile."""
    scene.told("c", Verb.UP, None)
    scene.up("a", caller=ALIVE)
    scene.down("c")


def up_again(scene: Scene) -> None:
    """The node's next order takes the VIP, whatever the one before has left."""
    again_ = scene.up("a", caller=ALIVE)
    scene.play_on()
    assert (scene.code(again_), scene.holder) == (0, "a")
    assert has_address(scene, "a")


def up_elsewhere(scene: Scene) -> None:
    """So does another node's."""
    again_ = scene.up("b")
    scene.play_on()
    assert (scene.code(again_), scene.holder) == (0, "b")
    assert has_address(scene, "b")


def own_agent(scene: Scene) -> None:
    """The node's agent goes on with the order."""
    scene.agent("a", 4)
    scene.play_on()
    assert scene.holder == "a"
    assert has_address(scene, "a")


def agent_elsewhere(scene: Scene) -> None:
    """The machine is dead: the agent of a node that would have the VIP waits for the gap to be over."""
    before = scene.holder
    scene.told("b", Verb.UP)
    scene.agent("b", 3, scene.method.gap_s + 10)
    scene.play_on()
    assert scene.holder == before or (before is None and scene.holder == "b") or _released(scene)
    assert scene.holder is not None


def down_again(scene: Scene) -> None:
    """The next `down` succeeds and leaves the winner alone."""
    again_ = scene.down("c")
    scene.play_on()
    assert scene.code(again_) == 0
    assert_let_go(scene)


def down_by_agent(scene: Scene) -> None:
    """So does the agent, which goes on with a `down` as well."""
    scene.agent("c", 3)
    scene.play_on()
    assert_let_go(scene)


def assert_let_go(scene: Scene) -> None:
    """The winner has the VIP if its order has ended well, which a slow cloud may have kept it from."""
    assert "c" not in scene.carrying
    assert scene.holder == "a" or scene.code("up a") in (5, 6)


def _released(scene: Scene) -> bool:
    """A marked VIP is nobody's, although its route still leads to who has let go."""
    return not scene.method.gap_s and scene.holder == "b"


ALONE = Pair("up a", alone, up_again)
BESIDE_ANOTHER = Pair("up a, up b, from c", beside_another, up_again)
BESIDE_ANOTHER_FROM_NOBODY = Pair("up a, up b, from nobody", beside_another, up_again, None)
BESIDE_A_DOWN = Pair("up a, down c", beside_a_down, up_again)
UP_REPAIRS = [up_again, up_elsewhere, own_agent, agent_elsewhere]
CRASHES = [
    (ALONE, "up a", UP_REPAIRS),
    (BESIDE_ANOTHER, "up a", UP_REPAIRS),
    (BESIDE_ANOTHER_FROM_NOBODY, "up a", UP_REPAIRS),
    (BESIDE_A_DOWN, "up a", UP_REPAIRS),
    (BESIDE_A_DOWN, "down c", [down_again, down_by_agent]),
]
