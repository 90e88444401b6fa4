"""The example of a PG-REX pair on Azure: its config, its role and its set-up, run on a local Azure."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.examples.azure import INTERFACES, Lan, Node, Site, node
from tests.examples.fragments import FOLDER as BASE
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.testing.azure import SUBSCRIPTION

FOLDER = BASE.parent / "pg-rex-azure"
PAIR = Site(
    "rg-pgrex",
    "vnet-pgrex",
    ("pgrex1", "pgrex2"),
    (
        Lan("snet-service", "192.168.0.0/24", "nic-{}-service"),
        Lan("snet-replication", "192.168.2.0/24", "nic-{}-replication"),
    ),
)
VIPS = {"service": "192.168.0.100", "replication": "192.168.2.100"}
READERS = "192.168.0.101"
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")
_NOBODY = "00000000-0000-0000-0000-000000000000"
_AZ = """#!/bin/sh
(printf '%s\\t' "$@"; echo) >> {log}
case "$1 $2" in
    "account show") echo {subscription} ;;
    "role definition") echo 0 ;;
    "vm identity") echo identity-of-$7 ;;
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
    """The first node of the pair; the second one has both VIPs."""
    with node(tmp_path_factory.mktemp("node"), PAIR, example=FOLDER / "vipswitch.toml") as started:
        for lan, address in VIPS.items():
            started.add_configuration(f"nic-pgrex2-{lan}", "by-hand", privateIPAddress=address)
        yield started


@dataclass(frozen=True)
class SetUp:
    """What setup.sh gave to the `az` command, and the role that it made."""

    calls: list[list[str]]
    role: str

    def given(self, *words: str) -> list[list[str]]:
        """The calls that begin with these words."""
        return [call for call in self.calls if tuple(call[: len(words)]) == words]


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> SetUp:
    """setup.sh, run on a copy of the folder with an `az` that only writes down what it is asked."""
    folder = tmp_path_factory.mktemp("setup")
    here, log, az = folder / "here", folder / "log", folder / "bin" / "az"
    shutil.copytree(FOLDER, here)
    az.parent.mkdir()
    az.write_text(_AZ.format(log=log, subscription=SUBSCRIPTION))
    az.chmod(0o755)
    path = f"{az.parent}:{os.environ['PATH']}"
    subprocess.run(["./setup.sh"], cwd=here, env={"PATH": path}, check=True, capture_output=True)
    calls = [line.split("\t")[:-1] for line in log.read_text().splitlines()]
    return SetUp(calls, (here / "role-here.json").read_text())


def holders(pair: Node) -> dict[str, set[str]]:
    """The machines that have each VIP in Azure."""
    return {
        lan: {m for m in PAIR.machines if address in pair.addresses(f"nic-{m}-{lan}")}
        for lan, address in VIPS.items()
    }


def test_every_file_is_told_of() -> None:
    """In the README, which links to nothing that is not there."""
    linked = set(re.findall(r"\]\(([^)#]+)[^)]*\)", (FOLDER / "README.md").read_text()))
    assert {path.name for path in FOLDER.iterdir()} - {"README.md"} <= linked
    assert all((FOLDER / link).exists() for link in linked)
    for name, other in {"tmpfiles.conf": "pgpool", "cloud-init.cfg": "pgpool-azure-ip-configuration"}.items():
        assert (FOLDER / name).read_text() == (BASE.parent / other / name).read_text()


def test_the_config_has_the_vips_and_both_nodes(example: Config) -> None:
    """Each on the interface of its LAN; those of the primary in one group."""
    found = {vip.vip.name: (str(*vip.vip.addresses), vip.interface) for vip in example.all()}
    assert found == {
        "service": (VIPS["service"], "eth0"),
        "readers": (READERS, "eth0"),
        "replication": (VIPS["replication"], "eth1"),
    }
    assert list(example.groups["primary"].vips) == ["service", "replication"]
    ids = {name: set(known.ids) for name, known in example.nodes.items()}
    assert ids == {m: {f"rg-pgrex/nic-{m}-{lan}" for lan in VIPS} for m in PAIR.machines}


