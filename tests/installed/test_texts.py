"""Files for systemd: with this installation's paths; replaced while untouched, left alone once edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installed.scene import UNIT, Scene, scene
from vipswitch.errors import ConfigError
from vipswitch.installed.content import is_marked, is_untouched, marked
from vipswitch.installed.wanted import MANAGERS

AGENT = "systemd/system/vipswitch-agent.service"
DROP_IN = "systemd/system/keepalived.service.d/vipswitch.conf"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    """A machine that has keepalived."""
    there = scene(tmp_path)
    (there.into / "systemd/system").mkdir(parents=True)
    (there.into / "systemd/system/keepalived.service").write_text("[Service]\n")
    return there


def text(here: Scene, name: str = AGENT) -> str:
    """What is in a file of the machine."""
    return (here.into / name).read_text()


def test_unit_starts_the_agent_of_this_installation(here: Scene) -> None:
    """By its whole path, wherever pip has put it; user and run folder come with it."""
    here.install("systemd")
    assert f"ExecStart={here.origin.scripts}/vipswitch agent" in text(here).splitlines()
    assert "u vipswitch -" in text(here, "sysusers.d/vipswitch.conf")
    assert "d /run/vipswitch" in text(here, "tmpfiles.d/vipswitch.conf")
    assert (here.into / AGENT).stat().st_mode & 0o777 == 0o644


def test_managers_that_are_here_start_after_the_agent(here: Scene) -> None:
    """And bring it along; no folder is made for the others."""
    here.install("systemd")
    assert "After=vipswitch-agent.service" in text(here, DROP_IN).splitlines()
    assert "Wants=vipswitch-agent.service" in text(here, DROP_IN).splitlines()
    assert [path.name for path in here.into.glob("systemd/system/*.d")] == ["keepalived.service.d"]


def test_drop_ins_are_for_the_managers_that_the_unit_names() -> None:
    """The order of start and stop is told from both sides."""
    unit = (ROOT / "systemd/vipswitch-agent.service").read_text()
    [before] = [line for line in unit.splitlines() if line.startswith("Before=")]
    assert before.removeprefix("Before=").split() == [f"{name}.service" for name in MANAGERS]


def test_remove_leaves_the_machine_as_it_was(here: Scene) -> None:
    """Folders that are ours alone go as well, other people's stay."""
    (here.into / "sysusers.d").mkdir()
    (here.into / "tmpfiles.d").mkdir()
    before = here.contents()
    here.install("systemd")
    here.remove("systemd")
    assert here.contents() == before


def test_a_drop_in_of_a_manager_that_is_gone_is_taken_away_too(here: Scene) -> None:
    """It was ours when there was one; a drop-in of the admin's beside it stays."""
    here.install("systemd")
    (here.into / "systemd/system/keepalived.service").unlink()
    beside = here.into / "systemd/system/keepalived.service.d/mine.conf"
    beside.write_text("[Service]\n")
    here.remove("systemd")
    assert [path.name for path in beside.parent.iterdir()] == ["mine.conf"]


def test_unit_of_another_version_is_replaced(tmp_path: Path, here: Scene) -> None:
    """Nobody has edited it, so nothing is lost."""
    old = scene(tmp_path, "old")
    (old.origin.data / "share/vipswitch/systemd/vipswitch-agent.service").write_text(f"{UNIT}Nice=1\n")
    old.install("systemd")
    assert "vipswitch-agent.service: replaced" in here.install("systemd")
    assert "Nice" not in text(here)


def test_unit_that_was_copied_by_hand_is_taken_over(here: Scene) -> None:
    """As docs/agent-install.md had it before there was this command."""
    (here.into / AGENT).write_text(UNIT)
    assert "vipswitch-agent.service: replaced" in here.install("systemd")


def test_unit_that_was_edited_stops_everything(here: Scene) -> None:
    """Neither overwritten nor taken away: somebody wanted it so."""
    here.install("systemd")
    edited = here.into / AGENT
    edited.write_text(text(here).replace("agent\n", "agent -v\n"))
    before = here.contents()
    for act in (here.install, here.remove):
        with pytest.raises(ConfigError, match="has been edited since"):
            act("systemd")
    assert here.contents() == before


def test_unit_that_starts_at_boot_is_not_pulled_away(here: Scene) -> None:
    """systemd would keep a link to nothing, and the agent would run on until the next boot."""
    here.install("systemd")
    wants = here.into / "systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "vipswitch-agent.service").symlink_to(here.into / AGENT)
    with pytest.raises(ConfigError, match="systemd starts it at boot") as refused:
        here.remove("systemd")
    assert refused.value.hint.startswith("systemctl disable --now vipswitch-agent.service")
    assert (here.into / DROP_IN).exists()


def test_unit_needs_an_installation(here: Scene) -> None:
    """A clone has no `vipswitch` that systemd could start."""
    (here.origin.scripts / "vipswitch").unlink()
    with pytest.raises(ConfigError, match="this vipswitch has none"):
        here.install("systemd")


@pytest.mark.parametrize("whole", ["one\ntwo\n", "#!/bin/sh\nexec true\n", "#!/bin/sh\n", "", "no end"])
def test_a_mark_tells_an_edited_text_from_an_untouched_one(whole: str) -> None:
    """Also after its `#!` line; a text without a mark is nobody's."""
    text = marked(whole)
    assert is_marked(text)
    assert is_untouched(text)
    assert not is_marked(whole)
    assert not is_untouched(whole)
    edits: list[Callable[[str], str]] = [lambda t: t + "x", lambda t: t.replace("digest is ", "digest is 0")]
    for edit in edits:
        assert is_marked(edit(text))
        assert not is_untouched(edit(text))
