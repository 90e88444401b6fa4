"""What was put in place, found by the real programs: Pacemaker and systemd; keepalived has a test of its own.

Needs `crm_resource` (Debian: pacemaker-cli-utils) as root, and `systemd-analyze` (Debian: systemd).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.installed.scene import Scene, program, scene

TREE = Path("/usr/lib/ocf/resource.d")
MANAGER = "[Unit]\nDescription=an HA manager\n[Service]\nExecStart=/bin/true\n"


@pytest.fixture
def here(tmp_path: Path) -> Scene:
    """An installation."""
    return scene(tmp_path)


def said_by(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """What a program says, in English."""
    english = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(words, env=english, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts an OCF tree of its own")
@pytest.mark.skipif(shutil.which("crm_resource") is None, reason="crm_resource is not installed")
@pytest.mark.skipif(not TREE.is_dir(), reason="there is no OCF tree (Debian: resource-agents)")
def test_pacemaker_finds_the_agent(here: Scene) -> None:
    """By its provider and its name, although it is a link; with the meta-data that it gives."""
    program(here.origin.scripts / "vipswitch-ocf", "echo '<resource-agent name=\"vip\"/>'")
    Scene(here.origin, here.into / "vipswitch").install("pacemaker")
    asked = (
        f"mount --bind {here.into} {TREE} && crm_resource --list-agents ocf:vipswitch"
        " && crm_resource --show-metadata ocf:vipswitch:vip"
    )
    done = said_by("unshare", "--mount", "sh", "-c", asked)
    assert done.stdout.split("\n")[:2] == ["vip", '<resource-agent name="vip"/>'], done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", ["vipswitch-agent", "keepalived"])
def test_systemd_takes_unit_and_drop_in(here: Scene, unit: str) -> None:
    """Without a word about either; a manager's own unit is read together with our drop-in."""
    folder = here.into / "systemd/system"
    folder.mkdir(parents=True)
    (folder / "keepalived.service").write_text(MANAGER)
    here.install("systemd")
    done = said_by("systemd-analyze", "verify", "--man=no", folder / f"{unit}.service")
    assert [line for line in done.stderr.splitlines() if "vipswitch" in line] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_a_drop_in_with_a_mistake_would_be_seen(here: Scene) -> None:
    """So that the test before this one can fail."""
    folder = here.into / "systemd/system"
    folder.mkdir(parents=True)
    (folder / "keepalived.service").write_text(MANAGER)
    here.install("systemd")
    drop_in = folder / "keepalived.service.d/vipswitch.conf"
    drop_in.write_text(drop_in.read_text().replace("Wants=", "Wnats="))
    done = said_by("systemd-analyze", "verify", "--man=no", folder / "keepalived.service")
    assert "Wnats" in done.stderr
