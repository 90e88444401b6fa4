"""Who else could change what is run by a path: the rule of keepalived's script security."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.installed.scene import program, scene
from vipswitch.errors import ConfigError
from vipswitch.installed.safety import trusted_owners, weak_spot

STRANGER = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to others, which only root can do")


@pytest.fixture
def hook(tmp_path: Path) -> Path:
    """A program two folders down, that only we can change."""
    path = tmp_path / "a/b/hook"
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o755)
    path.parent.parent.chmod(0o755)
    program(path)
    return path


def weak(path: Path) -> str:
    """What a hook's path is weak by."""
    return weak_spot(path, trusted_owners())


def test_a_path_of_root_and_ourselves_is_safe(hook: Path) -> None:
    """/tmp is sticky: what is ours there nobody else can move away."""
    assert weak(hook) == ""


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_everybody_may_write(hook: Path, depth: int) -> None:
    """To the file, or to any folder above it."""
    part = [hook, *hook.parents][depth]
    part.chmod(0o757)
    assert weak(hook) == f"{part} can be written to by everybody"


def test_a_sticky_folder_is_safe_but_not_a_sticky_file(hook: Path) -> None:
    """The bit protects entries of folders, and means nothing on a file."""
    hook.parent.chmod(0o1777)
    assert weak(hook) == ""
    hook.chmod(0o1757)
    assert weak(hook)


@needs_root
def test_a_group_may_write(hook: Path) -> None:
    """Unless it is root's: Debian of old gave /usr/local to the group staff."""
    hook.parent.chmod(0o775)
    assert weak(hook) == ""
    os.chown(hook.parent, 0, 50)
    assert weak(hook) == f"{hook.parent} can be written to by the group 50"


@needs_root
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_part_of_the_path_is_a_strangers(hook: Path, depth: int) -> None:
    """Its owner can always change its mode."""
    part = [hook, *hook.parents][depth]
    os.chown(part, STRANGER, 0)
    assert weak(hook) == f"{part} belongs to uid {STRANGER}"


def test_both_sides_of_a_link_count(hook: Path, tmp_path: Path) -> None:
    """A link is as weak as what it leads to, and as the folder it lies in."""
    link = tmp_path / "link"
    link.symlink_to(hook)
    assert weak(link) == ""
    hook.parent.chmod(0o777)
    assert weak(link) == f"{hook.parent} can be written to by everybody"


def test_install_refuses_a_folder_that_others_may_write_to(tmp_path: Path) -> None:
    """Else whoever can write there is root at the next failover."""
    here = scene(tmp_path)
    here.into.chmod(0o777)
    with pytest.raises(ConfigError, match="machine can be written to by everybody"):
        here.install()
    assert here.contents() == {}


def test_install_refuses_an_installation_that_others_may_change(tmp_path: Path) -> None:
    """A safe link to a file that is not."""
    here = scene(tmp_path)
    here.origin.scripts.chmod(0o777)
    with pytest.raises(ConfigError, match="opt/bin can be written to by everybody"):
        here.install()
