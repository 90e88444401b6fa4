"""Two nodes at work and the agent of a third one that would have the VIP back: every merge of the three."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.merges.method import Method
from tests.merges.methods import METHODS
from tests.merges.pairs import Pair, one_winner, two_ups
from tests.merges.scene import Scene
from tests.merges.trial import all_merges
from vipswitch.model import Verb


def two_ups_and_agent(scene: Scene) -> None:
    """The agent looks twice."""
    scene.told("c", Verb.UP)
    two_ups(scene)
    scene.agent("c", 2)


def agent_has_written_nothing(scene: Scene) -> None:
    """The two settle it between themselves."""
    assert scene.writes["agent c"] == 0
    one_winner(scene)


THREE = Pair("up a, up b, agent c", two_ups_and_agent, agent_has_written_nothing)


@pytest.mark.full
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_agent_of_a_third_node_stands_by(
    tmp_path: Path, method: type[Method], record_property: Callable[[str, object], None]
) -> None:
    """Whatever it sees, also when neither of the two has the VIP."""
    tally = all_merges(tmp_path, method, THREE, counted=False)
    record_property("merges", f"{method.name}: {THREE.name}: {tally}")
