"""The keepalived example: read by the preflight and by the real keepalived; tests/e2e/keepalived runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.config import Config
from vipswitch.preflight.keepalived import look_at_keepalived, read_conf
from vipswitch.provider import Level

FOLDER = Path(__file__).parents[2] / "examples/keepalived-route-table"
CONFS = ("keepalived.conf", "keepalived-fifo.conf")
HOOKS = FOLDER.parents[1] / "hooks/installed"
SAID_BY_ALL = "No VIP specified; at least one is sensible"


def installed(name: str, folder: Path) -> Path:
    """The file with its programs, and where it keeps its own files, in this folder."""
    for program in HOOKS.glob("vipswitch-keepalived*"):
        shutil.copy(program, folder)
    text = (FOLDER / name).read_text().replace("/usr/local/bin/", f"{folder}/")
    copy = folder / name
    copy.write_text(text.replace("/etc/keepalived/lower", f"{folder}/lower").replace("/run/", f"{folder}/"))
    return copy


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return configfile.read(copy)


def test_every_file_is_checked() -> None:
    """A new example gets its test, and its line for readers."""
    known = {*CONFS, "vipswitch.toml", "README.md"}
    assert {path.name for path in FOLDER.iterdir()} == known
    read = re.findall(r"\]\(([^)/]+)\)", (FOLDER / "README.md").read_text())
    assert {*read, "README.md"} == known


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: keepalived's rules are about root's files")
@pytest.mark.parametrize("name", CONFS)
def test_the_preflight_finds_nothing_wrong(name: str, tmp_path: Path, config: Config) -> None:
    """With the example's config and its programs installed."""
    findings = list(look_at_keepalived(read_conf(installed(name, tmp_path)), config))
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert findings


@pytest.mark.skipif(shutil.which("keepalived", path="/usr/sbin") is None, reason="needs keepalived")
@pytest.mark.parametrize("node", ["node1", "node2"])
@pytest.mark.parametrize("name", CONFS)
def test_keepalived_takes_it(name: str, node: str, tmp_path: Path) -> None:
    """All it has to say is that there is no address for itself, and that is on purpose."""
    words = ["/usr/sbin/keepalived", "--config-test", "--use-file", str(installed(name, tmp_path))]
    done = subprocess.run([*words, "--config-id", node], capture_output=True, text=True, timeout=20)
    said = (done.stdout + done.stderr).splitlines()
    assert [line for line in said if SAID_BY_ALL not in line] == []


@pytest.mark.parametrize("name", CONFS)
def test_each_node_has_all_that_the_other_one_has(name: str) -> None:
    """One file serves both: a line for the one goes with a line for the other."""
    mine, others = (
        re.findall(rf"^ +@{node} (.+?)\b", (FOLDER / name).read_text(), re.M) for node in ("node1", "node2")
    )
    settings = ["router_id", "priority", "unicast_src_ip"]
    assert [word for word in mine if not word.isdigit()] == settings
    assert (len(mine), len(others)) == (4, 4)
