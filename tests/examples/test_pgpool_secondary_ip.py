"""The example with a secondary private address: read by the preflight and by Pgpool-II, its commands run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.examples.cloud import Node, node
from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import Fragment, said_by_pgpool
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.host.address import commands
from vipswitch.host.privilege import sudoers_line
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.provider import Level

FOLDER = BASE.parent / "pgpool-secondary-ip"
COMMANDS = Fragment("../pgpool-secondary-ip/pgpool-4.4.conf", (4, 7, 2))
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")
VIP = "10.0.1.50"


@dataclass(frozen=True)
class Private:
    """The first of two nodes in one subnet."""

    node: Node

    def holder(self) -> str | None:
        """The interface that has the address in EC2."""
        wanted = [{"Name": "addresses.private-ip-address", "Values": [VIP]}]
        found = self.node.cloud.ec2().describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]  # type: ignore[arg-type]
        return found[0]["NetworkInterfaceId"] if found else None

    def has_address(self) -> bool:
        """Whether the host has it."""
        return f" {VIP}/32 " in self.node.space.ip("address", "show", "dev", "ens5")


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    """A node on a local AWS where the other node has the address; its config is the example's."""
    folder = tmp_path_factory.mktemp("node")
    with node(folder, together=True) as started:
        text = started.here((FOLDER / "vipswitch.toml").read_text())
        (folder / "vipswitch.toml").write_text(text)
        other = started.topology.nodes[1].interface_id
        started.cloud.ec2().assign_private_ip_addresses(NetworkInterfaceId=other, PrivateIpAddresses=[VIP])
        yield Private(started)


def test_every_file_is_checked() -> None:
    """A new file gets its test."""
    known = {"README.md", "vipswitch.toml", "pgpool-4.4.conf", "sudoers", "tmpfiles.conf"}
    assert {path.name for path in FOLDER.iterdir()} == known
    linked = set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text()))
    assert known - {"README.md"} <= linked
    assert (FOLDER / "tmpfiles.conf").read_text() == (BASE / "tmpfiles.conf").read_text()


def test_the_preflight_finds_nothing_wrong(example: Config) -> None:
    """With the example's config, and its programs installed."""
    around = Surroundings(COMMANDS.version, example, lambda program, as_root: "")
    findings = list(look_at_pgpool(COMMANDS.conf(), around))
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert len(findings) >= 2


def test_the_real_pgpool_reads_it(tmp_path: Path) -> None:
    """It ends before it starts anything, at a pid file that it cannot open; not at a syntax error."""
    said = said_by_pgpool(FOLDER / "pgpool-4.4.conf", tmp_path)
    assert "could not open pid file" in said, said


@ROOT
def test_every_command_line_does_its_work(aws: Private) -> None:
    """On a real interface and a local AWS: up takes the address from the other node, down frees it."""
    me = aws.node.topology.nodes[0].interface_id
    lines = COMMANDS.commands()
    ends = {"if_up_cmd": (me, True), "arping_cmd": (me, True), "if_down_cmd": (None, False)}
    for name, (holder, here) in ends.items():
        done = aws.node.run([aws.node.here(word) for word in lines[name]])
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "warning" not in done.stderr
        assert (aws.holder(), aws.has_address()) == (holder, here)


@ROOT
def test_check_finds_nothing_wrong(aws: Private) -> None:
    """Apart from the permissions, which nobody can try."""
    done = aws.node.run([aws.node.here("/usr/local/bin/vipswitch"), "check", "primary"])
    wrong = [line for line in done.stdout.splitlines() if "primary: " in line and not line.startswith("ok")]
    assert [line.split()[:3] for line in wrong] == [["warning", "primary:", "permissions"]], done.stdout
    assert "in subnet-" in done.stdout


def test_the_config_has_the_vip(example: Config) -> None:
    """As the hooks will read it."""
    (vip,) = example.all()
    assert [str(address) for address in vip.vip.addresses] == [VIP]
    assert (vip.provider, vip.interface) == ("aws-secondary-ip", "ens5")


def test_the_sudoers_line_is_the_one_that_vipswitch_asks_for(example: Config) -> None:
    """To the letter; sudo compares the words."""
    (vip,) = example.all()
    (address,) = vip.vip.addresses
    wanted = sudoers_line([("/usr/sbin/ip", *command) for command in commands(address, vip.interface or "")])
    line = (FOLDER / "sudoers").read_text().splitlines()[-1]
    assert line.split(" ", 1) == ["postgres", wanted.split(" ", 1)[1]]
