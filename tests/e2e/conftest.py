"""Skips what this machine cannot run, and plays the scenarios of the selected tests side by side.

Rules: a scenario mostly waits, so several are played at once, each in its own process and network, from the
begin on, also while other tests run; none outlives the session. `VIPSWITCH_REPEAT` plays each so many times,
`VIPSWITCH_E2E_JOBS` so many at once.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.methods import DEFAULT
from tests.e2e.players import Play, Players
from tests.e2e.postgres import program


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "repetition" in metafunc.fixturenames:
        metafunc.parametrize("repetition", range(int(os.environ.get("VIPSWITCH_REPEAT", "1"))))


@pytest.fixture(scope="session")
def root() -> None:
    """Skips where no network namespaces can be made."""
    if why := _no_namespaces():
        pytest.skip(why)


@pytest.fixture(scope="session")
def players(
    root: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Players]:
    """Has begun to play all that the selected tests will ask for."""
    if why := _no_plays():
        pytest.skip(why)
    plays = [play for item in request.session.items if (play := _play(item))]
    with Players(
        plays, tmp_path_factory.mktemp("plays"), int(os.environ.get("VIPSWITCH_E2E_JOBS", "4"))
    ) as players:
        yield players


@pytest.fixture(scope="session", autouse=True)
def begun(request: pytest.FixtureRequest) -> None:
    """Lets the plays begin before the first test, whichever that is."""
    if any(map(_play, request.session.items)) and not (_no_namespaces() or _no_plays()):
        request.getfixturevalue("players")


@pytest.fixture
def evidence(players: Players, request: pytest.FixtureRequest) -> Evidence:
    """What the play of this test's `scenario`, `mover`, `repetition` and `method`, if it has one, left."""
    play = _play(request.node)
    assert play is not None
    return players.evidence(play)


def _no_namespaces() -> str | None:
    """Why no network namespaces can be made here."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    return "needs iproute2 (make e2e-deps)" if shutil.which("ip") is None else None


def _no_plays() -> str | None:
    """Why nothing can be played here."""
    found = Path("/usr/sbin/pgpool").exists() and program("initdb") is not None
    return None if found else "needs Pgpool-II and PostgreSQL (make e2e-deps)"


def _play(item: pytest.Item) -> Play | None:
    params = getattr(getattr(item, "callspec", None), "params", {})
    if not {"scenario", "mover", "repetition"} <= params.keys():
        return None
    method = params.get("method", DEFAULT)
    return Play(params["scenario"], params["mover"], params["repetition"], method)
