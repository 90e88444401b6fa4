"""One of two dies at any of its writes, at every turn of every merge: the next one to come repairs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.merges.azure_methods import IpConfiguration, PublicIp
from tests.merges.crashes import (
    BESIDE_A_DOWN,
    BESIDE_ANOTHER,
    BESIDE_ANOTHER_FROM_NOBODY,
    CRASHES,
    all_deaths,
)
from tests.merges.google_methods import AliasIp, ExternalIp, Route
from tests.merges.method import Ends, Method
from tests.merges.methods import METHODS
from tests.merges.pairs import Check, Pair
from tests.merges.trial import IMPATIENT_S

IN_FULL = [(method, BESIDE_ANOTHER) for method in (Route, AliasIp, ExternalIp, PublicIp, IpConfiguration)]
"""They take up to half a minute each; from nobody, alone and beside a `down` they crash in every run."""

IN_FULL += [(method, BESIDE_ANOTHER_FROM_NOBODY) for method in (ExternalIp, PublicIp, IpConfiguration)]
"""A handover by two writes: it is tried with `gcp-alias-ip`, whose writes are the same ones."""

CASES = [
    pytest.param(method, *crash, id=f"{method.name}-{crash[0].name}-{crash[1]}")
    for method in METHODS
    for crash in CRASHES
]

SHORT = [
    pytest.param(*case.values, id=case.id, marks=[pytest.mark.full] if case.values[:2] in IN_FULL else [])
    for case in CASES
]


IN_A_SLOW_CLOUD = [case for case in CASES if case.values[:2] != (PublicIp, BESIDE_ANOTHER)]
"""All but the one that takes longest, by far."""


@pytest.mark.parametrize(("method", "pair", "actor", "repairs"), SHORT)
def test_crash_at_any_write_is_repaired(
    tmp_path: Path,
    method: type[Method],
    pair: Pair,
    actor: str,
    repairs: Sequence[Check],
    record_property: Callable[[str, object], None],
) -> None:
    """By the node's next order, by another node's, by its agent, or by another node's agent."""
    tally = all_deaths(tmp_path, method, pair, actor, repairs)
    assert tally.deaths > 1
    record_property("merges", f"{method.name}: {pair.name}: {actor} dies: {tally}")


@pytest.mark.parametrize(
    ("pair", "actor"),
    [
        pytest.param(BESIDE_A_DOWN, "up a", id="up a beside a down"),
        pytest.param(BESIDE_A_DOWN, "down c", id="down c beside an up"),
        pytest.param(BESIDE_ANOTHER, "up a", id="up a beside an up", marks=pytest.mark.full),
    ],
)
def test_there_is_a_route_at_every_moment_of_every_merge_with_a_crash(
    tmp_path: Path, pair: Pair, actor: str, record_property: Callable[[str, object], None]
) -> None:
    """Each is played, and none left out for being like another."""
    tally = all_deaths(tmp_path, Route, pair, actor, [], reduced=False)
    assert tally.deaths > 1
    record_property("merges", f"{Route.name}: {pair.name}: {actor} dies: all {tally}")


@pytest.mark.full
@pytest.mark.parametrize(("method", "pair", "actor", "repairs"), IN_A_SLOW_CLOUD)
def test_crash_while_operations_run_is_repaired(
    tmp_path: Path,
    method: type[Method],
    pair: Pair,
    actor: str,
    repairs: Sequence[Check],
    record_property: Callable[[str, object], None],
) -> None:
    """The same where what the dead one has begun ends at any turn."""
    tally = all_deaths(tmp_path, method, pair, actor, repairs, ends=Ends.AT_ANY_TURN, patience_s=IMPATIENT_S)
    record_property("merges", f"{method.name}: {pair.name}: {actor} dies, slow cloud: {tally}")
