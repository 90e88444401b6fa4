"""`vipswitch check` as a whole: it sees, it tells, it changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

HOOKS = sysconfig.get_path("scripts")
CONFIG = """
[vip.primary]
address = "10.99.0.50"
provider = "file"
path = "{folder}/vip.json"
node = "a"
"""
PGPOOL = """\
use_watchdog = on
hostname0 = 'one'
hostname1 = 'two'
hostname2 = 'three'
wd_priority = {priority}
delegate_IP = '{delegate}'
if_up_cmd = '{hooks}/vipswitch-if-up $_IP_${flags}'
if_down_cmd = '{hooks}/vipswitch-if-down $_IP_${flags}'
arping_cmd = '/usr/bin/true'
"""


@dataclass(frozen=True)
class Checked:
    """What one run said."""

    code: int
    findings: list[dict[str, str]]
    stderr: str

    def about(self, subject: str) -> dict[str, str]:
        """The first finding whose subject ends so."""
        return next(f for f in self.findings if f["subject"].endswith(subject))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A node with a config and a good pgpool.conf."""
    (tmp_path / "vipswitch.toml").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "pgpool.conf").write_text(_pgpool())
    return tmp_path


def _pgpool(priority: int = 1, delegate: str = "10.99.0.50", flags: str = "") -> str:
    return PGPOOL.format(priority=priority, delegate=delegate, hooks=HOOKS, flags=flags)


def check(folder: Path, *words: str) -> Checked:
    """Run it there."""
    command = [sys.executable, "-m", "vipswitch", "check", "--json", *words]
    environment = {"PATH": os.environ["PATH"], "VIPSWITCH_RUN_DIR": str(folder / "run")}
    environment["VIPSWITCH_CONFIG"] = str(folder / "vipswitch.toml")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert "Traceback" not in done.stderr
    return Checked(done.returncode, json.loads(done.stdout), done.stderr)


def everything(folder: Path) -> dict[str, str]:
    """Each file and its content."""
    return {str(path): path.read_text() if path.is_file() else "" for path in folder.rglob("*")}


@pytest.mark.timed
def test_it_looks_at_all_and_changes_nothing(folder: Path) -> None:
    """Config, run folder, hooks, VIP, pgpool.conf; whatever is not well has a fix; in under two seconds."""
    before, began = everything(folder), time.monotonic()
    seen = check(folder, "--pgpool-conf", str(folder / "pgpool.conf"))
    assert time.monotonic() - began < 2.0
    assert everything(folder) == before
    assert all(finding["fix"] for finding in seen.findings if finding["level"] != "ok")
    for subject in (
        "config",
        "run",
        "hook vipswitch-if-up",
        "primary: node",
        "vip.json:file",
        ":7: if_up_cmd",
    ):
        assert seen.about(subject)
    assert seen.code == (2 if any(finding["level"] == "error" for finding in seen.findings) else 0)


def test_vips_that_only_pgpool_conf_defines_are_looked_at(folder: Path) -> None:
    """One line with flags and no config file is a whole set-up."""
    flags = f" --provider file --path {folder}/other.json --node b"
    (folder / "pgpool.conf").write_text(_pgpool(delegate="10.99.0.99", flags=flags))
    (folder / "vipswitch.toml").write_text("")
    seen = check(folder, "--pgpool-conf", str(folder / "pgpool.conf"))
    assert seen.about("10.99.0.99: node")["message"] == "this node is b"
    assert any(finding["message"] == "moves 10.99.0.99 by file" for finding in seen.findings)


def test_a_broken_config_does_not_hide_the_rest(folder: Path) -> None:
    """The hooks and pgpool.conf are looked at all the same."""
    (folder / "vipswitch.toml").write_text("[vip.primary\n")
    seen = check(folder, "--pgpool-conf", str(folder / "pgpool.conf"))
    assert seen.code == 2
    assert "not valid TOML" in seen.about("config")["message"]
    assert seen.about("hook vipswitch-if-down")


def test_files_of_several_nodes_are_compared(folder: Path) -> None:
    """Equal priorities show only side by side."""
    (folder / "other.conf").write_text(_pgpool())
    confs = ["--pgpool-conf", str(folder / "pgpool.conf"), "--pgpool-conf", str(folder / "other.conf")]
    assert check(folder, *confs).about("wd_priority")["message"] == f"is 1 also in {folder}/other.conf"
    (folder / "other.conf").write_text(_pgpool(priority=2))
    assert not any("also in" in finding["message"] for finding in check(folder, *confs).findings)


def test_a_pgpool_conf_that_is_not_there_is_an_error(folder: Path) -> None:
    """It was named, so it is meant."""
    seen = check(folder, "--pgpool-conf", str(folder / "nope.conf"))
    assert seen.about("nope.conf")["message"] == "is missing"
    assert seen.code == 2


def test_a_pgpool_conf_that_pgpool_cannot_read_is_an_error_with_its_line(folder: Path) -> None:
    """Pgpool-II would not start."""
    (folder / "pgpool.conf").write_text("a = 'b''c'\n")
    seen = check(folder, "--pgpool-conf", str(folder / "pgpool.conf"))
    assert "pgpool.conf:1: Pgpool-II stops here with a syntax error at 'c'" in seen.about("conf")["message"]


def test_files_of_other_callers_are_looked_at_when_they_are_named(folder: Path) -> None:
    """Its VIPs too, those by flags included; one that cannot be read is a finding."""
    flags = f"--provider file --path {folder}/other.json --node b"
    lines = f'vrrp_instance A {{\n  notify "{HOOKS}/vipswitch-keepalived 10.99.0.98 {flags}"\n}}\n'
    (folder / "keepalived.conf").write_text(lines)
    seen = check(folder, "--keepalived-conf", str(folder / "keepalived.conf"))
    assert seen.about("10.99.0.98: node")["message"] == "this node is b"
    assert any(finding["message"] == "moves 10.99.0.98 by file" for finding in seen.findings)
    (folder / "patroni.yml").write_text(f"on_start: {HOOKS}/vipswitch-patroni 10.99.0.97 {flags}\n")
    seen = check(folder, "--patroni-yml", str(folder / "patroni.yml"))
    assert any(finding["message"] == "moves 10.99.0.97 by file" for finding in seen.findings)
    unread = check(folder, "--keepalived-conf", str(folder / "nope.conf"))
    assert unread.about("nope.conf")["fix"] == "name your keepalived.conf"
