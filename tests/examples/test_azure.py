"""The Pgpool-II examples for Azure: read by the preflight and by Pgpool-II, and run on a local Azure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.examples.azure import Node, node
from tests.examples.azure_examples import EXAMPLES, ME, OTHER, Example
from tests.examples.fragments import FOLDER as BASE
from tests.examples.fragments import said_by_pgpool
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.host.address import commands
from vipswitch.host.privilege import sudoers_line
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.provider import Level

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
ON_HOST = pytest.mark.parametrize(
    "example", [each for each in EXAMPLES if each.address], ids=lambda example: example.name
)
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")


@dataclass(frozen=True)
class Started:
    """An example, on a node of which another one holds the VIP at first."""

    example: Example
    node: Node

    def state(self) -> tuple[set[str], bool]:
        """Who holds the VIP in Azure, and whether this host has its address."""
        address = self.example.address
        return self.example.holders(self.node), bool(address) and self.node.on_host(address)


PLAYED = [
    pytest.param(
        each, id=each.name, marks=[pytest.mark.full] if each.name == "pgpool-azure-public-ip" else []
    )
    for each in EXAMPLES
]
"""Its private address moves as that of the other interfaces does: the full run has it too."""


@pytest.fixture(scope="module", params=PLAYED)
def azure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A node on a local Azure whose config is the example's."""
    example: Example = request.param
    with node(tmp_path_factory.mktemp("node"), example=example.folder / "vipswitch.toml") as started:
        example.seed(started)
        yield Started(example, started)


def _config(example: Example, folder: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = folder / "vipswitch.toml"
    copy.write_text((example.folder / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@EACH
def test_every_file_is_checked(example: Example) -> None:
    """A new file gets its test, and the README tells of each."""
    assert {path.name for path in example.folder.iterdir()} == example.files
    linked = set(re.findall(r"\]\(([^)#]+)[^)]*\)", (example.folder / "README.md").read_text()))
    assert example.files - {"README.md"} <= linked
    assert all((example.folder / link).exists() for link in linked)
    assert (example.folder / "tmpfiles.conf").read_text() == (BASE / "tmpfiles.conf").read_text()


@EACH
def test_the_preflight_finds_nothing_wrong(example: Example, tmp_path: Path) -> None:
    """With the example's config, and its programs installed."""
    fragment = example.commands
    around = Surroundings(fragment.version, _config(example, tmp_path), lambda program, as_root: "")
    findings = list(look_at_pgpool(fragment.conf(), around))
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert len(findings) >= 2


@EACH
def test_the_real_pgpool_reads_it(example: Example, tmp_path: Path) -> None:
    """It ends before it starts anything, at a pid file that it cannot open; not at a syntax error."""
    said = said_by_pgpool(example.folder / example.fragment, tmp_path)
    assert "could not open pid file" in said, said


@EACH
def test_the_config_has_the_vip(example: Example, tmp_path: Path) -> None:
    """As the hooks will read it."""
    (vip,) = _config(example, tmp_path).all()
    assert [str(address) for address in vip.vip.addresses] == [example.address][: bool(example.address)]
    assert (vip.vip.name, vip.provider) == (example.vip, _PROVIDERS[example.name])


_PROVIDERS = {
    "pgpool-azure-route-table": "azure-route-table",
    "pgpool-azure-ip-configuration": "azure-ip-configuration",
    "pgpool-azure-public-ip": "azure-public-ip",
    "pgpool-azure-dns": "azure-private-dns",
}


@ON_HOST
def test_the_sudoers_line_is_the_one_that_vipswitch_asks_for(example: Example, tmp_path: Path) -> None:
    """To the letter; sudo compares the words."""
    (vip,) = _config(example, tmp_path).all()
    (address,) = vip.vip.addresses
    wanted = sudoers_line([("/usr/sbin/ip", *command) for command in commands(address, vip.interface or "")])
    line = (example.folder / "sudoers").read_text().splitlines()[-1]
    assert line.split(" ", 1) == ["postgres", wanted.split(" ", 1)[1]]
    if shutil.which("visudo") is not None:
        subprocess.run(["visudo", "-cqf", example.folder / "sudoers"], check=True)


@ROOT
def test_check_finds_nothing_wrong(azure: Started) -> None:
    """In Azure and on the host, for this VIP; that permissions were not tried is all that is left."""
    done = azure.node.vipswitch("check", azure.example.vip)
    about = f"{azure.example.vip}: "
    wrong = [line for line in done.stdout.splitlines() if about in line and not line.startswith("ok")]
    assert [line for line in wrong if "permissions" not in line] == [], done.stdout + done.stderr


@ROOT
def test_every_command_line_does_its_work(azure: Started) -> None:
    """Up takes the VIP from the other node; down frees it, or leaves the pointer and says so."""
    here = bool(azure.example.address)
    up, *between, down = azure.example.commands.commands().values()
    if between:
        between, down = [down], between[0]
    assert azure.state() == ({OTHER}, False)
    for command in (up, *between):
        _succeeds(azure, command)
        assert azure.state() == ({ME}, here)
    assert f"{azure.example.vip}  " in _status(azure)
    _succeeds(azure, down)
    assert azure.state() == ({ME} if azure.example.empty else set(), False)
    assert "nobody" in _status(azure)


def _succeeds(azure: Started, command: list[str]) -> None:
    done = azure.node.run(command)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "warning" not in done.stderr


def _status(azure: Started) -> str:
    done = azure.node.vipswitch("status", azure.example.vip)
    assert done.returncode == 0, done.stderr
    return done.stdout


@ROOT
@pytest.mark.full
def test_the_role_that_iam_prints_is_enough(azure: Started) -> None:
    """For all that a node does, from its first question of who it is on, where iam says to assign it."""
    vip = azure.example.vip
    printed = azure.node.vipswitch("iam", vip)
    scopes = re.findall(r"az role assignment create --role vipswitch .*--scope (\S+)", printed.stderr)
    azure.node.forget()
    try:
        azure.node.azure.roles.give(json.loads(printed.stdout), client=azure.node.identity, scopes=scopes)
        for command in ("status", "up", "down"):
            done = azure.node.vipswitch(command, vip)
            assert (done.returncode, "denied" in done.stdout + done.stderr) == (0, False), done.stderr
        checked = azure.node.vipswitch("check", vip).stdout.splitlines()
        assert [line for line in checked if f"{vip}: " in line and line.startswith("error")] == []
    finally:
        azure.node.azure.roles.clear()
