"""A node that stands still for three intervals of the monitor, at any of its requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.merges.azure_bad import WaitsForNobody
from tests.merges.azure_methods import IpConfiguration
from tests.merges.method import Method
from tests.merges.methods import METHODS
from tests.merges.scene import Scene
from tests.merges.theatre import Theatre
from vipswitch.model import Verb

LOOKS = 4
"""So many looks have three intervals between them."""


def frozen_at(number: int, theatre: Theatre) -> bool:
    """Whether node a makes so many requests; at that one it stands still while the agent of c looks."""
    with theatre.begin()() as scene:
        scene.told("c", Verb.UP)
        frozen = scene.up("a", seconds=60.0, frozen=number)
        for _ in range(number - 1):
            scene.take(min(scene.choices(), key=str))
        stands_still = bool(scene.choices())
        looks(scene)
        scene.play_on()
        assert (scene.code(frozen), scene.holder) == (0, "a")
        looks(scene)
        assert scene.holder == "a"
        return stands_still


def looks(scene: Scene) -> None:
    """The agent of the old holder looks at what is there, and leaves it as it is."""
    agent = scene.agent("c", LOOKS)
    while waiting := [choice for choice in scene.choices() if choice.actor == agent]:
        scene.take(waiting[0])
    assert scene.writes[agent] == 0, f"written at {scene.holder}"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_node_frozen_at_any_request_is_not_fought(tmp_path: Path, method: type[Method]) -> None:
    """Also between its two writes; when it goes on it takes the VIP all the same."""
    theatre = Theatre(tmp_path, method)
    number = 1
    while frozen_at(number, theatre):
        number += 1
    assert number > 3


def test_agent_without_a_gap_would_fight(tmp_path: Path) -> None:
    """The same with an agent that restores what it has seen vacant twice."""
    theatre = Theatre(tmp_path, IpConfiguration, make=WaitsForNobody)
    with pytest.raises(AssertionError, match="written at"):
        all(frozen_at(number, theatre) for number in range(1, 20))