@ROOT
def test_the_group_moves_and_is_let_go_of(pair: Node) -> None:
    """Both VIPs come to this node, each to its interface of that LAN; a clean `down` frees both."""
    assert holders(pair) == {lan: {"pgrex2"} for lan in VIPS}
    _succeeds(pair, "up")
    assert holders(pair) == {lan: {"pgrex1"} for lan in VIPS}
    assert f" {VIPS['service']}/32 " in pair.space.ip("address", "show", "dev", "eth0")
    assert f" {VIPS['replication']}/32 " in pair.space.ip("address", "show", "dev", "eth1")
    assert _succeeds(pair, "status").count("self") == 2
    _succeeds(pair, "down")
    assert holders(pair) == {lan: set() for lan in VIPS}
    assert not any(pair.on_host(address) for address in VIPS.values())


@ROOT
@pytest.mark.full
def test_the_readers_vip_moves_alone(pair: Node) -> None:
    """Two VIPs may be on one interface: each comes and goes without the other."""
    _succeeds(pair, "up", "primary")
    _succeeds(pair, "up", "readers")
    both = {VIPS["service"], READERS}
    assert both <= set(pair.addresses("nic-pgrex1-service"))
    _succeeds(pair, "down", "readers")
    assert both & set(pair.addresses("nic-pgrex1-service")) == {VIPS["service"]}
    _succeeds(pair, "down", "primary")


@ROOT
def test_check_finds_nothing_wrong(pair: Node) -> None:
    """Apart from the permissions, which nobody can try."""
    done = pair.vipswitch("check", "primary")
    lines = [line for line in done.stdout.splitlines() if any(f"{vip}: " in line for vip in VIPS)]
    wrong = [line for line in lines if not line.startswith("ok") and "permissions" not in line]
    assert (wrong, len(lines) > 8) == ([], True), done.stdout + done.stderr


@ROOT
def test_the_role_is_the_one_that_iam_prints(pair: Node) -> None:
    """For the subscription of nobody, which the set-up replaces."""
    printed = pair.vipswitch("iam", "primary")
    assert printed.returncode == 0, printed.stderr
    assert (FOLDER / "role.json").read_text() == printed.stdout.replace(SUBSCRIPTION, _NOBODY)


@ROOT
def test_what_the_set_up_gives_is_enough(pair: Node, set_up: SetUp) -> None:
    """Its role, at the scopes where it assigns it and nowhere else; and those are the ones that iam names."""
    scopes = [_option(call, "--scope") for call in set_up.given("role", "assignment", "create")]
    advised = re.findall(r"--scope (\S+)", pair.vipswitch("iam", "primary").stderr)
    assert {scope.lower() for scope in scopes} == {scope.lower() for scope in advised}
    pair.forget()
    try:
        pair.azure.roles.give(json.loads(set_up.role), client=pair.identity, scopes=scopes)
        for command in ("up", "status", "down"):
            _succeeds(pair, command)
    finally:
        pair.azure.roles.clear()


def test_the_set_up_names_what_the_config_names(example: Config, set_up: SetUp) -> None:
    """The network interfaces of both nodes, none of which forwards, all tagged; an identity for each."""
    ids = {id for known in example.nodes.values() for id in known.ids}
    updated = set_up.given("network", "nic", "update")
    assert {f"{_option(c, '--resource-group')}/{_option(c, '--name')}" for c in updated} == ids
    assert {_option(call, "--ip-forwarding") for call in updated} == {"false"}
    tagged = [_option(call, "--resource-id") for call in set_up.given("tag", "update")]
    assert {f"rg-pgrex/{id.rpartition(f'{INTERFACES}/')[2]}" for id in tagged} == ids
    assigned = set_up.given("role", "assignment", "create")
    whom = {_option(call, "--assignee-object-id") for call in assigned}
    assert whom == {f"identity-of-{machine}" for machine in PAIR.machines}
    assert len(assigned) == 2 * len({_option(call, "--scope") for call in assigned})


def _option(call: Sequence[str], name: str) -> str:
    return call[call.index(name) + 1]


def _succeeds(pair: Node, command: str, vip: str = "primary") -> str:
    done = pair.vipswitch(command, vip)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
