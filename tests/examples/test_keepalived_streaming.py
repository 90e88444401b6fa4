"""The example with streaming replication: who may lead, and what keepalived, vipswitch and people read.

That it works with real programs is what tests/e2e/keepalived plays, with these very files.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vipswitch import config, configfile
from vipswitch.testing.fabric.namespaces import Namespace

FOLDER = Path(__file__).parents[2] / "examples/keepalived-streaming-replication"
PROGRAM = runpy.run_path(str(FOLDER / "pg-leader"))
Server: Any = PROGRAM["Server"]
Position: Any = PROGRAM["Position"]
BEHIND, EVEN, AHEAD = Position(1, 90), Position(1, 100), Position(1, 110)
NEWER = Position(2, 50)
PRIMARY, STANDBY = Server(False, EVEN), Server(True, EVEN)
FOLLOWED = Server(False, EVEN, followed=True)
RECEIVING = Server(True, EVEN, receives=True)
SILENT = None


def test_every_file_is_checked() -> None:
    """A new file gets its test, and the README tells of each."""
    known = {"README.md", "keepalived.conf", "pg-leader", "pg_hba.conf", "replication.conf", "roles.sql"}
    assert {path.name for path in FOLDER.iterdir()} == known | {"vipswitch.toml"}
    linked = set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text()))
    assert (known | {"vipswitch.toml"}) - {"README.md"} <= linked


@pytest.mark.parametrize(
    ("me", "others"),
    [
        pytest.param(FOLLOWED, [SILENT, SILENT], id="primary whose synchronous standby is all it needs"),
        pytest.param(PRIMARY, [STANDBY, SILENT], id="primary that one standby can follow"),
        pytest.param(PRIMARY, [Server(False, BEHIND), STANDBY], id="primary beside an old one"),
        pytest.param(Server(False, NEWER), [Server(True, AHEAD), SILENT], id="primary of a newer timeline"),
        pytest.param(STANDBY, [SILENT, STANDBY], id="standby that only another standby answers"),
        pytest.param(
            STANDBY, [SILENT, Server(True, AHEAD)], id="standby that can take the rest from another"
        ),
        pytest.param(STANDBY, [Server(True, BEHIND), SILENT], id="standby whose primary is a standby now"),
    ],
)
def test_may_lead(me: Any, others: list[Any]) -> None:
    """A node that, with another, knows of every commit, and that sees no primary but itself."""
    assert PROGRAM["obstacle"](me, lambda: others) is None


@pytest.mark.parametrize(
    ("me", "others", "why"),
    [
        pytest.param(SILENT, [STANDBY, STANDBY], "does not answer here", id="PostgreSQL is down"),
        pytest.param(PRIMARY, [SILENT, SILENT], "neither", id="primary that is cut off"),
        pytest.param(PRIMARY, [SILENT, Server(True, NEWER)], "has more", id="old primary that returned"),
        pytest.param(Server(False, AHEAD), [PRIMARY, Server(True, NEWER)], "has more", id="diverged primary"),
        pytest.param(RECEIVING, [SILENT, SILENT], "this node receives", id="standby of a living primary"),
        pytest.param(STANDBY, [SILENT, SILENT], "neither", id="standby that is cut off"),
        pytest.param(STANDBY, [SILENT, RECEIVING], "another node receives", id="primary seen by the third"),
        pytest.param(STANDBY, [PRIMARY, STANDBY], "is a primary", id="primary without the VIP"),
    ],
)
def test_may_not_lead(me: Any, others: list[Any], why: str) -> None:
    """No answer is never a good one, and a primary that anybody sees is enough."""
    assert why in PROGRAM["obstacle"](me, lambda: others)


def test_who_is_in_no_doubt_asks_nobody() -> None:
    """In quiet times neither node costs the others anything."""
    asked: list[str] = []
    for me in (FOLLOWED, RECEIVING, SILENT):
        PROGRAM["obstacle"](me, lambda: asked.append("asked"))
    assert asked == []


def test_a_row_is_read_as_postgresql_writes_it() -> None:
    """A standby of the timeline 0x1A that receives; and a primary that one standby follows."""
    assert PROGRAM["read"]("1|0000001A|67137168|1|0") == Server(True, Position(26, 67137168), receives=True)
    assert PROGRAM["read"]("0|00000002|16777216|0|1") == Server(False, Position(2, 16777216), followed=True)


@pytest.mark.parametrize(
    "words", [[], ["check"], ["check", "10.0.2.10"], ["lead", "a", "b"], ["lead", "a", "b", "--", "relative"]]
)
def test_other_words_are_refused(words: list[str]) -> None:
    """One line that says what was expected, exit code 2, and nobody is asked."""
    done = subprocess.run([FOLDER / "pg-leader", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "check OTHER OTHER" in done.stderr


def test_without_postgresql_it_may_not_lead(tmp_path: Path) -> None:
    """Nobody listens here: that is a no, in time, and not a traceback."""
    environment = {"PATH": os.environ["PATH"], "PGHOST": str(tmp_path)}
    done = subprocess.run(
        [FOLDER / "pg-leader", "check", "127.0.0.1", "127.0.0.2"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "may not lead: PostgreSQL does not answer here\n"


def test_an_answer_counts_though_another_never_comes(tmp_path: Path) -> None:
    """Both are asked at once, and the silent one takes nothing of the other's time."""
    psql = tmp_path / "psql"
    psql.write_text(
        '#!/bin/sh\nfor server; do :; done\n[ "$server" = silent ] && exec sleep 9\necho answer\n'
    )
    psql.chmod(0o755)
    words = [sys.executable, "-c", _ASKS, str(FOLDER / "pg-leader")]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=8, check=True)
    assert done.stdout == "['', 'answer']\n"


_ASKS = """
import runpy, sys
print(runpy.run_path(sys.argv[1])["answers"](["silent", "there"], "SELECT 1", 1.0))
"""


def test_the_config_has_the_vip(tmp_path: Path) -> None:
    """As the hooks will read it, and the one that the standbys connect to."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    (vip,) = replace(configfile.read(copy), path=config.DEFAULT_PATH).all()
    (address,) = vip.vip.addresses
    assert (vip.vip.name, vip.provider) == ("primary", "aws-route-table")
    assert f"primary_conninfo = 'host={address} " in (FOLDER / "replication.conf").read_text()


@pytest.mark.parametrize("node", ["db1", "db2"])
def test_keepalived_reads_its_config(node: str, tmp_path: Path) -> None:
    """Every line of it, where there is such an interface; all it misses is an address of its own to move."""
    keepalived = shutil.which("keepalived", path="/usr/sbin")
    if keepalived is None:
        pytest.skip("needs keepalived (make e2e-deps)")
    if os.geteuid() != 0:
        pytest.skip("needs root: makes a network namespace")
    text = re.sub(r"/usr/local/s?bin/[a-z-]+", "/usr/bin/true", (FOLDER / "keepalived.conf").read_text())
    conf = tmp_path / "keepalived.conf"
    conf.write_text(text.replace("script_user postgres vipswitch", "script_user root root"))
    space = Namespace.create("keepalived")
    try:
        space.ip("link", "add", "ens5", "type", "veth", "peer", "name", "wire")
        words = ["--config-id", node, "--config-test", "--log-console", "-f", conf]
        command = ["ip", "netns", "exec", space.name, keepalived, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        space.delete()
    assert set(done.stderr.splitlines()) == {"(primary) No VIP specified; at least one is sensible"}
