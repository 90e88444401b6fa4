"""The example with the agent: read by the preflight, and run by a real agent, whom its commands reach."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples.cloud import Node, node
from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import Fragment
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.deadline import SystemClock
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.provider import Level

FOLDER = BASE.parent / "pgpool-agent"
COMMANDS = Fragment("../pgpool-agent/pgpool-4.4.conf", (4, 7, 2))
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node on a local AWS with the example's config."""
    folder = tmp_path_factory.mktemp("node")
    with node(folder) as started:
        (folder / "vipswitch.toml").write_text(started.here((FOLDER / "vipswitch.toml").read_text()))
        yield started


@contextmanager
def agent(on: Node) -> Iterator[None]:
    """The node's agent, as its unit starts it."""
    words = ["ip", "netns", "exec", on.space.name, on.here("/usr/local/bin/vipswitch"), "agent"]
    with subprocess.Popen(words, env=on.environment, stderr=subprocess.PIPE) as process:
        socket = Path(on.environment["VIPSWITCH_RUN_DIR"], "agent.sock")
        try:
            assert SystemClock().until(socket.exists, 20.0)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert process.returncode == 0


def test_every_file_is_checked() -> None:
    """A new file gets its test; Pgpool-II's part is the one without an agent."""
    known = {"README.md", "vipswitch.toml", "pgpool-4.4.conf"}
    assert {path.name for path in FOLDER.iterdir()} == known
    linked = set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text()))
    assert known - {"README.md"} <= linked
    assert (FOLDER / "pgpool-4.4.conf").read_text() == (BASE / "pgpool-4.4.conf").read_text()


def test_the_preflight_finds_nothing_wrong(example: Config) -> None:
    """With the example's config, and its programs installed."""
    around = Surroundings(COMMANDS.version, example, lambda program, as_root: "")
    findings = list(look_at_pgpool(COMMANDS.conf(), around))
    assert [finding for finding in findings if finding.level is not Level.OK] == []


def test_the_config_says_what_it_is_for(example: Config) -> None:
    """A VIP with an authority that can tell all three nodes apart, and metrics."""
    (vip,) = example.all()
    assert (vip.provider, vip.authority) == ("aws-route-table", "pgpool")
    assert {known.host for known in example.nodes.values()} == {"10.0.1.10", "10.0.2.10", "10.0.3.10"}
    assert (example.agent.groups, example.agent.metrics_port) == (("vipswitch",), 9750)


@ROOT
def test_every_command_line_does_its_work_by_the_agent(aws: Node) -> None:
    """Up takes the routes, down takes the address off and leaves them, marked; the history knows it."""
    me = aws.topology.nodes[0].interface_id
    lines = COMMANDS.commands()
    with agent(aws):
        for name, here in {"if_up_cmd": True, "arping_cmd": True, "if_down_cmd": False}.items():
            done = aws.run([aws.here(word) for word in lines[name]])
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            assert set(aws.holders()) == {me}
            assert aws.has_address() is here
        told = aws.run([aws.here("/usr/local/bin/vipswitch"), "status", "primary"]).stdout
        assert "nobody" in told
        assert "released" in told
    history = aws.run([aws.here("/usr/local/bin/vipswitch"), "history", "primary", "--json"]).stdout
    assert history.count('"agent"') >= 2


@ROOT
def test_the_metrics_are_served_on_loopback(aws: Node) -> None:
    """Where the config says, for whoever is on the node."""
    script = f"import urllib.request; print(urllib.request.urlopen('{_URL}').read().decode())"
    with agent(aws):
        said = aws.run(["python3", "-c", script]).stdout
    assert "vipswitch_agent_info{version=" in said
    assert "# TYPE vipswitch_vip_holder gauge" in said


_URL = "http://127.0.0.1:9750/metrics"
