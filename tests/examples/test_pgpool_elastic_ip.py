"""The example with an Elastic IP: read by the preflight and by the real Pgpool-II, and its commands run."""

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
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.preflight.pgpool_watchdog import DE_ESCALATION, ESCALATION
from vipswitch.provider import Level

FOLDER = BASE.parent / "pgpool-elastic-ip"
COMMANDS = Fragment("../pgpool-elastic-ip/escalation-commands.conf", (4, 7, 2), base="pgpool-4.4.conf")
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")


@dataclass(frozen=True)
class Public:
    """A node that can have the example's Elastic IP."""

    node: Node
    allocation: str

    def holder(self) -> tuple[str | None, str | None]:
        """The interface and the private address that it maps to."""
        [found] = self.node.cloud.ec2().describe_addresses(AllocationIds=[self.allocation])["Addresses"]
        return found.get("NetworkInterfaceId"), found.get("PrivateIpAddress")


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    """A node with its secondary address on a local AWS; its config is the example's."""
    folder = tmp_path_factory.mktemp("node")
    with node(folder) as started:
        ec2, first = started.cloud.ec2(), started.topology.nodes[0]
        allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        private = ["10.0.1.60"]
        ec2.assign_private_ip_addresses(NetworkInterfaceId=first.interface_id, PrivateIpAddresses=private)
        started.space.ip("address", "add", f"{private[0]}/32", "dev", "ens5")
        text = started.here((FOLDER / "vipswitch.toml").read_text())
        (folder / "vipswitch.toml").write_text(
            text.replace("eipalloc-0a1b2c3d4e5f60718", allocation).replace(
                "[aws]", 'interface = "ens5"\n[aws]'
            )
        )
        yield Public(started, allocation)


def test_every_file_is_checked() -> None:
    """A new file gets its test."""
    known = {"README.md", "vipswitch.toml", "escalation-commands.conf", "tmpfiles.conf"}
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
    said = said_by_pgpool(FOLDER / "escalation-commands.conf", tmp_path)
    assert "could not open pid file" in said, said


@ROOT
def test_every_command_line_does_its_work(aws: Public) -> None:
    """On a local AWS: up takes the Elastic IP to this node's own address of the list, down frees it."""
    me = aws.node.topology.nodes[0].interface_id
    commands = COMMANDS.commands()
    for name, holder in ((ESCALATION, (me, "10.0.1.60")), (DE_ESCALATION, (None, None))):
        done = aws.node.run([aws.node.here(word) for word in commands[name]])
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert aws.holder() == holder


@ROOT
def test_check_finds_nothing_wrong(aws: Public) -> None:
    """Neither in AWS nor on the host, for this VIP."""
    done = aws.node.run([aws.node.here("/usr/local/bin/vipswitch"), "check", "public"])
    wrong = [line for line in done.stdout.splitlines() if "public: " in line and not line.startswith("ok")]
    assert wrong == [], done.stdout + done.stderr
    assert "maps to 10.0.1.60" in done.stdout


def test_the_config_has_the_vip(example: Config) -> None:
    """As the hooks will read it: without an address, which nothing on the host would have."""
    (vip,) = example.all()
    assert (vip.vip.addresses, vip.provider) == ((), "aws-elastic-ip")
