"""What the preflight says of scripts, compared with what a real keepalived says at its start.

Needs root (a network namespace of its own) and keepalived (Debian: keepalived).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from vipswitch.installed.safety import weak_spot
from vipswitch.preflight.keepalived import look_at_keepalived, read_conf
from vipswitch.provider import Level

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: keepalived in a network namespace"),
    pytest.mark.skipif(shutil.which("keepalived") is None, reason="keepalived is not installed"),
]

STAGE = """
ip link add k0 type veth peer name k1
ip link set k0 up && ip link set k1 up && ip addr add 10.9.9.1/24 dev k0
exec keepalived --dont-fork --log-console --use-file keepalived.conf --pid k.pid --vrrp_pid v.pid
"""
GLOBAL = "global_defs {\n  enable_script_security\n  script_user root\n}\n"
INSTANCE = """\
vrrp_instance V{number} {{
  state BACKUP
  interface k0
  virtual_router_id {number}
  priority 100
  unicast_src_ip 10.9.9.1
  unicast_peer {{ 10.9.9.2 }}
  {line}
}}
"""
LINES = (
    'notify "{safe} primary"',
    'notify "{link} primary"',
    'notify "{open} primary"',
    'notify "{group} primary"',
    'notify "{strangers} primary"',
    'notify "{into_open} primary"',
    'notify "{in_open_folder} primary"',
    'notify "{in_sticky_folder} primary"',
    'notify "{missing} primary"',
    'notify "{not_executable} primary"',
    'notify "{safe} primary" no-such-user',
    "notify {safe} primary",
)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Hooks of every kind, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("k")
    made = {}
    for name in LINES:
        kind = name.partition("{")[2].partition("}")[0]
        at = folder / kind
        at.mkdir(exist_ok=True)
        made[kind] = at / "vipswitch-keepalived"
        made[kind].write_text("#!/bin/sh\n")
        made[kind].chmod(0o755)
    made["open"].chmod(0o757)
    made["group"].chmod(0o775)
    os.chown(made["group"], 0, 50)
    os.chown(made["strangers"], 65534, 0)
    made["in_open_folder"].parent.chmod(0o777)
    made["in_sticky_folder"].parent.chmod(0o1777)
    made["not_executable"].chmod(0o644)
    made["missing"].unlink()
    made["link"].unlink()
    made["link"].symlink_to(made["safe"])
    behind = made["into_open"].rename(folder / "behind")
    behind.chmod(0o757)
    made["into_open"].symlink_to(behind)
    return made


@pytest.fixture(scope="module")
def conf(scripts: dict[str, Path]) -> Path:
    """A keepalived.conf with an instance for each line."""
    path = scripts["safe"].parents[1] / "keepalived.conf"
    lines = [line.format(**scripts) for line in LINES]
    path.write_text(GLOBAL + "".join(INSTANCE.format(number=n, line=line) for n, line in enumerate(lines, 1)))
    return path


@pytest.fixture(scope="module")
def said(conf: Path) -> str:
    """What keepalived has to say by the time it is ready."""
    words = ["unshare", "--net", "sh", "-ec", STAGE]
    log = conf.parent / "log"
    with log.open("wb") as file:
        keepalived = subprocess.Popen(words, cwd=conf.parent, stdout=file, stderr=subprocess.STDOUT)
    until = time.monotonic() + 20.0
    while "Startup complete" not in log.read_text() and time.monotonic() < until:
        time.sleep(0.1)
    keepalived.send_signal(signal.SIGTERM)
    keepalived.wait(20)
    return log.read_text()


def is_unsafe(script: Path, said: str) -> bool:
    """Whether keepalived says so; it names the file behind a link."""
    return f"Unsafe permissions found for script '{script.resolve()}' - disabling" in said


def test_what_is_said_is_what_keepalived_does(scripts: dict[str, Path], conf: Path, said: str) -> None:
    """Exactly the scripts that it will not run have a finding, security and all the rest."""
    assert "Startup complete" in said
    found = look_at_keepalived(read_conf(conf), None)
    blamed = {finding.subject.rpartition(":")[0] for finding in found if finding.level is Level.ERROR}
    lines = conf.read_text().splitlines()
    notify = [f"{conf}:{number}" for number, line in enumerate(lines, 1) if "notify" in line]
    wrong = {line for line, at in zip(LINES, notify, strict=True) if at in blamed}
    assert wrong == set(LINES) - {LINES[0], LINES[1], LINES[7]}
    for kind in ("open", "group", "strangers", "into_open", "in_open_folder"):
        assert is_unsafe(scripts[kind], said)
    for kind in ("safe", "link", "in_sticky_folder"):
        assert not is_unsafe(scripts[kind], said)
    assert "Script user 'primary' does not exist" in said
    assert "Script user 'no-such-user' does not exist" in said


def test_rule_of_safety_is_keepalived_s(scripts: dict[str, Path], said: str) -> None:
    """The same paths are weak, so that what `hooks install` has put there is run."""
    for kind, path in scripts.items():
        if kind not in ("missing", "not_executable"):
            assert bool(weak_spot(path, (0,))) is is_unsafe(path, said), kind
