"""The examples for Patroni, read as they stand; tests/e2e/patroni and tests/e2e/haproxy run them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vipswitch import configfile
from vipswitch.config import Config
from vipswitch.preflight import keepalived, patroni
from vipswitch.provider import Finding, Level

EXAMPLES = Path(__file__).parents[2] / "examples"
CALLBACKS = EXAMPLES / "patroni"
PROXIES = EXAMPLES / "haproxy-keepalived-patroni"
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
SAME = ("etcd.conf", "patroni_env.conf")


def config(folder: Path, copies: Path) -> Config:
    """The example's config."""
    copy = copies / "vipswitch.toml"
    copy.write_text((folder / "vipswitch.toml").read_text())
    return configfile.read(copy)


def errors(findings: Iterator[Finding]) -> list[str]:
    """What the preflight would not let pass."""
    return [f"{found.subject}: {found.message}" for found in findings if found.level is Level.ERROR]


@pytest.mark.parametrize("folder", [CALLBACKS, PROXIES], ids=lambda folder: folder.name)
def test_every_file_is_in_the_readme(folder: Path) -> None:
    """With what it is and where it goes."""
    readme = (folder / "README.md").read_text()
    assert [path.name for path in folder.iterdir() if f"]({path.name})" not in readme] == ["README.md"]


def test_each_callback_moves_the_vip_of_the_config(tmp_path: Path) -> None:
    """All four are there, and the config knows whom they name."""
    found, yml = config(CALLBACKS, tmp_path), patroni.read_yml(CALLBACKS / "patroni.yml")
    assert errors(patroni.look_at_patroni(yml, found, lambda program, by_root: "")) == []
    assert {callback.action for callback in yml.callbacks} >= set(patroni.NEEDED)
    assert {vip.vip.name for vip in patroni.vips_in(yml, found)} == {"primary"}


def test_members_and_nodes_are_the_same(tmp_path: Path) -> None:
    """The agent's authority compares the addresses of both."""
    hosts = [node.host for node in config(CALLBACKS, tmp_path).nodes.values()]
    members = (CALLBACKS / "patroni.yml").read_text()
    assert [host for host in hosts if f"{host}:2379" not in members] == []
    assert len(hosts) == 3


def test_the_databases_behind_the_proxies_are_those_of_the_other_example() -> None:
    """But for the callbacks, since the VIP is not theirs."""
    for name in SAME:
        assert (PROXIES / name).read_text() == (CALLBACKS / name).read_text()
    behind = patroni.read_yml(PROXIES / "patroni.yml")
    assert not behind.callbacks


def test_keepalived_moves_the_vip_of_the_proxies(tmp_path: Path) -> None:
    """By a hook for all its states."""
    conf = keepalived.read_conf(PROXIES / "keepalived.conf")
    found = errors(keepalived.look_at_keepalived(conf, config(PROXIES, tmp_path)))
    assert [each for each in found if "is missing" not in each] == []


@pytest.mark.skipif(HAPROXY is None, reason="needs haproxy (make e2e-deps)")
def test_haproxy_takes_its_config() -> None:
    """Without a warning."""
    assert HAPROXY is not None
    checked = subprocess.run(
        [HAPROXY, "-c", "-f", str(PROXIES / "haproxy.cfg")], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
