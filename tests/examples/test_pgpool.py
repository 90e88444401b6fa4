"""The Pgpool-II examples: read by the preflight and by the real Pgpool-II, and every command line run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples.cloud import VIP, Node, node
from tests.examples.fragments import FOLDER, FRAGMENTS, WITHOUT_CONFIG, Fragment, as_installed
from vipswitch import config, configfile
from vipswitch.config import Config
from vipswitch.host.address import commands
from vipswitch.host.privilege import sudoers_line
from vipswitch.preflight.pgpool import look_at_pgpool
from vipswitch.preflight.pgpool_calls import Surroundings
from vipswitch.provider import Level

EACH = pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda fragment: fragment.name)
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes a network namespace")


@pytest.fixture
def example(tmp_path: Path) -> Config:
    """The example's config, as if it lay where it belongs."""
    copy = tmp_path / "vipswitch.toml"
    copy.write_text((FOLDER / "vipswitch.toml").read_text())
    return replace(configfile.read(copy), path=config.DEFAULT_PATH)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node on a local AWS whose config is the example's."""
    folder = tmp_path_factory.mktemp("node")
    with node(folder) as started:
        text = started.here((FOLDER / "vipswitch.toml").read_text())
        (folder / "vipswitch.toml").write_text(text)
        yield started


def test_every_file_is_checked() -> None:
    """A new example gets its test."""
    known = {f.name for f in FRAGMENTS} | {"README.md", "vipswitch.toml", "sudoers", "tmpfiles.conf"}
    assert {path.name for path in FOLDER.iterdir()} == known
    assert set(re.findall(r"\]\(([^)]+)\)", (FOLDER / "README.md").read_text())) == known - {"README.md"}


@EACH
def test_the_preflight_finds_nothing_wrong(fragment: Fragment, example: Config) -> None:
    """With the example's config, or none where it needs none, and its programs installed."""
    found = Config() if fragment.name in WITHOUT_CONFIG else example
    around = Surroundings(fragment.version, found, lambda program, as_root: "")
    findings = list(look_at_pgpool(fragment.conf(), around))
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert len(findings) >= 2


@EACH
def test_the_real_pgpool_reads_it(fragment: Fragment, tmp_path: Path) -> None:
    """It ends before it starts anything, at a pid file that it cannot open; not at a syntax error."""
    pgpool = shutil.which("pgpool", path="/usr/sbin:/usr/bin")
    if pgpool is None:
        pytest.skip("needs pgpool2")
    for name in ("pcp.conf", "pool_hba.conf"):
        (tmp_path / name).touch()
    (tmp_path / "pgpool_node_id").write_text("0\n")
    lines = [f"include = '{FOLDER / fragment.name}'", "pid_file_name = '/nonexistent/pgpool.pid'", ""]
    (tmp_path / "pgpool.conf").write_text("\n".join(lines))
    files = [f"--{kind}={tmp_path / name}" for kind, name in _FILES.items()]
    done = subprocess.run([pgpool, "-n", *files], capture_output=True, text=True, timeout=20, check=False)
    assert "could not open pid file" in done.stderr, done.stderr


_FILES = {"config-file": "pgpool.conf", "pcp-file": "pcp.conf", "hba-file": "pool_hba.conf"}


@ROOT
@EACH
def test_every_command_line_does_its_work(fragment: Fragment, aws: Node) -> None:
    """On a real interface and a local AWS: up takes both tables and the address, down leaves the routes."""
    me = aws.topology.nodes[0].interface_id
    up, *between, down = [[aws.here(word) for word in words] for words in _in_order(fragment)]
    _succeeds(aws, up)
    assert (aws.holders(), aws.has_address()) == ([me, me], True)
    for command in between:
        _succeeds(aws, command)
    _succeeds(aws, down)
    assert (aws.holders(), aws.has_address()) == ([me, me], False)


def _in_order(fragment: Fragment) -> list[list[str]]:
    """Up, announce, down."""
    return [words for _, words in sorted(fragment.commands().items(), key=lambda item: "down" in str(item))]


def _succeeds(aws: Node, words: list[str]) -> None:
    done = aws.run(words)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "fragment",
    [fragment for fragment in FRAGMENTS if fragment.name not in WITHOUT_CONFIG],
    ids=lambda fragment: fragment.name,
)
def test_every_line_for_the_config_also_moves_a_vip_without_a_cloud(
    fragment: Fragment, tmp_path: Path
) -> None:
    """The same lines and another provider in the config: nothing in them is AWS's."""
    place = tmp_path / "vip.json"
    text = f'[vip.primary]\naddress = "{VIP}"\nprovider = "file"\npath = "{place}"\nnode = "a"\n'
    (tmp_path / "vipswitch.toml").write_text(text)
    environment = {
        "VIPSWITCH_CONFIG": str(tmp_path / "vipswitch.toml"),
        "VIPSWITCH_RUN_DIR": str(tmp_path / "r"),
    }
    holders = []
    for words in _in_order(fragment):
        done = subprocess.run(
            [as_installed(word) for word in words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        holders.append(re.search(r'"holder": ("a"|null)', place.read_text()))
    assert [holder[1] for holder in holders if holder] == ['"a"'] * (len(holders) - 1) + ["null"]


def test_the_config_has_the_vip(example: Config) -> None:
    """As the hooks will read it."""
    (vip,) = example.all()
    assert [str(address) for address in vip.vip.addresses] == [VIP]
    assert (vip.provider, vip.interface) == ("aws-route-table", "ens5")


def test_the_sudoers_line_is_the_one_that_vipswitch_asks_for(example: Config) -> None:
    """To the letter; sudo compares the words."""
    (vip,) = example.all()
    (address,) = vip.vip.addresses
    wanted = sudoers_line([("/usr/sbin/ip", *command) for command in commands(address, vip.interface or "")])
    line = (FOLDER / "sudoers").read_text().splitlines()[-1]
    assert line.split(" ", 1) == ["postgres", wanted.split(" ", 1)[1]]
    if shutil.which("visudo") is not None:
        subprocess.run(["visudo", "-cqf", FOLDER / "sudoers"], check=True)


@ROOT
def test_systemd_makes_the_run_folder_from_the_example(tmp_path: Path) -> None:
    """For the user and group postgres, closed to others."""
    if shutil.which("systemd-tmpfiles") is None or subprocess.run(["id", "postgres"], check=False).returncode:
        pytest.skip("needs systemd-tmpfiles and a user postgres")
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group"):
        shutil.copy(f"/etc/{name}", tmp_path / "etc" / name)
    command = ["systemd-tmpfiles", "--create", f"--root={tmp_path}", str(FOLDER / "tmpfiles.conf")]
    subprocess.run(command, check=True)
    made = tmp_path / "run/vipswitch"
    assert (made.stat().st_mode & 0o7777, made.owner(), made.group()) == (0o770, "postgres", "postgres")
