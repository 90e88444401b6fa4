"""The runs of the demo that the tests look at, all begun at once, because each takes its time."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping

import pytest

from tests.demo.performance import WITHOUT_PRIVILEGES, Performance, where_namespaces_are_forbidden
from vipswitch.demo import sandbox


def _namespaces() -> bool:
    try:
        return bool(sandbox.entrance())
    except sandbox.NoNamespaces:
        return False


def _user_namespaces() -> bool:
    """Whether root without privileges can have them."""
    command = [*WITHOUT_PRIVILEGES, "unshare", "--user", "--map-root-user", "true"]
    tools = shutil.which("setpriv") and shutil.which("unshare")
    return os.geteuid() == 0 and bool(tools) and subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="session")
def performances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Performance]]:
    """By name; those that this machine cannot run are missing."""

    def begin(name: str, *flags: str, before: tuple[str, ...] = ()) -> None:
        begun[name] = Performance(tmp_path_factory.mktemp(name), flags, before)

    begun: dict[str, Performance] = {}
    begin("asked", "--without-namespaces")
    if _namespaces():
        begin("packets")
    if _user_namespaces():
        begin("user", "--without-pgpool", before=WITHOUT_PRIVILEGES)
        begin("forbidden", before=tuple(where_namespaces_are_forbidden()))
    yield begun
    for each in begun.values():
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait()


@pytest.fixture
def performance(request: pytest.FixtureRequest, performances: Mapping[str, Performance]) -> Performance:
    """The one that the test names."""
    if request.param not in performances:
        pytest.skip("needs namespaces, or root to take them away")
    return performances[request.param]


@pytest.fixture
def packets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Performance]:
    """A run with packets of the test's own, to be stopped."""
    if not _namespaces():
        pytest.skip("needs network namespaces")
    yield from _own(Performance(tmp_path_factory.mktemp("stopped"), ["--without-pgpool"]))


@pytest.fixture
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Performance]:
    """A run without packets of the test's own, to be stopped."""
    yield from _own(Performance(tmp_path_factory.mktemp("stopped"), ["--without-namespaces"]))


def _own(performance: Performance) -> Iterator[Performance]:
    yield performance
    if performance.process.poll() is None:
        performance.process.kill()
        performance.process.wait()
