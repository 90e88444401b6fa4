"""Who meets whom, and what must be true when both are through, whoever came first at every turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.merges.method import Method
from tests.merges.scene import ALIVE, Scene
from vipswitch.model import Verb

Check = Callable[[Scene], None]


@dataclass(frozen=True)
class Pair:
    """Actors on a stage where `holder` holds the VIP, and what holds at the end."""

    name: str
    enter: Callable[[Scene], object]
    check: Check
    holder: str | None = "c"


def two_ups(scene: Scene) -> None:
    """Two nodes' orders at once, by persons."""
    scene.up("a")
    scene.up("b")


def one_winner(scene: Scene) -> None:
    """One of the two holds the VIP and knows; the other one keeps no address, at the latest once its agent
    has looked twice."""
    winner, loser = winner_and_loser(scene)
    if scene.code(f"up {loser}") == 4:
        assert loser not in scene.carrying
    scene.agent(loser, 3)
    scene.play_on()
    assert loser not in scene.carrying
    assert scene.holder == winner


def winner_and_loser(scene: Scene) -> tuple[str, str]:
    """The one of the two that holds the VIP, and knows; and the other one.

    Its `up` was done before (0), or saw that it has lost (4), or its time was over while the other one was
    between its two writes (6).
    """
    assert scene.holder in ("a", "b")
    winner, loser = ("a", "b") if scene.holder == "a" else ("b", "a")
    assert scene.code(f"up {winner}") == 0
    assert has_address(scene, winner)
    code, ended = scene.code(f"up {loser}"), scene.actors[f"up {loser}"].now.ended
    assert code in (0, 4, 6)
    if code == 6:
        seen = ended.places[0].seen
        assert seen is not None
        assert seen.holder is None
    return winner, loser


def two_managers(scene: Scene) -> None:
    """Two HA managers' orders at once: a split."""
    scene.up("a", caller=ALIVE)
    scene.up("b", caller=ALIVE)


def one_winner_beside_a_manager(scene: Scene) -> None:
    """The loser's manager would ask again if the address that packets may be on their way to went away."""
    winner, loser = winner_and_loser(scene)
    wrote = scene.accepted[f"up {loser}"] > 0 and bool(scene.method.vip.addresses)
    keeps = loser in scene.carrying
    assert keeps == wrote or (wrote and scene.method.takes_back)
    scene.agent(loser, 3)
    scene.play_on()
    assert (loser in scene.carrying) == keeps
    assert scene.holder == winner


def has_address(scene: Scene, name: str) -> bool:
    """Whether a node's host has the address, if hosts have it."""
    return name in scene.carrying or not scene.method.vip.addresses


def up_and_down(scene: Scene) -> None:
    """The holder lets go while another node takes over."""
    scene.told("c", Verb.UP, None)
    scene.up("a")
    scene.down("c")


def taken_over(scene: Scene) -> None:
    """Both succeed, and only the new holder has the address."""
    assert scene.holder == "a"
    assert (scene.code("up a"), scene.code("down c")) == (0, 0)
    assert has_address(scene, "a")
    assert scene.carrying <= {"a"}


def up_and_agent(scene: Scene) -> None:
    """The old holder's agent looks three times, while its own order is still `up` and its caller alive."""
    scene.told("c", Verb.UP)
    scene.up("a")
    scene.agent("c", 3)


def not_fought(scene: Scene) -> None:
    """The agent has written nothing."""
    assert scene.writes["agent c"] == 0
    assert scene.holder == "a"
    assert scene.code("up a") == 0
    assert has_address(scene, "a")


def down_and_agent(scene: Scene) -> None:
    """The holder lets go while the agent of a node looks that would have the VIP if nobody else came."""
    scene.told("c", Verb.UP, None)
    scene.told("b", Verb.UP)
    scene.down("c")
    scene.agent("b", 3)


def let_go(scene: Scene) -> None:
    """Nobody comes so soon, unless what is left is marked."""
    assert scene.code("down c") == 0
    assert not scene.carrying & {"c"}
    if scene.method.gap_s:
        assert scene.writes["agent b"] == 0
        assert scene.holder is None
    else:
        assert scene.holder in ("b", None if scene.method.frees else "c")


def up_and_restore(scene: Scene) -> None:
    """Nobody holds the VIP, for long enough that another node's agent restores it."""
    if not scene.method.gap_s:
        scene.told("c", Verb.UP, None)
        scene.down("c")
        scene.play_on()
    scene.told("b", Verb.UP)
    scene.up("a")
    scene.agent("b", 2, scene.method.gap_s + 10)


def not_restored_over(scene: Scene) -> None:
    """An order never yields to a restore."""
    assert scene.code("up a") == 0
    assert scene.holder == "a"
    assert has_address(scene, "a")


def up_and_stranger(scene: Scene) -> None:
    """Somebody else changes what the node has read and is about to write."""
    scene.up("a")
    scene.stranger()


def both_kept(scene: Scene) -> None:
    """Neither has undone what the other did."""
    assert (scene.code("up a"), scene.holder) == (0, "a")
    done = scene.actors["somebody"].now.ended
    assert scene.method.meddled(scene.cloud.now.documents) or not done


UPS = Pair("up a, up b, from c", two_ups, one_winner)
UPS_FOR_MANAGERS = Pair("up a, up b, from c, for two HA managers", two_managers, one_winner_beside_a_manager)
UPS_FROM_NOBODY = Pair("up a, up b, from nobody", two_ups, one_winner, None)
UP_AND_DOWN = Pair("up a, down c", up_and_down, taken_over)
UP_AND_AGENT = Pair("up a, agent c", up_and_agent, not_fought)
DOWN_AND_AGENT = Pair("down c, agent b", down_and_agent, let_go)
UP_AND_RESTORE = Pair("up a, restore by agent b", up_and_restore, not_restored_over, None)
UP_AND_STRANGER = Pair("up a, a change by somebody else", up_and_stranger, both_kept)
PAIRS = [
    UPS,
    UPS_FOR_MANAGERS,
    UPS_FROM_NOBODY,
    UP_AND_DOWN,
    UP_AND_AGENT,
    DOWN_AND_AGENT,
    UP_AND_RESTORE,
    UP_AND_STRANGER,
]


def applies(method: type[Method], pair: Pair) -> bool:
    """Whether there is anything of that kind in the method."""
    hosts = method.vip.addresses or pair is not UPS_FOR_MANAGERS
    return bool(hosts and (method.meddles or pair is not UP_AND_STRANGER))
