"""The example of a PG-REX pair on Google Cloud: its config, its role and its set-up, run on a local one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.examples.fragments import FOLDER as BASE
from tests.examples.gcp import ACCOUNT, Lan, Node, Site, node
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.testing.gcp import PROJECT

FOLDER = BASE.parent / "pg-rex-gcp"
ME, OTHER = "europe-west1-b/pgrex1", "europe-west1-b/pgrex2"
PAIR = Site(
    (ME, OTHER),
    (
        Lan("net-service", "snet-service", "192.168.0.0/24", "eth0"),
        Lan("net-replication", "snet-replication", "192.168.2.0/24", "eth1"),
    ),
)
VIPS = {
    "service": ("192.168.0.100", "eth0"),
    "readers": ("192.168.0.101", "eth0"),
    "replication": ("192.168.2.100", "eth1"),
}
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")
_GCLOUD = """#!/bin/sh
(printf '%s\\t' "$@"; echo) >> {log}
case "$1 $2 $3" in
    "config get-value project") echo {project} ;;
    "iam roles describe" | "iam service-accounts describe") exit 1 ;;
esac
"""


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The first node of the pair; the second one has all VIPs."""
    with node(tmp_path_factory.mktemp("node"), PAIR, example=FOLDER / "vipswitch.toml") as started:
        for address, link in VIPS.values():
            started.add_alias(OTHER, address, _number(link))
        yield started


@dataclass(frozen=True)
class SetUp:
    """What setup.sh gave to the `gcloud` command."""

    calls: list[list[str]]

    def given(self, *words: str) -> list[list[str]]:
        """The calls that begin with these words."""
        return [call for call in self.calls if tuple(call[: len(words)]) == words]


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> SetUp:
    """setup.sh, run on a copy of the folder with a `gcloud` that only writes down what it is asked."""
    folder = tmp_path_factory.mktemp("setup")
    here, log, gcloud = folder / "here", folder / "log", folder / "bin" / "gcloud"
    shutil.copytree(FOLDER, here)
    gcloud.parent.mkdir()
    gcloud.write_text(_GCLOUD.format(log=log, project=PROJECT))
    gcloud.chmod(0o755)
    path = f"{gcloud.parent}:{os.environ['PATH']}"
    subprocess.run(["./setup.sh"], cwd=here, env={"PATH": path}, check=True, capture_output=True)
    return SetUp([line.split("\t")[:-1] for line in log.read_text().splitlines()])


def holders(pair: Node) -> dict[str, set[str]]:
    """The machines that have each VIP in Google Cloud."""
    return {
        vip: {machine for machine in PAIR.machines if address in pair.aliases(machine, _number(link))}
        for vip, (address, link) in VIPS.items()
    }


def test_every_file_is_told_of() -> None:
    """In the README, which links to nothing that is not there."""
    linked = set(re.findall(r"\]\(([^)#]+)[^)]*\)", (FOLDER / "README.md").read_text()))
    assert {path.name for path in FOLDER.iterdir()} - {"README.md"} <= linked
    assert all((FOLDER / link).exists() for link in linked)
    assert (FOLDER / "tmpfiles.conf").read_text() == (BASE / "tmpfiles.conf").read_text()


def test_the_config_has_the_vips_and_both_nodes(example: Config) -> None:
    """Each on its own interface; those of the primary in one group."""
    found = {vip.vip.name: (str(*vip.vip.addresses), vip.interface) for vip in example.all()}
    assert found == VIPS
    assert list(example.groups["primary"].vips) == ["service", "replication"]
    assert {id for known in example.nodes.values() for id in known.ids} == set(PAIR.machines)


@ROOT
def test_the_vips_move_and_are_let_go_of(pair: Node) -> None:
    """The primary's by their group, the readers' alone; each leaves the others where they are."""
    assert holders(pair) == {vip: {OTHER} for vip in VIPS}
    _succeeds(pair, "up", "primary")
    assert holders(pair) == {"service": {ME}, "readers": {OTHER}, "replication": {ME}}
    _succeeds(pair, "up", "readers")
    assert all(pair.on_host(address, "dev", link) for address, link in VIPS.values())
    assert _succeeds(pair, "status", "primary", "readers").count("self") == len(VIPS)
    _succeeds(pair, "down", "primary")
    pair.gcp.finish()
    assert holders(pair) == {"service": set(), "readers": {ME}, "replication": set()}
    _succeeds(pair, "down", "readers")
    pair.gcp.finish()
    assert holders(pair) == {vip: set() for vip in VIPS}
    assert not any(pair.on_host(address) for address, _ in VIPS.values())


@ROOT
def test_check_finds_nothing_wrong(pair: Node) -> None:
    """In Google Cloud and on the host."""
    done = pair.vipswitch("check", *VIPS)
    lines = [line for line in done.stdout.splitlines() if any(f"{vip}: " in line for vip in VIPS)]
    wrong = [line for line in lines if not line.startswith("ok")]
    assert (wrong, len(lines) > 12) == ([], True), done.stdout + done.stderr


@ROOT
def test_the_role_is_the_one_that_iam_prints(pair: Node) -> None:
    """It says nothing of the project that it is made in."""
    printed = pair.vipswitch("iam", *VIPS)
    assert printed.returncode == 0, printed.stderr
    assert (FOLDER / "role.yaml").read_text() == printed.stdout


@ROOT
def test_what_the_set_up_gives_is_enough(pair: Node, set_up: SetUp) -> None:
    """Its role in the project where it binds it, and that is where iam says."""
    [bound] = set_up.given("projects", "add-iam-policy-binding")
    advised = pair.vipswitch("iam", *VIPS).stderr
    assert bound[2] in re.findall(r"gcloud projects add-iam-policy-binding (\S+)", advised)
    pair.forget()
    try:
        pair.gcp.roles.give((FOLDER / "role.yaml").read_text(), client=ACCOUNT, projects=[bound[2]])
        for command in ("up", "down"):
            _succeeds(pair, command, *VIPS)
    finally:
        pair.gcp.roles.clear()


def test_the_set_up_names_what_the_config_names(example: Config, set_up: SetUp) -> None:
    """Both nodes get the label, and the account that has the role, within the scope that lets it count."""
    ids = {id for known in example.nodes.values() for id in known.ids}
    for words in (("add-labels",), ("set-service-account",), ("stop",), ("start",)):
        given = set_up.given("compute", "instances", *words)
        assert {f"{_option(call, '--zone')}/{call[3]}" for call in given} == ids
    given = set_up.given("compute", "instances", "set-service-account")
    assert {(_option(c, "--service-account"), _option(c, "--scopes")) for c in given} == {
        (ACCOUNT, "cloud-platform")
    }
    [bound] = set_up.given("projects", "add-iam-policy-binding")
    assert _option(bound, "--member") == f"serviceAccount:{ACCOUNT}"
    [made] = set_up.given("iam", "roles", "create")
    assert _option(bound, "--role") == f"projects/{_option(made, '--project')}/roles/{made[3]}"


def _number(link: str) -> int:
    return int(link.removeprefix("eth"))


def _option(call: Sequence[str], name: str) -> str:
    return call[call.index(name) + 1]


def _succeeds(pair: Node, *words: str) -> str:
    done = pair.vipswitch(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
