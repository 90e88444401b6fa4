"""Fixtures of the host tests; those that need root skip without it and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.host.lab import Namespace, public_folder, python_for_nobody, sweep


@pytest.fixture(scope="session")
def _namespaces() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: makes network namespaces")
    sweep()
    try:
        Namespace.create().delete()
    except (AssertionError, OSError) as exc:
        pytest.skip(f"needs network namespaces: {exc}")


@pytest.fixture
def node(_namespaces: None) -> Iterator[Namespace]:
    """A node with eth0 (10.0.1.10/24, fd00::10/64) and eth1, both up."""
    space = Namespace.create()
    for name in ("eth0", "eth1"):
        space.ip("link", "add", name, "type", "veth", "peer", "name", f"{name}peer")
        space.ip("link", "set", f"{name}peer", "up")
        space.ip("link", "set", name, "up")
    space.ip("addr", "add", "10.0.1.10/24", "dev", "eth0")
    space.ip("addr", "add", "fd00::10/64", "dev", "eth0", "nodad")
    yield space
    space.delete()


@pytest.fixture
def public(_namespaces: None) -> Iterator[Path]:
    """A folder that the user nobody can look into."""
    folder = public_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def nobody(node: Namespace) -> Namespace:
    """The node, where the user nobody can run this Python and read this tree."""
    if python_for_nobody() is None:
        pytest.skip("needs a Python and a tree that the user nobody can read")
    return node


@pytest.fixture
def sudoers(nobody: Namespace, tmp_path: Path) -> Callable[[str], str]:
    """Writes a sudoers file for `Namespace.as_nobody`."""
    if shutil.which("sudo") is None:
        pytest.skip("needs sudo")

    def write(*lines: str) -> str:
        path = tmp_path / "sudoers"
        path.write_text("".join(f"{line}\n" for line in lines))
        path.chmod(0o440)
        return str(path)

    return write
