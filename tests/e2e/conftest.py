"""Skips what this machine cannot run, and plays the scenarios of the selected tests side by side.

Rules: a scenario mostly waits, so several are played at once, each in its own process and network, from the
begin on, also while other tests run; none outlives the session. `VIPSWITCH_REPEAT` plays each so many times,
`VIPSWITCH_E2E_JOBS` so many at once. A test file that is not about Pgpool-II says at its top who plays its
scenarios and which programs that needs: `PLAYED_BY = "tests.e2e.keepalived.run"`, `NEEDS = ("keepalived",)`.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import pytest

from tests.e2e.evidence import Evidence
from tests.e2e.methods import DEFAULT
from tests.e2e.players import PGPOOL, Play, Players
from tests.e2e.postgres import program

T = TypeVar("T")

_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


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
    """Has begun to play all that the selected tests will ask for, and that can be played here."""
    with Players(
        _plays(request.session.items),
        tmp_path_factory.mktemp("plays"),
        int(os.environ.get("VIPSWITCH_E2E_JOBS", "6")),
    ) as players:
        yield players


@pytest.fixture(scope="session", autouse=True)
def begun(request: pytest.FixtureRequest) -> None:
    """Lets the plays begin before the first test, whichever that is."""
    if _plays(request.session.items) and not _no_namespaces():
        request.getfixturevalue("players")


@pytest.fixture
def left(players: Players, request: pytest.FixtureRequest) -> str:
    """What the play of this test's `scenario`, `mover`, `repetition` and `method`, if it has one, wrote."""
    play = _play(request.node)
    assert play is not None
    if why := _missing(request.node):
        pytest.skip(why)
    return players.left(play)


@pytest.fixture
def evidence(left: str) -> Evidence:
    """The same, where it is `Evidence`."""
    return Evidence.from_json(left)


def _no_namespaces() -> str | None:
    """Why no network namespaces can be made here."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    return "needs iproute2 (make e2e-deps)" if shutil.which("ip") is None else None


def _missing(item: pytest.Item) -> str | None:
    """Why what this test asks for cannot be played here."""
    needs: Sequence[str] = _said(item, "NEEDS", ("pgpool", "initdb"))
    missing = [name for name in needs if not (shutil.which(name, path=_PATH) or program(name))]
    return f"needs {' and '.join(missing)} (make e2e-deps)" if missing else None


def _plays(items: Iterable[pytest.Item]) -> list[Play]:
    return [play for item in items if (play := _play(item)) and not _missing(item)]


def _play(item: pytest.Item) -> Play | None:
    params = getattr(getattr(item, "callspec", None), "params", {})
    if not {"scenario", "mover", "repetition"} <= params.keys():
        return None
    method, module = params.get("method", DEFAULT), _said(item, "PLAYED_BY", PGPOOL)
    return Play(params["scenario"], params["mover"], params["repetition"], method, module)


def _said(item: pytest.Item, name: str, otherwise: T) -> T:
    """What the test's file says of itself."""
    said: T = getattr(getattr(item, "module", None), name, otherwise)
    return said
