"""The example with a DNS name: read by the preflight and by the real Pgpool-II, and its commands run."""

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
from vipswitch.testing.aws import zones

FOLDER = BASE.parent / "pgpool-route53"
COMMANDS = Fragment("../pgpool-route53/escalation-commands.conf", (4, 7, 2), base="pgpool-4.4.conf")
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")


@dataclass(frozen=True)
class Named:
    """A node that can have the example's name."""

    node: Node
    zone: str

    @property
    def address(self) -> str:
        return str(self.node.topology.nodes[0].private_ip)

    def answer(self) -> tuple[int, tuple[str, ...]]:
        """What the zone's name servers say of the name: for how long, and which addresses."""
        found = zones.served(self.node.cloud, self.zone)["db.example.internal.", "A"]
        return found.ttl, found.values


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Named]:
    """A node on a local AWS with a private zone for its VPC; its config is the example's."""
    folder = tmp_path_factory.mktemp("node")
    with node(folder) as started:
        zone = zones.hosted_zone(started.cloud, "example.internal", private_vpc=started.topology.vpc_id)
        text = started.here((FOLDER / "vipswitch.toml").read_text())
        (folder / "vipswitch.toml").write_text(
            text.replace("Z0123456789ABCDEFGHIJ", zone).replace("[aws]", 'interface = "ens5"\n[aws]')
        )
        yield Named(started, zone)


def test_every_file_is_checked() -> None:
    """A new file gets its test."""
    known = {"README.md", "vipswitch.toml", "escalation-commands.conf", "tmpfiles.conf"}
    assert {path.name for path in FOLDER.iterdir()} == known
    linked = set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text()))
    assert known - {"README.md"} <= linked
    assert all((FOLDER / link).exists() for link in linked)
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
def test_every_command_line_does_its_work(aws: Named) -> None:
    """On a local AWS: up publishes this node's address and waits for name servers, down leaves it there."""
    commands = COMMANDS.commands()
    for name in (ESCALATION, DE_ESCALATION):
        done = aws.node.run([aws.node.here(word) for word in commands[name]])
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert aws.answer() == (5, (aws.address,))


@ROOT
def test_check_finds_nothing_wrong(aws: Named) -> None:
    """In AWS, for this VIP; that permissions were not tried is all that is left."""
    done = aws.node.run([aws.node.here("/usr/local/bin/vipswitch"), "check", "primary"])
    wrong = [line for line in done.stdout.splitlines() if "primary: " in line and not line.startswith("ok")]
    assert [line for line in wrong if "permissions" not in line] == [], done.stdout + done.stderr
    assert f"example.internal, private to {aws.node.topology.vpc_id}" in done.stdout


@ROOT
def test_the_policy_can_be_printed_before_anything_is_permitted(aws: Named) -> None:
    """As the README says."""
    done = aws.node.run([aws.node.here("/usr/local/bin/vipswitch"), "iam", "primary"])
    assert done.returncode == 0, done.stderr
    assert f"hostedzone/{aws.zone}" in done.stdout


def test_the_config_has_the_vip(example: Config) -> None:
    """As the hooks will read it: without an address, and found by the name that clients use, too."""
    (vip,) = example.all()
    assert (vip.vip.addresses, vip.provider) == ((), "aws-route53")
    assert example.select("db.example.internal", {}) == vip
